import type { EtaView, ShipmentView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { weekday } from '../words/when.ts';
import css from './Eta.module.css';

/** From an even chance on a shipment counts as likely late. */
const LIKELY = 0.5;
const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;

/** When a shipment arrives against when it is to, and how sure that is; on the clock of where it goes. */
export function Eta({ shipment, eta }: { shipment: ShipmentView; eta: EtaView }) {
  const zone = shipment.destination.zone;
  const planned = shipment.arrives === null ? null : weekday(Date.parse(shipment.arrives), zone, true);
  const isLate = isLikelyLate(eta);
  if (eta.at === null || eta.from === null || eta.to === null) {
    return (
      <div className={`muted ${css.eta}`}>
        {eta.arrivedByNow > 0
          ? say('board.eta.longer', { arrivedByNow: eta.arrivedByNow, journeys: eta.journeys })
          : say('board.eta.tooFew', { journeys: eta.journeys })}
      </div>
    );
  }
  const at = weekday(Date.parse(eta.at), zone, planned === null);
  return (
    <div className={css.eta}>
      <b className={isLate ? 'ink-warning' : css.at}>
        {planned === null ? say('board.eta.notPlanned', { at }) : say('board.eta', { at, planned })}
      </b>
      <span className="muted">
        {isLate && eta.delayMinutes !== null
          ? `${say('board.eta.late', { delay: delayText(eta.delayMinutes) })}, `
          : null}
        {say('board.eta.spread', {
          from: weekday(Date.parse(eta.from), zone),
          to: weekday(Date.parse(eta.to), zone),
          journeys: eta.journeys,
        })}
      </span>
    </div>
  );
}

export function isLikelyLate({ lateShare, delayMinutes }: EtaView): boolean {
  return lateShare !== null && lateShare >= LIKELY && delayMinutes !== null && delayMinutes > 0;
}

/** `40 minutes`, `3 hours`, `2 days` */
function delayText(minutes: number): string {
  if (minutes < 2 * HOUR_MIN) return say('board.delay.minutes', { count: minutes });
  if (minutes < 2 * DAY_MIN) return say('board.delay.hours', { count: Math.round(minutes / HOUR_MIN) });
  return say('board.delay.days', { count: Math.round(minutes / DAY_MIN) });
}
