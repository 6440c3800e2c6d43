import type { CaseView } from '../../../api/case.ts';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './case.module.css';
import { StepButton } from './StepForm.tsx';

/** What people said of the evidence, each signed; undone only by another one. */
export function CaseSteps({ one }: { one: CaseView }) {
  const { steps } = one;
  const mayDecide = useMay('case.decide');
  if (steps.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="steps">
      <h2 id="steps">{say('case.steps')}</h2>
      <ol className={css.entries}>
        {steps.map(({ number, step, detail, reason, signature, undoneBy, undoes }) => (
          <li key={number} className={css.entry}>
            <b>
              {number}. {say(`case.step.${step}`)}
            </b>{' '}
            {undoneBy === null ? null : <span className="tag">{say('case.step.undone', { step: undoneBy })}</span>}
            {undoes === null ? null : <span className="tag">{say('case.step.undoes', { step: undoes })}</span>}
            <div className="muted">
              {Object.entries(detail)
                .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
                .map(([name, value]) => `${name} ${String(value)}`)
                .join(', ')}
            </div>
            <p>{reason}</p>
            <div className={css.signatures}>
              <Say
                text="case.signature"
                values={{
                  name: <b>{signature.name}</b>,
                  role: signature.role,
                  time: <WhenExact at={signature.at} />,
                }}
              />
              <div className="muted">{say('case.signature.meaning', { meaning: signature.meaning })}</div>
            </div>
            {mayDecide && undoneBy === null && undoes === null && one.state !== 'closed' ? (
              <StepButton
                one={one}
                wish={{ undo: number }}
                title={say('case.step.undo.of', { step: number })}
                label={say('case.step.undo')}
              />
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
