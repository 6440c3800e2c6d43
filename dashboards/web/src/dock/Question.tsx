import css from './dock.module.css';
import { useWords } from './language.tsx';
import { withTimes } from './told-times.ts';
import type { Actions } from './useActions.ts';

/** What was done while the network was away and does not fit any more: the person decides again. */
export function Question({ actions, zone, offset }: { actions: Actions; zone: string | null; offset: number }) {
  const { say, clock } = useWords();
  const [question, ...more] = actions.questions;
  if (question === undefined) return null;
  const { what, who, doneAt, decidedAt, refusal } = question;
  const time = clock(decidedAt ?? doneAt + offset, zone);
  const reason = withTimes(refusal ?? '', (at) => clock(at, zone));
  return (
    <section className={`${css.sheet} ${css.question}`} role="alertdialog" aria-labelledby="question">
      <h2 id="question">{say('question.title')}</h2>
      <p>{say('question.text', { what, who, time, reason })}</p>
      <p>{say('question.hint')}</p>
      {more.length === 0 ? null : <p>{say('question.more', { count: more.length })}</p>}
      <div className={css.actions}>
        <button type="button" className={`${css.button} ${css.main}`} onClick={() => actions.answered(question.id)}>
          {say('do.keep')}
        </button>
      </div>
    </section>
  );
}
