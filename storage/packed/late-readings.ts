import type { KeyReadings } from '../../domain/index.ts';

/** A late reading whose time is taken by another value. */
export interface RefusedReading {
  /** Which of the late ones. */
  readonly index: number;
  /** The value that was first in the log and stays. */
  readonly kept: number;
}

export interface JoinedReadings {
  readonly readings: KeyReadings;
  readonly added: number;
  /** In the order of the late ones. */
  readonly refused: readonly RefusedReading[];
}

/**
 * Late readings among those that are kept: of one time the kept one stays, and of two late ones the first.
 * @param kept ascending, no two of one time
 * @param late in the order of the log, their times in any
 */
export function joinLate(kept: KeyReadings, late: KeyReadings): JoinedReadings {
  const order = Array.from({ length: late.count }, (_, index) => index).sort(
    (a, b) => (late.time[a] as number) - (late.time[b] as number) || a - b,
  );
  const time = new Float64Array(kept.count + late.count);
  const value = new Float64Array(kept.count + late.count);
  const refused: RefusedReading[] = [];
  let count = 0;
  let at = 0;
  const take = (nextTime: number, nextValue: number) => {
    time[count] = nextTime;
    value[count++] = nextValue;
  };
  for (const index of order) {
    const [lateTime, lateValue] = [late.time[index] as number, late.value[index] as number];
    while (at < kept.count && (kept.time[at] as number) <= lateTime) {
      take(kept.time[at] as number, kept.value[at] as number);
      at++;
    }
    if (count === 0 || time[count - 1] !== lateTime) take(lateTime, lateValue);
    // As `<>` of PostgreSQL has it: 0 and -0 are alike, NaN is itself.
    else if (!isSame(value[count - 1] as number, lateValue)) refused.push({ index, kept: value[count - 1] as number });
  }
  for (; at < kept.count; at++) take(kept.time[at] as number, kept.value[at] as number);
  refused.sort((a, b) => a.index - b.index);
  const readings = { count, time: time.subarray(0, count), value: value.subarray(0, count) };
  return { readings, added: count - kept.count, refused };
}

function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
