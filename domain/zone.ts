import { InputError } from './errors.ts';

/**
 * A zone as it was asked for: an IANA time zone, `UTC`, or a fixed offset. Abbreviations are refused: `EST` is a fixed
 * offset in the tz database and half the year's time to whoever writes it.
 */
export interface Zone {
  readonly name: string;
  /** Minutes east of UTC at a moment, epoch ms UTC. */
  readonly offsetAt: (at: number) => number;
}

const FIXED = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?$/;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const QUARTERS_A_DAY = DAY_MS / QUARTER_MS;

/** What Windows calls zones, of those that loggers are read in most (Unicode CLDR, windowsZones). */
const WINDOWS_ZONES: Readonly<Record<string, string>> = {
  'W. Europe Standard Time': 'Europe/Berlin',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Romance Standard Time': 'Europe/Paris',
  'GMT Standard Time': 'Europe/London',
  'E. Europe Standard Time': 'Europe/Chisinau',
  'FLE Standard Time': 'Europe/Kyiv',
  'Eastern Standard Time': 'America/New_York',
  'Central Standard Time': 'America/Chicago',
  'Mountain Standard Time': 'America/Denver',
  'Pacific Standard Time': 'America/Los_Angeles',
  'India Standard Time': 'Asia/Kolkata',
  'China Standard Time': 'Asia/Shanghai',
};

/** @throws {InputError} LOGGER_FILE_ZONE_MISSING, LOGGER_FILE_ZONE_UNKNOWN */
export function zoneNamed(given: string | null | undefined): Zone {
  const name = given?.trim() ?? '';
  if (name === '') {
    throw new InputError(
      'LOGGER_FILE_ZONE_MISSING',
      'zone: missing; give the time zone that the clock of the logger, or of the program that wrote the file, was set to, such as Europe/Berlin or UTC',
    );
  }
  if (/^(?:UTC|GMT|Z|Etc\/UTC)$/i.test(name)) return { name: 'UTC', offsetAt: () => 0 };
  const [, sign, hours, minutes = '00'] = FIXED.exec(name) ?? [];
  if (hours !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
    if (Math.abs(offset) > 14 * 60 || Number(minutes) > 59) throw unknown(name);
    return { name, offsetAt: () => offset };
  }
  if (!/^[A-Za-z]+\/[A-Za-z0-9_+\-/]+$/.test(name)) throw unknown(name);
  return ianaZone(name);
}

function unknown(name: string): InputError {
  const meant = WINDOWS_ZONES[name];
  const hint = meant === undefined ? '' : `; where Windows says so, it is mostly ${meant}`;
  return new InputError(
    'LOGGER_FILE_ZONE_UNKNOWN',
    `zone: given "${name.slice(0, 60)}", allowed: an IANA time zone such as Europe/Berlin, UTC, or an offset such as +01:00${hint}`,
  );
}

function ianaZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: name, hourCycle: 'h23', calendar: 'gregory', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    throw unknown(name);
  }
  const computed = (moment: number): number => {
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const civil = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return Math.round((civil - moment) / MINUTE_MS);
  };
  // Clocks change on the quarter hour at most, and not twice within a day.
  const quarters = cached((quarter) => computed(quarter * QUARTER_MS));
  const days = cached((day) => quarters(day * QUARTERS_A_DAY));
  const offsetAt = (at: number): number => {
    const day = Math.floor(at / DAY_MS);
    const offset = days(day);
    return offset === days(day + 1) ? offset : quarters(Math.floor(at / QUARTER_MS));
  };
  return { name, offsetAt };
}

function cached(compute: (key: number) => number): (key: number) => number {
  const known = new Map<number, number>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}

/**
 * The moments at which clocks of a zone show a civil time: one; two where it occurs twice, the earlier first; none where
 * the clocks skipped it.
 *
 * @param civil civil time as if it were UTC, epoch ms
 */
export function momentsOf(civil: number, zone: Zone): number[] {
  const offsets = new Set([zone.offsetAt(civil - 26 * HOUR_MS), zone.offsetAt(civil + 26 * HOUR_MS)]);
  const moments = [...offsets].map((offset) => civil - offset * MINUTE_MS);
  return moments.filter((moment) => moment + zone.offsetAt(moment) * MINUTE_MS === civil).sort((a, b) => a - b);
}
