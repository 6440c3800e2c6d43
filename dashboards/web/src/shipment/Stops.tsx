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
      {stops.map(({ place, from, to, minutes, usual }) => (
        <li key={place.id}>
          <b>{place.name}</b>{' '}
          <span className="muted">
            {[
              from === null ? null : say('shipment.stops.from', { at: local(Date.parse(from), place.zone) }),
              to === null ? null : say('shipment.stops.to', { at: local(Date.parse(to), place.zone) }),
              minutes === null ? null : say('shipment.stops.stood', { span: span(minutes * MINUTE_MS) }),
              usual === null ? null : usualText(usual),
            ]
              .filter((part) => part !== null)
              .join(', ')}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Beside how long it stood: what the lane's past journeys did, or how few there were. */
function usualText({ journeys, minutes }: NonNullable<ShipmentDetail['stops'][number]['usual']>): string {
  if (minutes === null) return say('shipment.stops.few', { journeys });
  const { p10, median, p90 } = minutes;
  return say('shipment.stops.usual', {
    median: span(median * MINUTE_MS),
    from: span(p10 * MINUTE_MS),
    to: span(p90 * MINUTE_MS),
  });
}
