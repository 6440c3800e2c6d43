import { ago, clock, full, utc } from '../words/when.ts';
import { useZone } from './Zone.tsx';

/** A moment by the clock of the view, or how long ago; the full local time and UTC on hover. */
export function When({ at, now }: { at: string; now?: number }) {
  const zone = useZone();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={`${full(ms, zone)} · ${utc(ms, zone)}`}>
      {now === undefined ? clock(ms, zone) : ago(ms, now)}
    </time>
  );
}

/** Local time with UTC beside it, for records. */
export function WhenExact({ at }: { at: string }) {
  const zone = useZone();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={full(ms, zone)} className="when-exact">
      {clock(ms, zone)} {zone === 'UTC' ? null : <span className="muted">({utc(ms, zone)})</span>}
    </time>
  );
}
