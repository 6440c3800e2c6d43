/** What a time in a file looks like, for messages. */
export const INSTANT_FORM = 'RFC 3339 with a zone (2026-11-22T10:00:00Z) or epoch milliseconds';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
const EPOCH_MS = /^-?\d+(?:\.\d+)?$/;
/** ECMA-262, 21.4.1.1: the greatest time a Date can show. */
const GREATEST_MS = 8.64e15;

/**
 * A time as it is written in CSV and rule files, floored to the millisecond.
 *
 * @returns epoch ms UTC, or null where the text is no time that a calendar has
 */
export function parseInstant(text: string): number | null {
  if (EPOCH_MS.test(text)) {
    const ms = Math.floor(Number(text));
    return Math.abs(ms) <= GREATEST_MS ? ms + 0 : null;
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

/** `2026-11-22T10:00:00.000Z`. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function offsetMs(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
