import { Link } from 'react-router';
import type { ShipmentView } from '../../../api/index.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './NextSteps.module.css';
import { type NextStep, nextSteps } from './next-steps.ts';

/** What is to be done about a shipment: in a row the first alone, elsewhere all. */
export function NextSteps({ shipment, isShort = false }: { shipment: ShipmentView; isShort?: boolean }) {
  const steps = nextSteps(shipment);
  if (steps.length === 0) return isShort ? <span className="muted">{say('board.next.none')}</span> : null;
  const [first] = steps;
  if (isShort && first !== undefined) {
    return (
      <span className={css.short}>
        <Step step={first} />
        {steps.length > 1 ? <span className="muted">{say('board.next.more', { count: steps.length - 1 })}</span> : null}
      </span>
    );
  }
  return (
    <ul className={css.steps}>
      {steps.map((step) => (
        <li key={step.text}>
          <Step step={step} />
        </li>
      ))}
    </ul>
  );
}

/** Who may not sees who may. */
function Step({ step: { text, to, permission, who, gravity } }: { step: NextStep }) {
  const may = useMay(permission);
  return (
    <span>
      <Link to={to} className={`${css.step} ink-${gravity}`} onClick={(event) => event.stopPropagation()}>
        {text}
      </Link>
      {may ? null : <span className={`muted ${css.who}`}>{who}</span>}
    </span>
  );
}
