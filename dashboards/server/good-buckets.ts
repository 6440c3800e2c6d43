import {
  addedTo,
  type Correction,
  GOOD,
  type History,
  isConstantWithin,
  type KeyQuality,
  type KeyReadings,
  measureAt,
  NEIGHBOURS,
  qualified,
} from '../../domain/index.ts';
import type { ReadingBucket } from '../../storage/index.ts';

/** Where buckets are of: one key, event times [from, to), epoch ms UTC. */
export interface BucketSpan {
  readonly device: string;
  /** Code. */
  readonly metric: number;
  readonly from: number;
  readonly to: number;
}

/** Read at once. */
const AT_ONCE = 50_000;
const CODE_PRECISION = 1e-3;
/** A step is held against the pace over this long at least (domain/quality.ts). */
const SHORTEST_STEP_MINUTES = 1;

/**
 * Buckets without suspect readings: stored rollups hold whatever came. Only those that may hold a suspect reading are made
 * again from the readings; most hold no error code and no step that air cannot make, and are as they are.
 *
 * What retention has left of as rollups alone stays as it was rolled up.
 *
 * @param buckets ascending, as received
 * @param width ms
 */
export async function goodBuckets(
  buckets: readonly ReadingBucket[],
  width: number,
  span: BucketSpan,
  { history, quality }: { readonly history: History; readonly quality: KeyQuality },
): Promise<ReadingBucket[]> {
  const made: ReadingBucket[] = [];
  for (let i = 0; i < buckets.length; ) {
    const bucket = buckets[i] as ReadingBucket;
    if (!mayHoldSuspects(buckets, i, width, quality)) {
      made.push(corrected(bucket, quality));
      i++;
      continue;
    }
    // Neighbours that have to be looked at too are read in one go.
    let end = i + 1;
    let n = bucket.n;
    for (; end < buckets.length && mayHoldSuspects(buckets, end, width, quality); end++) {
      n += (buckets[end] as ReadingBucket).n;
      if (n > AT_ONCE) break;
    }
    made.push(...(await madeAgain(buckets.slice(i, end), width, span, { history, quality })));
    i = end;
  }
  return made;
}

/** Of a bucket in which nothing but a constant is added, or of which the readings are gone: then its mean is nearly so. */
function corrected(bucket: ReadingBucket, quality: KeyQuality): ReadingBucket {
  const { correction } = measureAt(quality, bucket.time);
  if (correction.length === 0) return bucket;
  const [min, mean, max] = [bucket.min, bucket.mean, bucket.max].map((value) => value + addedTo(correction, value)) as [
    number,
    number,
    number,
  ];
  return { ...bucket, min, mean, max };
}

function mayHoldSuspects(buckets: readonly ReadingBucket[], i: number, width: number, quality: KeyQuality): boolean {
  const { setAside, measures } = quality;
  const { time, min, max } = buckets[i] as ReadingBucket;
  if (measures.some(({ from }) => from > time && from < time + width)) return true;
  const { codes, stepPerMinute, correction } = measureAt(quality, time);
  if (codes.some((code) => code >= min - CODE_PRECISION && code <= max + CODE_PRECISION)) return true;
  if (setAside.some(({ from, to }) => from < time + width && to > time)) return true;
  if (!isConstantWithin(correction, min, max)) return true;
  if (correction.length > 0 && (min + addedTo(correction, min) < -200 || max + addedTo(correction, max) > 300))
    return true;
  const near = [buckets[i - 1], buckets[i], buckets[i + 1]].filter((one) => one !== undefined);
  // A bucket beside it may have been corrected otherwise: what is judged steps then, not what was received.
  if (near.some((one) => measureAt(quality, one.time) !== measureAt(quality, time))) return true;
  const least = near.reduce((low, one) => Math.min(low, one.min), Number.POSITIVE_INFINITY);
  const most = near.reduce((high, one) => Math.max(high, one.max), Number.NEGATIVE_INFINITY);
  return most - least + spreadOf(correction) > stepPerMinute * SHORTEST_STEP_MINUTES;
}

/** How much further apart two values may be once they are corrected. */
function spreadOf(correction: Correction): number {
  const adds = correction.map(({ add }) => add);
  return adds.length < 2 ? 0 : Math.max(...adds) - Math.min(...adds);
}

async function madeAgain(
  buckets: readonly ReadingBucket[],
  width: number,
  { device, metric, from, to }: BucketSpan,
  { history, quality }: { readonly history: History; readonly quality: KeyQuality },
): Promise<ReadingBucket[]> {
  const [first, last] = [buckets[0] as ReadingBucket, buckets.at(-1) as ReadingBucket];
  const start = Math.max(from, first.time);
  const end = Math.min(to, last.time + width);
  const within = await allOf(history, device, metric, start, end);
  const [before, after] = await Promise.all([
    history.before(device, metric, start, NEIGHBOURS),
    history.read(device, metric, end, Number.POSITIVE_INFINITY, NEIGHBOURS),
  ]);
  const all = joined([before, ...within, after]);
  const { times, values, flags } = qualified(all, quality);
  const stored = new Set<number>();
  const good = new Map<number, { n: number; sum: number; min: number; max: number }>();
  for (let k = 0; k < all.count; k++) {
    const time = times[k] as number;
    if (time < start || time >= end) continue;
    const at = Math.floor(time / width) * width;
    stored.add(at);
    if (flags[k] !== GOOD) continue;
    const value = values[k] as number;
    const sums = good.get(at) ?? { n: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    sums.n++;
    sums.sum += value;
    sums.min = Math.min(sums.min, value);
    sums.max = Math.max(sums.max, value);
    good.set(at, sums);
  }
  return buckets.flatMap((bucket) => {
    const sums = good.get(bucket.time);
    if (sums !== undefined) {
      const { n, sum, min, max } = sums;
      return [{ time: bucket.time, n, min, mean: sum / n, max }];
    }
    // None of its readings is good; or retention has dropped them, and the rollup is all there is.
    return stored.has(bucket.time) ? [] : [corrected(bucket, quality)];
  });
}

async function allOf(history: History, device: string, metric: number, from: number, to: number) {
  const parts: KeyReadings[] = [];
  for (let start = from; ; ) {
    const part = await history.read(device, metric, start, to, AT_ONCE);
    parts.push(part);
    if (part.count < AT_ONCE) return parts;
    start = (part.time[part.count - 1] as number) + 1;
  }
}

function joined(parts: readonly KeyReadings[]): KeyReadings {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const all = { count, time: new Float64Array(count), value: new Float64Array(count) };
  let at = 0;
  for (const part of parts) {
    all.time.set(part.time.subarray(0, part.count), at);
    all.value.set(part.value.subarray(0, part.count), at);
    at += part.count;
  }
  return all;
}
