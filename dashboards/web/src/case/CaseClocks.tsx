import type { CaseView } from '../../../api/case.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { span } from '../words/when.ts';
import css from './case.module.css';
import { clockState } from './case-words.ts';

type CaseClock = CaseView['clocks'][number];

/** How much time is left, or by how much it is over. */
export function Clock({ clock, now }: { clock: CaseClock; now: number }) {
  const state = clockState(clock, now);
  const apart = span(Math.abs(Date.parse(clock.due) - now));
  return (
    <span className={css.clock} data-state={state} title={clock.name}>
      {state === 'kept' || state === 'missed' ? say(`case.clock.${state}`) : null}
      {state === 'running' ? say('case.clock.due', { span: apart }) : null}
      {state === 'over' ? say('case.clock.over', { span: apart }) : null}
    </span>
  );
}

/** The site's own target and the legal ones, each with its clause. */
export function CaseClocks({ clocks, now }: { clocks: readonly CaseClock[]; now: number }) {
  if (clocks.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="clocks">
      <h2 id="clocks">{say('case.clocks')}</h2>
      <ul className={css.entries}>
        {clocks.map((clock) => (
          <li key={clock.id} className={css.entry}>
            <b>{clock.name}</b> <Clock clock={clock} now={now} />
            <div className="muted">
              <WhenExact at={clock.due} /> · {clock.source ?? say('case.target')}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
