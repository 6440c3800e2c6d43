import { Link } from 'react-router';
import type { VerificationView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { findingText, reasonText } from '../words/said.ts';
import { answerOf, stoppingFirst } from '../words/verification.ts';
import css from './VerificationAnswer.module.css';

/** One pack's answer, to be read from an arm's length. */
export function VerificationAnswer({ verification }: { verification: VerificationView }) {
  const zone = useZone();
  const { request, findings, epc } = verification;
  const { state, title, hint } = answerOf(verification);
  return (
    <section
      className={`panel ${css.verified} ${css[`verified-${state}`]}`}
      aria-live="assertive"
      aria-label={say('verify.answer')}
    >
      <h2>
        <ConditionMark state={state} size={44} label={null} />
        {title}
      </h2>
      <p>{hint}</p>
      <ul className={css.verifiedReasons}>
        {stoppingFirst(findings).map((one) => (
          <li key={one.finding}>
            <b>{findingText(one.finding)}</b> {reasonText(one, zone)}
          </li>
        ))}
      </ul>
      <dl className={css.verifiedPack}>
        <Said name={say('verify.gtin')} value={request.gtin} />
        <div>
          <dt>{say('verify.serial')}</dt>
          <dd className="figure">
            {epc === null ? request.serial : <Link to={`/serials/${encodeURIComponent(epc)}`}>{request.serial}</Link>}
          </dd>
        </div>
        <Said name={say('verify.lot')} value={request.lot ?? say('verify.notGiven')} />
        <Said name={say('verify.expires')} value={request.expiry ?? say('verify.notGiven')} />
      </dl>
    </section>
  );
}

function Said({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figure">{value}</dd>
    </div>
  );
}
