import type { ReadingBucket } from '../../storage/index.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Widths that stand on whole seconds, minutes, hours and days: the same joins come up wherever a chart begins. */
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 43_200].map((minutes) => minutes * MINUTE_MS),
];

/**
 * How wide buckets are to be, so that no more than `points` cover a span.
 * @param width of those that are stored, ms: they are never divided
 */
export function joinedWidth(width: number, span: number, points: number): number {
  const least = span / points;
  const fitting = WIDTHS.find((one) => one >= width && one >= least);
  return fitting ?? Math.ceil(least / width) * width;
}

/** Neighbours as one, with the least and the greatest reading of all. @param buckets ascending */
export function joinedBuckets(buckets: readonly ReadingBucket[], width: number): ReadingBucket[] {
  const joined: ReadingBucket[] = [];
  for (const bucket of buckets) {
    const time = Math.floor(bucket.time / width) * width;
    const last = joined.at(-1);
    if (last === undefined || last.time !== time) {
      joined.push({ ...bucket, time });
      continue;
    }
    const n = last.n + bucket.n;
    joined[joined.length - 1] = {
      ...{ time, n, mean: (last.mean * last.n + bucket.mean * bucket.n) / n },
      ...{ min: Math.min(last.min, bucket.min), max: Math.max(last.max, bucket.max) },
    };
  }
  return joined;
}
