import type { ShipmentDetail } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { local, span } from '../words/when.ts';
import css from './Stops.module.css';

const MINUTE_MS = 60_000;

/** Where a shipment stood and how long, as doors saw it, on each place's own clock; nothing where no door saw it. */
export function Stops({ stops }: Pick<ShipmentDetail, 'stops'>) {
  if (stops.length === 0) return null;
  return (
    <ol className={css.stops} aria-label={say('shipment.stops')}>
      {stops.map(({ place, from, to, minutes }) => (
        <li key={place.id}>
          <b>{place.name}</b>{' '}
          <span className="muted">
            {[
              from === null ? null : say('shipment.stops.from', { at: local(Date.parse(from), place.zone) }),
              to === null ? null : say('shipment.stops.to', { at: local(Date.parse(to), place.zone) }),
              minutes === null ? null : say('shipment.stops.stood', { span: span(minutes * MINUTE_MS) }),
            ]
              .filter((part) => part !== null)
              .join(', ')}
          </span>
        </li>
      ))}
    </ol>
  );
}
