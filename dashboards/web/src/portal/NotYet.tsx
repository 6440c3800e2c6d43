import type { PassView } from '../../../api/index.ts';
import { When } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { findingText, reasonText } from '../words/said.ts';
import { statusText } from '../words/status.ts';
import css from './Portal.module.css';
import { Printed } from './Printed.tsx';

const SHOWN = 12;

/** The first thing to know: these stay here, why, and who decides. As it was shown when they came through. */
export function NotYet({ pass }: { pass: PassView }) {
  const zone = useZone();
  const { blocked, clearance } = pass;
  const findings =
    clearance?.findings ??
    [...Map.groupBy(blocked, ({ status }) => status)].map(([status, some]) => ({
      ...{ finding: statusText(status), reason: `it is ${statusText(status)}`, stops: true, count: some.length },
      epcs: some.map(({ epc }) => epc),
    }));
  if (findings.length === 0) return null;
  const isStopped = findings.some(({ stops }) => stops);
  return (
    <section className={`panel ${isStopped ? css.blocked : css.warned}`} aria-labelledby="not-yet">
      <h2 id="not-yet">{isStopped ? say('portal.mustNotMoveOnYet') : say('portal.mayMoveOnWithA')}</h2>
      <p>{isStopped ? say('portal.keepTheseHereAndCall') : say('portal.tellQualityAboutThese')}</p>
      {findings.map(({ finding, count: number, epcs, ...why }) => (
        <div key={`${finding} ${why.reason}`} className={css.stopped}>
          <h3>
            {findingText(finding)} <span className="figure">{count(number)}</span>
          </h3>
          <p className="muted">{reasonText(why, zone)}</p>
          <ul>
            {epcs.slice(0, SHOWN).map((epc) => (
              <li key={epc}>
                <Printed epc={epc} />
              </li>
            ))}
            {number > SHOWN ? (
              <li className="muted">{say('portal.andMore', { count: count(number - SHOWN) })}</li>
            ) : null}
          </ul>
        </div>
      ))}
      {clearance === null ? null : (
        <p className="muted">
          <Say text="portal.asShownAtTheDoor" values={{ when: <When at={clearance.at} /> }} />
        </p>
      )}
    </section>
  );
}
