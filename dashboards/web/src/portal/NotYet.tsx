import type { PassView } from '../../../api/index.ts';
import { When } from '../parts/When.tsx';
import { count } from '../words/figures.ts';
import { withPrinted } from '../words/printed.ts';
import { statusText } from '../words/status.ts';
import { reasonText } from '../words/verification.ts';
import css from './Portal.module.css';
import { Printed } from './Printed.tsx';

const SHOWN = 12;

/** The first thing to know: these stay here, why, and who decides. As it was shown when they came through. */
export function NotYet({ pass }: { pass: PassView }) {
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
      <h2 id="not-yet">{isStopped ? 'Must not move on yet' : 'May move on, with a warning'}</h2>
      <p>{isStopped ? 'Keep these here and call quality, who decide.' : 'Tell quality about these.'}</p>
      {findings.map(({ finding, reason, count: number, epcs }) => (
        <div key={`${finding} ${reason}`} className={css.stopped}>
          <h3>
            {finding} <span className="figure">{count(number)}</span>
          </h3>
          <p className="muted">{withPrinted(reasonText(reason))}</p>
          <ul>
            {epcs.slice(0, SHOWN).map((epc) => (
              <li key={epc}>
                <Printed epc={epc} />
              </li>
            ))}
            {number > SHOWN ? <li className="muted">and {count(number - SHOWN)} more</li> : null}
          </ul>
        </div>
      ))}
      {clearance === null ? null : (
        <p className="muted">
          As shown at the door <When at={clearance.at} />. What is known now stands with each serial.
        </p>
      )}
    </section>
  );
}
