import { Link } from 'react-router';
import type { SerialView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { decidedText } from '../case/case-words.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';

/** What people decided of a serial over its life, the latest first. */
export function Decisions({ serial: { dispositions, evidence } }: { serial: SerialView }) {
  if (dispositions.length + evidence.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="decisions">
      <h2 id="decisions">{say('serial.decisions')}</h2>
      <ol className="history">
        {dispositions.map(({ case: id, number, disposition, reason, at, inForceSince, isSuperseded, signatures }) => (
          <li key={`${id} ${number}`} className={isSuperseded ? 'muted' : undefined}>
            <b>{decidedText(disposition)}</b>{' '}
            <Link to={`/cases/${segment(id)}`}>{say('serial.inCase', { id, number })}</Link>
            {isSuperseded ? ` · ${say('serial.superseded')}` : null}
            {inForceSince === null ? ` · ${say('serial.secondAwaited')}` : null}
            <p>{reason}</p>
            <p className="muted">
              {say('serial.signedBy', { names: signatures.map(({ name, role }) => `${name} (${role})`).join(', ') })}{' '}
              <WhenExact at={at} />
            </p>
          </li>
        ))}
      </ol>
      {evidence.length === 0 ? null : <Evidence evidence={evidence} />}
    </section>
  );
}

/** What was measured around it counts otherwise than it was measured, or another logger counts in its place. */
function Evidence({ evidence }: { evidence: SerialView['evidence'] }) {
  return (
    <>
      <h3>{say('serial.evidence')}</h3>
      <ul className="history">
        {evidence.map(({ case: id, number, step, device, instead, from, to, reason, who }) => (
          <li key={`${id} ${number}`}>
            <b>
              {instead === null
                ? say(`serial.evidence.${KEYS[step]}`, { device })
                : say('serial.evidence.instead', { device, instead })}
            </b>{' '}
            <Link to={`/cases/${segment(id)}`}>{say('serial.inCaseStep', { id, number })}</Link>
            <p>{reason}</p>
            <p className="muted">
              {say('serial.evidence.by', { who })} <WhenExact at={from} />
              {to === null ? say('serial.untilNow') : say('serial.to')}
              {to === null ? null : <WhenExact at={to} />}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

const KEYS = { excuse: 'excuse', exclude: 'exclude', 'declare broken': 'broken' } as const;
