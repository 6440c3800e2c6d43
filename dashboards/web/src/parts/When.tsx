import { ago, clock, full, utc } from '../words/when.ts';

/** A moment on the clock of the place it happened at; the full local time and UTC on hover. */
export function When({ at, zone, now }: { at: string; zone?: string | null; now?: number }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={`${full(ms, zone)} · ${utc(ms, zone)}`}>
      {now === undefined ? clock(ms, zone) : ago(ms, now)}
    </time>
  );
}

/** Local time with UTC beside it, for records. */
export function WhenExact({ at, zone }: { at: string; zone?: string | null | undefined }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={full(ms, zone)} className="when-exact">
      {clock(ms, zone)} <span className="muted">({utc(ms, zone)})</span>
    </time>
  );
}
