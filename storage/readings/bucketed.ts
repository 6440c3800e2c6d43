import type { KeyReadings } from '../../domain/index.ts';

/** What a key measured in [time, time + width). */
export interface Bucket {
  /** Epoch ms UTC. */
  readonly time: number;
  n: number;
  sum: number;
  min: number;
  max: number;
  readonly first: number;
  last: number;
}

/**
 * Readings in buckets aligned to the epoch, as the statements of the rollups make them of rows: for readings that were
 * unpacked here.
 * @param width ms
 */
export function bucketed({ count, time, value }: KeyReadings, width: number): Bucket[] {
  const buckets: Bucket[] = [];
  let bucket: Bucket | undefined;
  for (let i = 0; i < count; i++) {
    const one = value[i] as number;
    const start = Math.floor((time[i] as number) / width) * width;
    if (bucket?.time !== start) {
      bucket = { time: start, n: 1, sum: one, min: one, max: one, first: one, last: one };
      buckets.push(bucket);
      continue;
    }
    bucket.n++;
    bucket.sum += one;
    if (one < bucket.min) bucket.min = one;
    if (one > bucket.max) bucket.max = one;
    bucket.last = one;
  }
  return buckets;
}
