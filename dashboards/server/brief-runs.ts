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

export interface RunsAsked {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  readonly limits: readonly WatchedLimit[];
}

const TEMPERATURE = 1;
const HOUR_MS = 3_600_000;
/** So many readings are read around hours that went beyond; then no more is looked for. */
const MOST_READINGS = 50_000;

/**
 * Every stretch in which good readings of a device were beyond one of some limits, however short: found by the hours whose
 * least or greatest is beyond, read one by one there alone.
 *
 * @returns isEvery false where more hours went beyond than are read
 */
export async function runsBeyond(
  { device, from, to, limits }: RunsAsked,
  { readings, qualities }: { readonly readings: Readings; readonly qualities: ReadingQualities },
): Promise<{ readonly runs: readonly BeyondRun[]; readonly isEvery: boolean }> {
  if (limits.length === 0 || from >= to) return { runs: [], isEvery: true };
  const span = { device, metric: TEMPERATURE, from, to };
  const limit = Math.ceil((to - from) / HOUR_MS) + 2;
  const hours = await readings.buckets({ ...span, limit }, '1h');
  const good = await qualities.buckets(hours.items, HOUR_MS, span);
  const beyond = good.filter(({ min, max }) => limits.some((one) => isBeyond(one, one.side === 'above' ? max : min)));
  const runs: BeyondRun[] = [];
  let left = MOST_READINGS;
  for (const stretch of joinedHours(beyond.map(({ time }) => time))) {
    if (left <= 0) return { runs, isEvery: false };
    const page = await readings.page({
      ...{ device, metric: TEMPERATURE, limit: left },
      // The hour after says when it was back within.
      ...{ from: Math.max(from, stretch.from), to: Math.min(to, stretch.to + HOUR_MS) },
    });
    left -= page.items.length;
    const views = await qualities.views(device, TEMPERATURE, page.items);
    for (const watched of limits) runs.push(...runsOf(views, watched));
    if (page.nextCursor !== null) return { runs, isEvery: false };
  }
  return { runs: runs.toSorted((a, b) => a.from - b.from), isEvery: true };
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
