import type { z } from 'zod';
import {
  type DeviceFacts,
  goodReadings,
  type History,
  isOverdueAt,
  type KeyReadings,
  NEIGHBOURS,
  qualified,
  suspectReason,
} from '../../domain/index.ts';
import { RESOLUTIONS, type ReadingBucket, type Readings, type Resolution } from '../../storage/index.ts';
import { type Bucket, formatTime, type reading } from '../api/index.ts';
import { type BucketSpan, goodBuckets } from './good-buckets.ts';
import { joinedBuckets, joinedWidth } from './joined-buckets.ts';

const SECOND_MS = 1_000;

/** Readings with their quality, as people see them. */
export class ReadingQualities {
  readonly #history: History;
  readonly #devices: DeviceFacts;

  constructor({ history, devices }: { readonly history: History; readonly devices: DeviceFacts }) {
    this.#history = history;
    this.#devices = devices;
  }

  /**
   * Buckets of good readings, with the values that are judged.
   * @param width ms; null where each is a reading of its own
   */
  async buckets(buckets: readonly ReadingBucket[], width: number | null, span: BucketSpan): Promise<ReadingBucket[]> {
    const { device, metric } = span;
    if (width !== null) {
      const { quality } = await this.#devices.of(device, metric);
      return goodBuckets(buckets, width, span, { history: this.#history, quality });
    }
    const items = buckets.map(({ time, mean }) => ({ time, value: mean }));
    const views = await this.views(device, metric, items);
    return buckets.flatMap((bucket, i) => {
      const view = views[i];
      if (view === undefined || view.quality === 'suspect') return [];
      const value = view.judged ?? view.value;
      return [{ ...bucket, min: value, mean: value, max: value }];
    });
  }

  /** About as many buckets as a chart is wide, in one answer; the readings themselves where they are few. */
  async drawn(
    span: BucketSpan,
    points: number,
    values: 'judged' | 'received' | 'corrected' | 'raw',
    readings: Readings,
  ): Promise<{ items: Bucket[]; resolution: Resolution | 'raw'; widthMs?: number; nextCursor: null }> {
    const { items, resolution } = await readings.drawn(span, points);
    const width = resolution === 'raw' ? null : RESOLUTIONS[resolution];
    const isAsReceived = values === 'received' || values === 'raw';
    const shown = isAsReceived ? items : await this.buckets(items, width, span);
    if (width === null && shown.length <= points)
      return { items: await this.marked(shown, null, span), resolution, nextCursor: null };
    const widthMs = joinedWidth(width ?? SECOND_MS, (shown.at(-1)?.time ?? 0) - (shown[0]?.time ?? 0), points);
    const joined = joinedBuckets(shown, widthMs);
    return { items: await this.marked(joined, widthMs, span), resolution, widthMs, nextCursor: null };
  }

  /** As the API has them, each marked in which the calibration was overdue. @param width ms; null where each is a reading */
  async marked(
    buckets: readonly ReadingBucket[],
    width: number | null,
    { device, metric }: Pick<BucketSpan, 'device' | 'metric'>,
  ): Promise<Bucket[]> {
    const { calibrations } = await this.#devices.of(device, metric);
    return buckets.map(({ time, n, min, mean, max }) => ({
      ...{ time: formatTime(time), n, min, mean, max },
      ...(isOverdueAt(calibrations, time + (width ?? 1) - 1) ? { calibration: 'overdue' as const } : {}),
    }));
  }

  /** Good readings of a key from `from` until `to`, epoch ms, the first `most` of them. */
  async good({ device, metric, from, to }: BucketSpan, most: number): Promise<KeyReadings> {
    const { quality } = await this.#devices.of(device, metric);
    return goodReadings(await this.#history.read(device, metric, from, to + 1, most), quality);
  }

  /** @param items neighbouring readings of one key, ascending, as received; metric as its code */
  async views(
    device: string,
    metric: number,
    items: readonly { readonly time: number; readonly value: number }[],
  ): Promise<z.output<typeof reading>[]> {
    const [first, last] = [items[0], items.at(-1)];
    if (first === undefined || last === undefined) return [];
    // What stands just outside the page decides whether its ends are plausible.
    const [before, after, { quality, calibrations }] = await Promise.all([
      this.#history.before(device, metric, first.time, NEIGHBOURS),
      this.#history.read(device, metric, last.time + 1, Number.POSITIVE_INFINITY, NEIGHBOURS),
      this.#devices.of(device, metric),
    ]);
    const count = before.count + items.length + after.count;
    const time = new Float64Array(count);
    const value = new Float64Array(count);
    time.set(before.time.subarray(0, before.count));
    value.set(before.value.subarray(0, before.count));
    for (const [i, item] of items.entries()) {
      time[before.count + i] = item.time;
      value[before.count + i] = item.value;
    }
    time.set(after.time.subarray(0, after.count), before.count + items.length);
    value.set(after.value.subarray(0, after.count), before.count + items.length);
    const { values, flags } = qualified({ count, time, value }, quality);
    return items.map((item, i) => {
      const judged = values[before.count + i] ?? item.value;
      const reason = suspectReason(flags[before.count + i] ?? 0);
      return {
        time: formatTime(item.time),
        value: item.value,
        ...(judged === item.value ? {} : { judged }),
        ...(reason === null ? {} : { quality: 'suspect' as const, reason }),
        ...(isOverdueAt(calibrations, item.time) ? { calibration: 'overdue' as const } : {}),
      };
    });
  }
}
