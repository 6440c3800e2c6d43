import type { z } from 'zod';
import type { Readings } from '../../storage/index.ts';
import type { reading } from '../api/index.ts';
import type { ReadingQualities } from './reading-qualities.ts';

/** One limit of a rule, and for how long a value has to be beyond it. */
export interface WatchedLimit {
  readonly side: 'above' | 'below';
  readonly limit: number;
  /** The limit itself is beyond. */
  readonly isInclusive: boolean;
  readonly rule: string | null;
  readonly forMs: number | null;
}

/** Beyond a limit; epoch ms UTC. */
export interface BeyondRun {
  readonly from: number;
  readonly to: number;
  readonly extreme: number;
  readonly watched: WatchedLimit;
}

/** Readings in a row that are not judged as fact, for one reason; epoch ms UTC. */
export interface SuspectRun {
  readonly from: number;
  readonly to: number;
  readonly reason: SuspectReason;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

type SuspectReason = NonNullable<z.output<typeof reading>['reason']>;

export interface RunsAsked {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  readonly limits: readonly WatchedLimit[];
}

const TEMPERATURE = 1;
const HOUR_MS = 3_600_000;
/** So many readings are read around hours that ask for it; then no more is looked for. */
const MOST_READINGS = 50_000;

/**
 * Every stretch in which good readings of a device were beyond one of some limits, however short, and every one in which
 * readings are suspect: found by the hours whose least or greatest is beyond, or that have fewer good readings than
 * readings. One by one they are read there alone.
 *
 * @returns isEvery false where more hours ask for it than are read
 */
export async function lookClose(
  { device, from, to, limits }: RunsAsked,
  { readings, qualities }: { readonly readings: Readings; readonly qualities: ReadingQualities },
): Promise<{
  readonly runs: readonly BeyondRun[];
  readonly suspects: readonly SuspectRun[];
  readonly isEvery: boolean;
}> {
  const runs: BeyondRun[] = [];
  const suspects: SuspectRun[] = [];
  if (from >= to) return { runs, suspects, isEvery: true };
  const span = { device, metric: TEMPERATURE, from, to };
  const limit = Math.ceil((to - from) / HOUR_MS) + 2;
  const hours = await readings.buckets({ ...span, limit }, '1h');
  const good = await qualities.buckets(hours.items, HOUR_MS, span);
  const goodOf = new Map(good.map((hour) => [hour.time, hour]));
  const asking = hours.items.filter(({ time, n }) => {
    const hour = goodOf.get(time);
    if (hour === undefined || hour.n < n) return true;
    return limits.some((one) => isBeyond(one, one.side === 'above' ? hour.max : hour.min));
  });
  let left = MOST_READINGS;
  for (const stretch of joinedHours(asking.map(({ time }) => time))) {
    if (left <= 0) return { runs, suspects, isEvery: false };
    const page = await readings.page({
      ...{ device, metric: TEMPERATURE, limit: left },
      // The hour after says when it was back within.
      ...{ from: Math.max(from, stretch.from), to: Math.min(to, stretch.to + HOUR_MS) },
    });
    left -= page.items.length;
    const views = await qualities.views(device, TEMPERATURE, page.items);
    for (const watched of limits) runs.push(...runsOf(views, watched));
    suspects.push(...suspectsOf(views));
    if (page.nextCursor !== null) return { runs, suspects, isEvery: false };
  }
  return { runs: runs.toSorted((a, b) => a.from - b.from), suspects, isEvery: true };
}

/** @param readings of one device, ascending; the suspect ones say nothing */
export function runsOf(readings: readonly z.output<typeof reading>[], watched: WatchedLimit): BeyondRun[] {
  const runs: BeyondRun[] = [];
  let run: BeyondRun | null = null;
  for (const { time, value: received, judged, quality } of readings) {
    if (quality === 'suspect') continue;
    const at = Date.parse(time);
    const value = judged ?? received;
    if (isBeyond(watched, value)) {
      const worse: (a: number, b: number) => number = watched.side === 'above' ? Math.max : Math.min;
      run = run === null ? { from: at, to: at, extreme: value, watched } : extended(run, at, worse(run.extreme, value));
    } else if (run !== null) {
      runs.push({ ...run, to: at });
      run = null;
    }
  }
  return run === null ? runs : [...runs, run];
}

/** @param readings of one device, ascending */
export function suspectsOf(readings: readonly z.output<typeof reading>[]): SuspectRun[] {
  const found: SuspectRun[] = [];
  let before: SuspectReason | null = null;
  for (const { time, value, reason } of readings) {
    const at = Date.parse(time);
    const last = found.at(-1);
    if (reason !== undefined && reason === before && last !== undefined) {
      const [least, most] = [Math.min(last.least, value), Math.max(last.most, value)];
      found[found.length - 1] = { ...last, to: at, count: last.count + 1, least, most };
    } else if (reason !== undefined) found.push({ reason, from: at, to: at, count: 1, least: value, most: value });
    before = reason ?? null;
  }
  return found;
}

function extended(run: BeyondRun, to: number, extreme: number): BeyondRun {
  return { ...run, to, extreme };
}

function isBeyond({ side, limit, isInclusive }: WatchedLimit, value: number): boolean {
  if (isInclusive && value === limit) return true;
  return side === 'above' ? value > limit : value < limit;
}

function joinedHours(hours: readonly number[]): { from: number; to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  for (const hour of hours) {
    const last = stretches.at(-1);
    // An hour beyond that is followed by one within is followed by the hour that says so.
    if (last !== undefined && hour <= last.to + HOUR_MS) last.to = hour + HOUR_MS;
    else stretches.push({ from: hour, to: hour + HOUR_MS });
  }
  return stretches;
}
