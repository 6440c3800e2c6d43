import type { Metric } from './metric.ts';

/** What a key measured in one hour, as received. `time` is its beginning, epoch ms UTC. */
export interface HourOfReadings {
  readonly time: number;
  readonly n: number;
  readonly min: number;
  readonly max: number;
}

/** A sensor that has given exactly one value for far longer than it ever did. */
export interface StuckSensor {
  readonly value: number;
  /** Since when it has given it, epoch ms UTC. */
  readonly since: number;
  /** From when on it is not believed: `since` and its longest such stretch before. */
  readonly from: number;
  /** Its longest such stretch before, ms. */
  readonly usualMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What is learnt from: weeks, for a store that is closed over a weekend is as still as its door. */
export const STUCK_LEARNT_FROM_MS = 28 * DAY_MS;
const LEARNT_FROM_LEAST_MS = 14 * DAY_MS;
/** Hours in which its value changed: of one that hardly does nothing is usual. */
const CHANGES_LEAST = 24;
/** No air is so still that a shorter stretch means something. */
export const STUCK_LEAST_MS = 6 * HOUR_MS;
/** Longer than its longest stretch by so much. */
const TIMES_USUAL = 4;
const READINGS_LEAST = 12;

/** Metrics of air. A battery, a door and a dark box are still for good reasons. */
export const MAY_BE_STUCK: ReadonlySet<Metric> = new Set(['temperature', 'humidity']);

interface Stretch {
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly n: number;
}

/**
 * Whether a sensor is stuck: for more than six hours, and for more than four times the longest stretch of the weeks before,
 * every reading is exactly the same. The longest stretch is the sensor's own, so that a coarse one in a still store is not
 * called broken: at half a degree a good refrigerator keeps one value for a night. Nothing is said of one that was heard for
 * less than two weeks before, or whose value hardly ever changed.
 *
 * @param hours ascending, those with a reading, up to now; none of times that are not believed already
 * @returns null where it is not, or where nothing can be said
 */
export function stuckSensor(hours: readonly HourOfReadings[]): StuckSensor | null {
  const stretches = stretchesOf(hours);
  const now = stretches.at(-1);
  const end = hours.at(-1);
  if (now === undefined || end === undefined || now.to !== end.time + HOUR_MS) return null;
  const before = hours.filter(({ time }) => time < now.from);
  const first = before[0];
  if (first === undefined || now.from - first.time < LEARNT_FROM_LEAST_MS || now.n < READINGS_LEAST) return null;
  const changes = before.filter(({ min, max }, i) => min !== max || (i > 0 && before[i - 1]?.max !== min)).length;
  if (changes < CHANGES_LEAST) return null;
  const usualMs = stretches.slice(0, -1).reduce((most, { from, to }) => Math.max(most, to - from), HOUR_MS);
  if (now.to - now.from <= Math.max(STUCK_LEAST_MS, TIMES_USUAL * usualMs)) return null;
  return { value: now.value, since: now.from, from: now.from + usualMs, usualMs };
}

/** Hours one after another in which every reading is one value; ascending. An hour without a reading ends a stretch. */
function stretchesOf(hours: readonly HourOfReadings[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { time, n, min, max } of hours) {
    if (min !== max) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to === time && last.value === min) {
      stretches[stretches.length - 1] = { ...last, to: time + HOUR_MS, n: last.n + n };
    } else stretches.push({ value: min, from: time, to: time + HOUR_MS, n });
  }
  return stretches;
}
