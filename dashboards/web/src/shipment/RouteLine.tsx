import type { ShipmentView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { local } from '../words/when.ts';
import { Eta, isLikelyLate } from './Eta.tsx';
import css from './RouteLine.module.css';

/** From where to where, and how far along by the clock, reckoned to when it arrives; times on each end's own clock. */
export function RouteLine({ shipment, now }: { shipment: ShipmentView; now: number }) {
  const departs = Date.parse(shipment.departs);
  const arrives = shipment.arrives === null ? null : Date.parse(shipment.arrives);
  const done = progress(shipment, now);
  const { eta } = shipment;
  const isOverdue = shipment.state === 'in transit' && arrives !== null && now > arrives;
  const isLate = isOverdue || (eta !== null && isLikelyLate(eta));
  return (
    <div>
      <div className={css.routeNames}>
        <span>{shipment.origin.name}</span>
        <span className={css.routeTo}>{shipment.destination.name}</span>
      </div>
      <div
        className={`${css.routeBar} ${isLate ? css.routeLate : ''}`}
        role="progressbar"
        aria-label={say('shipment.fromTo', { name: shipment.origin.name, name2: shipment.destination.name })}
        aria-valuenow={Math.round(done * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span className={css.routeDone} style={{ width: `${done * 100}%` }} />
        <span className={css.routeHere} style={{ left: `${done * 100}%` }} />
      </div>
      <div className={`${css.routeNames} ${css.routeTimes} muted`}>
        <span>{local(departs, shipment.origin.zone)}</span>
        <span className={css.routeTo}>
          {arrives === null ? say('shipment.arrivalNotAnnounced') : local(arrives, shipment.destination.zone)}
        </span>
      </div>
      {eta === null ? null : <Eta shipment={shipment} eta={eta} />}
    </div>
  );
}

function progress(shipment: ShipmentView, now: number): number {
  if (shipment.state === 'received' || shipment.state === 'closed') return 1;
  if (shipment.state === 'created' || shipment.state === 'packed' || shipment.state === 'cancelled') return 0;
  const departs = Date.parse(shipment.departs);
  const expected = shipment.eta?.at ?? shipment.arrives;
  if (expected === null) return 0.5;
  const arrives = Date.parse(expected);
  if (arrives <= departs) return 0;
  return Math.min(0.97, Math.max(0, (now - departs) / (arrives - departs)));
}
