import { NotJson } from '../codecs/payloads/index.ts';

/** What says nothing about the values beside it. Folded: lower case, letters and digits only. */
const HARMLESS: ReadonlySet<string> = new Set(
  `rssi snr lqi linkquality signal signalstrength wifi ssid bssid mac ip voltage vcc vbat batteryvoltage batterymv batv
  firmware fw fwversion version hw hardware model manufacturer vendor product seq seqno sequence counter frame fcnt
  msgid messageid packetid nonce heap freeheap heapfree id device deviceid deviceeui deveui
  name label host hostname serial serialnumber sn gateway gatewayid site location power powersource charging update
  updateavailable contenttype message`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

/** Words that have `age` in them and do not speak of it. */
const NO_AGE =
  /voltage|message|average|percentage|usage|storage|package|image|stage|damage|leakage|coverage|language|page|manage|agent/g;
const SPEAKS_OF =
  /time|date|clock|stamp|epoch|age|offset|elapsed|delay|ago$|^lag$|unit|scale|probe|channel|sensor|quality|valid|status|error|^zone$|^tz$/;

const DAY_MS = 86_400_000;
const YEARS_MS = 10 * 366 * DAY_MS;
/** Parts of a value that are looked at: beyond, it is no side remark of a sensor's. */
const MOST_PARTS = 64;

/** Nothing; the field alone cannot be taken; or what stands beside it may mean something else than it seems. */
export type FieldMeaning = 'harmless' | 'unknown' | 'changes';

/**
 * What a field that is not understood does to the reading it stands in. One that speaks of time, date, clock, stamp,
 * epoch, age, offset, elapsed, delay, ago, lag, unit, scale, probe, channel, sensor, quality, valid, status or error, or whose value reads as a
 * time of the last ten years, can change what the others mean: yesterday's reading under `timestamp` is none of now.
 */
export function meaningOf(name: string, value: unknown, arrival: number): FieldMeaning {
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (HARMLESS.has(folded) || folded.startsWith('uptime')) return 'harmless';
  if (speaks(folded) || hasTimeIn(value, arrival)) return 'changes';
  return 'unknown';
}

function speaks(folded: string): boolean {
  return SPEAKS_OF.test(folded.replace(NO_AGE, ''));
}

function hasTimeIn(value: unknown, arrival: number): boolean {
  if (typeof value !== 'object' || value === null) return readsAsTime(value, arrival);
  const parts: unknown[] = [value];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (i > MOST_PARTS) return true;
    if (readsAsTime(part, arrival)) return true;
    if (Array.isArray(part)) parts.push(...part.slice(0, MOST_PARTS + 1));
    else if (typeof part === 'object' && part !== null && !(part instanceof NotJson)) {
      for (const [name, inner] of Object.entries(part)) {
        if (speaks(name.toLowerCase().replace(/[^a-z0-9]/g, ''))) return true;
        parts.push(inner);
      }
    }
  }
  return false;
}

/** Epoch seconds, milli-, micro- or nanoseconds, `20261122100000`, or a written date, of the last ten years. */
export function readsAsTime(value: unknown, arrival: number): boolean {
  // The smallest is a date of eight digits.
  if (typeof value === 'number') {
    return value >= 1e7 && (isEpoch(value, arrival) || isDigits(String(value), arrival));
  }
  const text = value instanceof NotJson ? value.text : value;
  if (typeof text !== 'string' || text.length > 64) return false;
  if (/^\s*\d{8,20}(\.\d+)?\s*$/.test(text)) return isEpoch(Number(text), arrival) || isDigits(text.trim(), arrival);
  const [, first = '', last = ''] =
    /(?:^|\D)(20\d\d)[-/. ]?(?:\d{1,2}|[A-Za-z]{3,9})[-/. ]?\d{1,2}(?:\D|$)|(?:^|\D)\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/., ]{1,2}(20\d\d)(?:\D|$)/.exec(
      text,
    ) ?? [];
  const year = Number(first || last);
  return year > 0 && isRecent(Date.UTC(year, 11, 31), arrival + 366 * DAY_MS);
}

function isEpoch(value: number, arrival: number): boolean {
  return [1_000, 1, 0.001, 0.000_001].some((scale) => isRecent(value * scale, arrival));
}

/** `YYYYMMDD`, with or without `HHMM` and seconds behind it. */
function isDigits(text: string, arrival: number): boolean {
  const [, year, month, day] = /^(20\d\d)(\d\d)(\d\d)(?:\d{4}|\d{6})?$/.exec(text) ?? [];
  if (year === undefined || !(Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31)) {
    return false;
  }
  return isRecent(Date.UTC(Number(year), Number(month) - 1, Number(day)), arrival);
}

function isRecent(ms: number, arrival: number): boolean {
  return ms > arrival - YEARS_MS && ms < arrival + DAY_MS;
}
