import type { ReadingBucket, Readings } from '../../storage/index.ts';
import type { BucketSpan } from './good-buckets.ts';
import type { ReadingQualities } from './reading-qualities.ts';

/** A logger between the limits of what it went along with. Times epoch ms UTC. */
export interface NearAsked {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  /** °C; null where there is none. */
  readonly min: number | null;
  readonly max: number | null;
}

/** How many minutes of its readings there were, and how many of these were near a limit or beyond it. */
export interface NearFigures {
  readonly minutes: number;
  readonly near: number;
}

/** Less than so far within a limit, or beyond it, is near it, °C. */
export const NEAR_C = 1;
const TEMPERATURE = 1;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A gap as long as this is no air that is known (docs/rules.md, maxGap): so long a reading stands for the time after it. */
const HELD_MOST_MS = HOUR_MS;

/**
 * How long the air of a logger was near a limit: of good readings with the values that are judged. Hours that are near or
 * not from their least to their greatest are counted whole; the others, and those at the ends, minute by minute, a minute
 * by its mean. A minute stands until the next one with a reading, an hour at most.
 */
export async function nearLimits(
  { device, from, to, min, max }: NearAsked,
  { readings, qualities }: { readonly readings: Readings; readonly qualities: ReadingQualities },
): Promise<NearFigures> {
  if (from >= to || (min === null && max === null)) return { minutes: 0, near: 0 };
  const regionOf = (value: number) => {
    if (min !== null && value < min + NEAR_C) return 'low';
    return max !== null && value > max - NEAR_C ? 'high' : 'between';
  };
  const span: BucketSpan = { device, metric: TEMPERATURE, from, to };
  const hours = await good('1h', span);
  let minutes = 0;
  let near = 0;
  const closer: { from: number; to: number; next: number }[] = [];
  for (const [index, hour] of hours.entries()) {
    const isWhole = hour.time >= from && hour.time + HOUR_MS <= to;
    const region = regionOf(hour.min);
    if (isWhole && region === regionOf(hour.max)) {
      minutes += HOUR_MS / MINUTE_MS;
      if (region !== 'between') near += HOUR_MS / MINUTE_MS;
      continue;
    }
    // Its last reading stands until the next hour that has one.
    const next = hours[index + 1]?.time ?? to;
    const last = closer.at(-1);
    if (last !== undefined && last.to === hour.time) Object.assign(last, { to: hour.time + HOUR_MS, next });
    else closer.push({ from: hour.time, to: hour.time + HOUR_MS, next });
  }
  for (const stretch of closer) {
    const [start, end] = [Math.max(from, stretch.from), Math.min(to, stretch.to)];
    const ofIt = await good('1m', { ...span, from: start, to: end });
    for (const [index, { time, mean }] of ofIt.entries()) {
      const until = Math.min(ofIt[index + 1]?.time ?? Math.min(stretch.next, to), time + HELD_MOST_MS);
      const held = (until - Math.max(start, time)) / MINUTE_MS;
      minutes += held;
      if (regionOf(mean) !== 'between') near += held;
    }
  }
  return { minutes, near };

  async function good(resolution: '1h' | '1m', within: BucketSpan): Promise<ReadingBucket[]> {
    const width = resolution === '1h' ? HOUR_MS : MINUTE_MS;
    const limit = Math.ceil((within.to - within.from) / width) + 2;
    const { items } = await readings.buckets({ ...within, limit }, resolution);
    return qualities.buckets(items, width, within);
  }
}
