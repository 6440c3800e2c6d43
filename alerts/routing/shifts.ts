import { LocalClocks } from './local-clock.ts';
import { type OnCall, onCall } from './on-call.ts';
import type { Schedule } from './routing.ts';

/** Who is on call from one moment to another, epoch ms UTC. */
export interface Shift extends OnCall {
  readonly from: number;
  readonly to: number;
}

const MINUTE_MS = 60_000;
/** Shorter shifts than this may be left out of the list; who is told is asked to the moment. */
const STEP_MS = 15 * MINUTE_MS;

/**
 * Who is on call, one after the other, to the minute: the same as {@link onCall} says at each moment.
 * @param from epoch ms UTC, the first shift's beginning
 * @param to exclusive
 */
export function shiftsOf(schedule: Schedule, from: number, to: number, clocks = new LocalClocks()): readonly Shift[] {
  const at = (moment: number) => onCall(schedule, moment, clocks);
  const shifts: Shift[] = [];
  let since = from;
  let present = at(from);
  for (let before = from; before < to; before += STEP_MS) {
    const moment = Math.min(before + STEP_MS, to);
    // Of the end, the moment before it: what changes there is no shift of these.
    if (isSame(at(moment === to ? to - 1 : moment), present)) continue;
    const change = firstOther(before, moment, (one) => isSame(at(one), present));
    shifts.push({ ...present, from: since, to: change });
    since = change;
    present = at(change);
  }
  return [...shifts, { ...present, from: since, to }];
}

/** The first whole minute after `before`, up to `after`, at which it is other than before. */
function firstOther(before: number, after: number, isAsBefore: (at: number) => boolean): number {
  const start = Math.floor(before / MINUTE_MS) * MINUTE_MS;
  for (let moment = start + MINUTE_MS; moment < after; moment += MINUTE_MS) {
    if (moment > before && !isAsBefore(moment)) return moment;
  }
  return after;
}

function isSame(a: OnCall, b: OnCall): boolean {
  return a.why === b.why && a.people.join(' ') === b.people.join(' ');
}
