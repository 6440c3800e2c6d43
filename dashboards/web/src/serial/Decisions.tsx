import { Link } from 'react-router';
import type { SerialView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { decidedText } from '../case/case-words.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';

/** What people decided of a serial over its life, the latest first. */
export function Decisions({ serial: { dispositions } }: { serial: SerialView }) {
  if (dispositions.length === 0) return null;
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
    </section>
  );
}
