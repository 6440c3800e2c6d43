import { type KeyReadings, meanKineticTemperature } from '../domain/index.ts';

/** What a device measured during a stretch; null where it measured nothing. Unit of the metric; mkt °C. */
export interface Figures {
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
}

/** Without a better measure, a value does not hold longer than this, ms (docs/rules.md, `maxGap`). */
const HOLDS_MS = 3_600_000;

/**
 * Minimum, maximum and mean kinetic temperature during [from, to). A value holds until the next reading, as long as
 * that comes within 5 times the median step of these readings (1 h where there are fewer than five); the value that
 * still holds at `from` counts, and nothing is known after the last reading.
 *
 * @param readings of one key, ascending; may reach beyond [from, to)
 * @param isTemperature else there is no mkt
 */
export function figuresDuring(readings: KeyReadings, from: number, to: number, isTemperature: boolean): Figures {
  const { count, time, value } = readings;
  const holdsMs = longestHold(readings);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const values: number[] = [];
  const weights: number[] = [];
  for (let i = Math.max(0, firstAtOrAfter(readings, from) - 1); i < count; i++) {
    const at = time[i] ?? 0;
    if (at >= to) break;
    const next = time[i + 1] ?? at;
    const isHeld = next - at <= holdsMs;
    const known = value[i] ?? 0;
    if (at >= from || (isHeld && next > from)) {
      min = Math.min(min, known);
      max = Math.max(max, known);
    }
    const weight = isHeld ? Math.min(next, to) - Math.max(at, from) : 0;
    if (weight <= 0) continue;
    values.push(known);
    weights.push(weight);
  }
  if (min > max) return { min: null, max: null, mkt: null };
  // A stretch with one reading and nothing after it: that value is all there is.
  const mkt = isTemperature ? (meanKineticTemperature(values, weights) ?? (min === max ? min : null)) : null;
  return { min, max, mkt };
}

function longestHold({ count, time }: KeyReadings): number {
  if (count < 5) return HOLDS_MS;
  const steps = new Float64Array(count - 1);
  for (let i = 0; i + 1 < count; i++) steps[i] = (time[i + 1] ?? 0) - (time[i] ?? 0);
  steps.sort();
  const half = steps.length >> 1;
  const median = steps.length % 2 === 1 ? (steps[half] ?? 0) : ((steps[half - 1] ?? 0) + (steps[half] ?? 0)) / 2;
  return 5 * median;
}

function firstAtOrAfter({ count, time }: KeyReadings, at: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
