import type { RoutingView } from '../../../api/index.ts';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './routing.module.css';

/** Who is on call now, and who comes next. */
export function OnCallNow({ routing: { schedules } }: { routing: RoutingView }) {
  if (schedules.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="on-call">
      <h2 id="on-call">{say('routing.onCall')}</h2>
      <div className={css.schedules}>
        {schedules.map(({ id, zone, shifts }) => {
          const [now, ...next] = shifts;
          return (
            <div key={id} className="panel section">
              <h3>
                {id} <span className="muted">{zone}</span>
              </h3>
              {now === undefined ? null : (
                <p className={now.people.length === 0 ? 'ink-warning' : 'strong'}>
                  <Say text="routing.onCall.until" values={{ who: whoOf(now), when: <When at={now.to} /> }} />
                </p>
              )}
              {next.length === 0 ? (
                <p className="muted">{say('routing.onCall.same')}</p>
              ) : (
                <details>
                  <summary>{say('routing.onCall.next')}</summary>
                  <ol className={css.shifts}>
                    {next.map((shift) => (
                      <li key={shift.from}>
                        <span>{whoOf(shift)}</span> <When at={shift.from} />
                      </li>
                    ))}
                  </ol>
                </details>
              )}
            </div>
          );
        })}
      </div>
    </section>
  );
}

function whoOf({ people, why }: RoutingView['schedules'][number]['shifts'][number]): string {
  if (people.length === 0) return why === 'off hours' ? say('routing.nobody.offHours') : say('routing.nobody');
  const names = people.join(', ');
  if (why === 'instead') return say('routing.who.instead', { names });
  return why === 'holiday' ? say('routing.who.holiday', { names }) : names;
}
