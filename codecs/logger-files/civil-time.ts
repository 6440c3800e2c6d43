import { type Cell, textOf } from './cell.ts';

/** In which order day, month and year are written where numbers alone do not tell. */
export const DATE_ORDERS = ['dmy', 'mdy', 'ymd'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** A time as it is written, the order of its date still open. */
export interface WrittenTime {
  /** The three numbers of the date as they stand; month names are numbers here. */
  readonly date: readonly [number, number, number];
  /** What the writing itself tells of their order; null: day first or month first. */
  readonly order: DateOrder | null;
  /** ms of the day; 24:00 is the end of it. */
  readonly ofDay: number;
  /** Minutes east of UTC where the time says so. */
  readonly offset: number | null;
  /** Hours 1 to 12 without AM or PM: half a day may be missing. */
  readonly hour: number;
  readonly hasMeridiem: boolean;
}

const MONTHS = [
  ['jan', 'january', 'januar', 'jän', 'jänner'],
  ['feb', 'february', 'februar'],
  ['mar', 'march', 'mär', 'mrz', 'märz', 'maerz'],
  ['apr', 'april'],
  ['may', 'mai'],
  ['jun', 'june', 'juni'],
  ['jul', 'july', 'juli'],
  ['aug', 'august'],
  ['sep', 'sept', 'september'],
  ['oct', 'okt', 'october', 'oktober'],
  ['nov', 'november'],
  ['dec', 'dez', 'december', 'dezember'],
];
const monthNumbers = new Map(MONTHS.flatMap((names, i) => names.map((name) => [name, i + 1] as const)));

const WEEKDAY = /^(?:[A-Za-z]{2,10}\.?,?\s+)(?=\d)/;
const NUMERIC_DATE = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?!\d)/;
const NAMED_DATE = /^(\d{1,4})[\s.-]{1,2}([A-Za-zÄÖÜäöü]{3,9})\.?[\s,.-]{1,2}(\d{1,4})(?!\d)/;
const MONTH_FIRST_DATE = /^([A-Za-zÄÖÜäöü]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(?!\d)/;
const CLOCK =
  /^(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp])?(?:\.?\s?[Mm]\.?)?(?:\s*Uhr)?\s*(Z|UTC|GMT)?\s*(?:([+-])(\d\d):?(\d\d))?$/;

/** A cell, or a date and a time in two, as a time; null where it is none. */
export function writtenTime(cell: Cell | undefined, clock?: Cell): WrittenTime | null {
  if (cell instanceof Date) return ofSpreadsheet(cell, clock);
  const text = textOf(cell).replace(WEEKDAY, '');
  const date = dateIn(text);
  if (date === null) return null;
  const rest = clock === undefined ? text.slice(date.length) : ` ${clockText(clock)}`;
  if (clock !== undefined && /\S/.test(text.slice(date.length)) && textOf(clock) !== '') return null;
  const at = clockIn(rest.replace(/^[\sT,;]+/, ''));
  return at === null ? null : { ...at, date: date.numbers, order: date.order };
}

function ofSpreadsheet(date: Date, clock: Cell | undefined): WrittenTime | null {
  if (Number.isNaN(date.getTime())) return null;
  const numbers = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  // A spreadsheet counts in fractions of a day; what it means is the second.
  const midnight = Date.UTC(numbers[0], numbers[1] - 1, numbers[2]);
  const ofDay = Math.round((date.getTime() - midnight) / 1000) * 1000;
  const given = { date: numbers, order: 'ymd', offset: null, hasMeridiem: true } as const;
  if (clock === undefined) return { ...given, ofDay, hour: Math.floor(ofDay / 3_600_000) };
  const at = clockIn(clockText(clock));
  return at === null ? null : { ...at, date: numbers, order: 'ymd' };
}

/** A time of day in a cell of its own; spreadsheets have it as a fraction of a day or as a date in 1899. */
function clockText(clock: Cell): string {
  const ms =
    clock instanceof Date
      ? ((clock.getTime() % 86_400_000) + 86_400_000) % 86_400_000
      : typeof clock === 'number' && clock >= 0 && clock < 1
        ? Math.round(clock * 86_400) * 1000
        : null;
  return ms === null ? textOf(clock) : new Date(Math.round(ms / 1000) * 1000).toISOString().slice(11, 19);
}

interface WrittenDate {
  readonly numbers: readonly [number, number, number];
  readonly order: DateOrder | null;
  readonly length: number;
}

function dateIn(text: string): WrittenDate | null {
  const numeric = NUMERIC_DATE.exec(text);
  if (numeric !== null) {
    const [all, a = '', separator, b = '', c = ''] = numeric;
    const numbers = [Number(a), Number(b), Number(c)] as const;
    if (a.length === 4) return { numbers, order: 'ymd', length: all.length };
    if (c.length !== 2 && c.length !== 4) return null;
    // With points the day stands first, wherever dates are written so (DIN 1355-1).
    return { numbers, order: separator === '.' ? 'dmy' : null, length: all.length };
  }
  const named = NAMED_DATE.exec(text);
  if (named !== null) {
    const [all, a = '', name = '', c = ''] = named;
    const month = monthNumbers.get(name.toLowerCase());
    if (month === undefined) return null;
    return { numbers: [Number(a), month, Number(c)], order: a.length === 4 ? 'ymd' : 'dmy', length: all.length };
  }
  const [all = '', name = '', day, year] = MONTH_FIRST_DATE.exec(text) ?? [];
  const month = monthNumbers.get(name.toLowerCase());
  return month === undefined ? null : { numbers: [month, Number(day), Number(year)], order: 'mdy', length: all.length };
}

function clockIn(text: string): Omit<WrittenTime, 'date' | 'order'> | null {
  const match = CLOCK.exec(text);
  if (match === null) return null;
  const [, hours = '', minutes = '', seconds = '0', fraction = '', meridiem, utc, sign, offsetHours, offsetMinutes] =
    match;
  let hour = Number(hours);
  if (meridiem !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (/p/i.test(meridiem) ? 12 : 0);
  }
  const isEndOfDay = hour === 24 && Number(minutes) === 0 && Number(seconds) === 0;
  if ((hour > 23 && !isEndOfDay) || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const ofDay =
    ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  const east = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === '-' ? -1 : 1);
  if (Math.abs(east) > 14 * 60) return null;
  const offset = sign !== undefined ? east : utc !== undefined ? 0 : null;
  return { ofDay, offset, hour: Number(hours), hasMeridiem: meridiem !== undefined };
}

/** The civil time as if it were UTC, epoch ms; null where no calendar has the day. */
export function civilOf({ date, order, ofDay }: WrittenTime, asked: DateOrder | null): number | null {
  const [a, b, c] = date;
  const inOrder = order ?? asked;
  if (inOrder === null) return null;
  const [year, month, day] = inOrder === 'ymd' ? [a, b, c] : inOrder === 'dmy' ? [c, b, a] : [c, a, b];
  const full = year < 100 ? 2000 + year : year;
  const midnight = new Date(0);
  midnight.setUTCFullYear(full, month - 1, day);
  if (full < 1970 || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  return midnight.getTime() + ofDay;
}

/**
 * The order that all dates of a file have: what each could be, taken together. null where day first and month first are
 * both possible and mean different days.
 */
export function orderOf(times: Iterable<WrittenTime>): DateOrder | null {
  let [canBeDayFirst, canBeMonthFirst, isEqual] = [true, true, true];
  for (const { date, order } of times) {
    if (order !== null) continue;
    const [a, b] = date;
    if (a > 12) canBeMonthFirst = false;
    if (b > 12) canBeDayFirst = false;
    if (a !== b) isEqual = false;
  }
  if (isEqual) return 'dmy';
  if (canBeDayFirst === canBeMonthFirst) return null;
  return canBeDayFirst ? 'dmy' : 'mdy';
}

/** The order that a pattern spells out: `dd/MM/yyyy`, `TT.MM.JJJJ`; null where a text has none. */
export function orderInPattern(text: string): DateOrder | null {
  const [, first, second] = /\b([dtmyj]{1,4})[./-]([dtmyj]{1,4})[./-]([dtmyj]{1,4})\b/i.exec(text.toLowerCase()) ?? [];
  if (first === undefined || second === undefined) return null;
  if (/[yj]/.test(first)) return 'ymd';
  if (first.startsWith('m') && /[dt]/.test(second)) return 'mdy';
  return /[dt]/.test(first) && second.startsWith('m') ? 'dmy' : null;
}
