import { dayNumber, isWithin, type LocalClock, LocalClocks, type LocalMinute } from './local-clock.ts';
import type { Schedule } from './routing.ts';

/** Who is on call at a moment, and why just they. */
export interface OnCall {
  readonly people: readonly string[];
  readonly why: 'turn' | 'instead' | 'holiday' | 'off hours' | 'before the first turn';
}

/**
 * Turns are days of the schedule's calendar, handed over when the clock on its wall shows the time: a day of 23 or 25
 * hours is a day. A hand-over that the clock leaves out happens when the clock moves on past it.
 *
 * @param at epoch ms UTC
 */
export function onCall(schedule: Schedule, at: number, clocks = new LocalClocks()): OnCall {
  const instead = schedule.instead.findLast(({ from, to }) => at >= from && at < to);
  if (instead !== undefined) return { people: [instead.person], why: 'instead' };
  const clock = clocks.of(schedule.zone);
  const now = clock.read(at);
  if (schedule.hours !== null && !isWithin(now, schedule.hours)) return { people: [], why: 'off hours' };
  const day = isHandedOver(clock, at, schedule.handOver) ? now.day : now.day - 1;
  const holiday = schedule.holidays.find(({ date }) => dayNumber(date) === day);
  if (holiday !== undefined) return { people: holiday.people, why: 'holiday' };
  const turn = Math.floor((day - dayNumber(schedule.start)) / schedule.days);
  const person = turn < 0 ? undefined : schedule.people[turn % schedule.people.length];
  return person === undefined ? { people: [], why: 'before the first turn' } : { people: [person], why: 'turn' };
}

const MINUTE_MS = 60_000;
/** No clock is set back by more. */
const LONGEST_SET_BACK = 180;

/** Whether the clock has shown the time of hand-over today; one that was set back since does not take the turn back. */
function isHandedOver(clock: LocalClock, at: number, handOver: number): boolean {
  const now = clock.read(at);
  if (now.minute >= handOver) return true;
  const before = clock.read(at - LONGEST_SET_BACK * MINUTE_MS);
  if (minutesOf(now) - minutesOf(before) === LONGEST_SET_BACK) return false;
  for (let ago = 1; ago < LONGEST_SET_BACK; ago++) {
    const { day, minute } = clock.read(at - ago * MINUTE_MS);
    if (day === now.day && minute >= handOver) return true;
  }
  return false;
}

function minutesOf({ day, minute }: LocalMinute): number {
  return day * 1_440 + minute;
}
