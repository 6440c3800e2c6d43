/*
 * Dates and times as they are written. `Date.parse` alone takes too much: in V8 `2024-02-31T10:00:00Z` is the second of
 * March, and `2024` is a time. What no calendar has is nobody's meaning, and must not be acted on.
 */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
/** RFC 3339, section 5.6, with the zone needed; the seconds may be left out, as systems in the field do. */
const TIME =
  /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a day that the Gregorian calendar has, as `2024-02-29`. */
export function isCalendarDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? [];
  if (year === '') return false;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/**
 * A time with its zone, as RFC 3339 writes it, on a day that the calendar has.
 * @returns epoch ms UTC, floored; null where the text is no such time
 */
export function parseTimestamp(text: string): number | null {
  const date = TIME.exec(text)?.[1];
  if (date === undefined || !isCalendarDate(date)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
