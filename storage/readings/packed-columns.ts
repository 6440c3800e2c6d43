import { joinReadings, type KeyReadings, NO_READINGS, type ReadingRun, runsOf } from '../../domain/index.ts';
import { readingsOf, runsOfStretch, unpackInto } from '../packed/packed-stretch.ts';

/** No stretch is longer: of those that begin earlier than this before an interval none reaches into it. */
export const MOST_OF_A_STRETCH = `interval '24 hours'`;

/** A key by the numbers that stand for it. */
export interface KeyNumbers {
  readonly deviceId: number;
  readonly metric: number;
}

/**
 * A key's stretches as columns: those of its readings that lie in [from, to).
 * @param since when each begins, ascending, epoch ms UTC
 * @throws {DefectError} PACKED_STRETCH_DAMAGED, PACKED_STRETCH_NEWER
 */
export function unpackedWithin(
  { deviceId, metric }: KeyNumbers,
  since: Float64Array,
  packed: readonly Buffer[],
  { from, to }: { readonly from: number; readonly to: number },
): KeyReadings {
  if (packed.length === 0) return NO_READINGS;
  const keys = packed.map((_, i) => ({ deviceId, metric, since: since[i] as number }));
  let count = 0;
  for (const [i, key] of keys.entries()) count += readingsOf(key, packed[i] as Buffer);
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  let at = 0;
  for (const [i, key] of keys.entries()) at = unpackInto(key, packed[i] as Buffer, { time, value }, at);
  return within({ count, time, value }, from, to);
}

/**
 * The same, and the key's rows among them, as runs: of what is packed nothing is read but the headers of blocks, unless rows lie
 * among a block's readings or the interval ends there.
 * @param rows in [from, to), ascending
 */
export function runsWithin(
  { deviceId, metric }: KeyNumbers,
  since: Float64Array,
  packed: readonly Buffer[],
  rows: KeyReadings,
  { from, to }: { readonly from: number; readonly to: number },
): ReadingRun[] {
  const runs: ReadingRun[] = [];
  let done = 0;
  for (const [i, stretch] of packed.entries()) {
    for (const block of runsOfStretch({ deviceId, metric, since: since[i] as number }, stretch)) {
      if (block.lastTime < from || block.firstTime >= to) continue;
      const begin = lowerBound(rows.time, block.firstTime);
      const end = lowerBound(rows.time, block.lastTime);
      runs.push(...runsOf(part(rows, done, begin)));
      done = end;
      const isWhole = block.firstTime >= from && block.lastTime < to;
      if (isWhole && begin === end) runs.push(block);
      else runs.push(...runsOf(together(within(block.newest(block.count), from, to), part(rows, begin, end))));
    }
  }
  runs.push(...runsOf(part(rows, done, rows.count)));
  return runs;
}

/** Rows and what is packed, ascending. Each reading is in one of them only (docs/decisions/0167). */
export function together(a: KeyReadings, b: KeyReadings): KeyReadings {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  if ((a.time[a.count - 1] as number) < (b.time[0] as number)) return joinReadings(a, b);
  if ((b.time[b.count - 1] as number) < (a.time[0] as number)) return joinReadings(b, a);
  const count = a.count + b.count;
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  for (let at = 0, i = 0, j = 0; at < count; at++) {
    const isOfA = j === b.count || (i < a.count && (a.time[i] as number) < (b.time[j] as number));
    time[at] = (isOfA ? a.time[i] : b.time[j]) as number;
    value[at] = (isOfA ? a.value[i++] : b.value[j++]) as number;
  }
  return { count, time, value };
}

/** Of so many from one end. */
export function firstOf(readings: KeyReadings, count: number): KeyReadings {
  return part(readings, 0, Math.min(count, readings.count));
}

export function lastOf(readings: KeyReadings, count: number): KeyReadings {
  return part(readings, Math.max(0, readings.count - count), readings.count);
}

/** Where the first time at or after `time` stands. */
export function lowerBound(times: Float64Array, time: number): number {
  let [from, to] = [0, times.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((times[middle] as number) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}

function within(readings: KeyReadings, from: number, to: number): KeyReadings {
  return part(readings, lowerBound(readings.time, from), lowerBound(readings.time, to));
}

function part({ count, time, value }: KeyReadings, from: number, to: number): KeyReadings {
  if (from === 0 && to === count) return { count, time, value };
  return { count: to - from, time: time.subarray(from, to), value: value.subarray(from, to) };
}

/**
 * A query for the stretches that begin in `which`, one after the other until those between the first and the last of them
 * hold `limit` readings: of the first it is not known how many are asked for. What a stretch says of its number is not
 * checked here; one that lies is named when it is unpacked.
 *
 * @param order from which end
 * @param most stretches that are looked at, all of which may be too few; no more than `limit + 1` can be of use
 */
export function stretchesUntil(
  which: string,
  order: 'ASC' | 'DESC',
  limit: string,
  most: string = `${limit} + 1`,
): string {
  return `SELECT since, packed FROM (
      SELECT since, packed, sum(readings) OVER so_far - readings - first_value(readings) OVER so_far AS held FROM (
        SELECT since, packed, packed_count(packed) AS readings FROM packed_readings AS p
        WHERE ${which} ORDER BY since ${order} LIMIT ${most}
      ) AS next WINDOW so_far AS (ORDER BY since ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS counted WHERE held < ${limit}`;
}
