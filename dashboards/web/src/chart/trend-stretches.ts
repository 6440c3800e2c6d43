import type { Bucket } from '../../../api/index.ts';

const HOUR_MS = 3_600_000;
/** Hours further apart than this are not joined. */
const GAP_MS = 1.5 * HOUR_MS;

/** What a thumbnail draws at a moment, epoch ms. */
export interface TrendPoint {
  readonly at: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/**
 * Hours that follow each other as one stretch each. An hour alone is as wide as an hour: a line from a point to itself is
 * nothing, and a logger that speaks every few hours had an empty thumbnail.
 *
 * @param hours ascending
 */
export function stretchesOf(hours: readonly Bucket[]): TrendPoint[][] {
  const found: TrendPoint[][] = [];
  for (const { time, min, max, mean } of hours) {
    const point = { at: Date.parse(time), min, max, mean };
    const last = found.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || point.at - before.at > GAP_MS) found.push([point]);
    else last.push(point);
  }
  return found.map((stretch) => {
    const [only] = stretch;
    if (only === undefined || stretch.length > 1) return stretch;
    return [-1, 1].map((side) => ({ ...only, at: only.at + (side * HOUR_MS) / 2 }));
  });
}
