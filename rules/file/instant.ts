/** What a time in a file looks like, for messages. */
export const INSTANT_FORM = 'RFC 3339 with a zone (2026-11-22T10:00:00Z) or epoch milliseconds (before 2100)';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
const EPOCH = /^-?\d+(?:\.\d+)?$/;
/**
 * A number that gives a moment in these years as seconds, microseconds or nanoseconds is meant so: taken as milliseconds
 * it would be read as January 1970, or as a year far ahead, without a word.
 */
const FIRST_MS = Date.UTC(1990, 0, 1);
const END_MS = Date.UTC(2100, 0, 1);

/** What else a number may have been meant as: how many of its units are a millisecond. */
const OTHER_UNITS = [
  ['seconds', 0.001],
  ['microseconds', 1_000],
  ['nanoseconds', 1_000_000],
] as const;

/**
 * A time as it is written in CSV and rule files, floored to the millisecond.
 *
 * @returns epoch ms UTC, or null where the text is no time that a calendar has, or a number that is not in milliseconds
 */
export function parseInstant(text: string): number | null {
  const plain = utcInstant(text);
  if (plain !== null) return plain;
  if (EPOCH.test(text)) {
    const ms = Math.floor(Number(text));
    return Math.abs(ms) < END_MS && meantUnit(text) === null ? ms + 0 : null;
  }
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetMs(match[8] ?? 'Z');
  if (offset === null) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)));
  return date.getTime() - offset;
}

/** The unit other than milliseconds in which a number is a moment of these years; null for anything else. */
export function meantUnit(text: string): string | null {
  if (!EPOCH.test(text)) return null;
  const given = Math.abs(Number(text));
  return OTHER_UNITS.find(([, perMs]) => isPlausible(given / perMs))?.[0] ?? null;
}

/** `2026-11-22T10:00:00.000Z`. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

const DASH = 45;
const COLON = 58;
const DOT = 46;
const CAPITAL_T = 84;
const CAPITAL_Z = 90;
const ZERO = 48;
const NINE = 57;
const MINUTE_MS = 60_000;

/**
 * The form in which files nearly always give a time, `2026-11-22T10:00:00Z` or with three decimals, without an object
 * for each; null for every other, which {@link parseInstant} looks at.
 */
function utcInstant(text: string): number | null {
  const { length } = text;
  if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== CAPITAL_Z) return null;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(10) !== CAPITAL_T) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return null;
  if (length === 24 && text.charCodeAt(19) !== DOT) return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const ms = length === 24 ? digits(text, 20, 23) : 0;
  // NaN, which no comparison is true of, where a digit is something else.
  if (!(year >= 1_000 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return null;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && ms >= 0)) return null;
  return Date.UTC(year, month - 1, day) + (hour * 60 + minute) * MINUTE_MS + second * 1_000 + ms;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return Number.NaN;
    value = value * 10 + code - ZERO;
  }
  return value;
}

function isPlausible(ms: number): boolean {
  return ms >= FIRST_MS && ms < END_MS;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMs(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
