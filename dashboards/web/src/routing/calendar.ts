import type { RoutingView } from '../../../api/index.ts';
import { fromText, toText } from '../words/when.ts';

export type ScheduleView = RoutingView['schedules'][number];
export type ShiftView = ScheduleView['shifts'][number];

/** A day of a schedule's calendar, by its own clock. Times are epoch ms. */
export interface CalendarDay {
  /** `2026-11-29` */
  readonly date: string;
  readonly from: number;
  readonly to: number;
  readonly shifts: readonly CalendarShift[];
  /** By how much the clock is set on that day, minutes: 60 forward, -60 back. */
  readonly clockSet: number;
}

export interface CalendarShift {
  readonly from: number;
  readonly people: readonly string[];
  readonly why: ShiftView['why'];
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The days that the shifts cover, each with who is on call in it, one after the other. */
export function calendarOf({ shifts, zone }: ScheduleView, days: number): readonly CalendarDay[] {
  const first = shifts[0];
  if (first === undefined) return [];
  const calendar: CalendarDay[] = [];
  let date = toText(Date.parse(first.from), zone).slice(0, 10);
  for (let n = 0; n < days; n++) {
    const next = dateAfter(date);
    const [from, to] = [startOfDay(date, zone), startOfDay(next, zone)];
    const within = shifts.flatMap(({ from: begin, to: end, people, why }) => {
      const at = Math.max(Date.parse(begin), from);
      return at < Math.min(Date.parse(end), to) ? [{ from: at, people, why }] : [];
    });
    calendar.push({ date, from, to, shifts: within, clockSet: (DAY_MS - (to - from)) / MINUTE_MS });
    date = next;
  }
  return calendar;
}

/** The day after on the calendar. */
export function dateAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** `Sun 29 Nov` */
export function dateText(date: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  return format.format(Date.parse(`${date}T00:00:00Z`)).replace(',', '');
}

/** The first moment of a day that the clock shows: some are set forward over midnight. */
export function startOfDay(date: string, zone: string): number {
  return momentOf(date, '00:00', zone);
}

/** When a clock shows a time on a day, or the first moment after it where the clock is set over it. */
export function momentOf(date: string, time: string, zone: string): number {
  for (let minutes = 0; minutes < 240; minutes++) {
    const at = new Date(Date.parse(`${date}T${time}:00Z`) + minutes * MINUTE_MS);
    const found = fromText(at.toISOString().slice(0, 16).replace('T', ' '), zone);
    if (found !== null) return found;
  }
  return Date.parse(`${date}T${time}:00Z`);
}

/** `2026-11-29T08:00:00+01:00`: a moment as the clock of a zone has it, so that nobody has to guess. */
export function withOffset(at: number, zone: string): string {
  const wall = toText(at, zone).replace(' ', 'T');
  const minutes = Math.round((Date.parse(`${wall}:00Z`) - at) / MINUTE_MS);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (figure: number) => String(figure).padStart(2, '0');
  return `${wall}:00${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}
