import type { ForecastRule } from '../../domain/index.ts';
import type { Step } from './step.ts';

/** Readings that a trend rests on, at least and at most. */
export const LEAST_READINGS = 6;
export const MOST_READINGS = 64;

/**
 * A line through readings by least squares, seen from the last of them (docs/rules.md, "forecast"). Moved from reading to
 * reading; keeps nothing from one to the next but room for the offsets.
 */
export class Trend {
  readonly #minutes = new Float64Array(MOST_READINGS);
  readonly #offsets = new Float64Array(MOST_READINGS);
  #meanMinutes = 0;
  #spread = 0;
  count = 0;
  /** Where the line is at the last reading. */
  level = 0;
  /** By how much it rises in a minute. */
  slope = 0;

  /**
   * Fits the readings of the last `window` up to the step's, none before its slice or the last gap. False where there are
   * fewer than 6 or they span less than half the window.
   */
  fit(step: Step<ForecastRule>): boolean {
    const { window, i, time } = step;
    const { times, values } = window;
    const first = firstOfTrend(step);
    const count = i - first + 1;
    if (count < LEAST_READINGS || time - (times[first] as number) < step.rule.windowMs / 2) return false;
    const minutes = this.#minutes;
    const offsets = this.#offsets;
    let sumOfMinutes = 0;
    let sumOfValues = 0;
    for (let k = 0; k < count; k++) {
      minutes[k] = ((times[first + k] as number) - time) / 60_000;
      sumOfMinutes += minutes[k] as number;
      sumOfValues += values[first + k] as number;
    }
    const meanMinutes = sumOfMinutes / count;
    const meanValue = sumOfValues / count;
    let spread = 0;
    let product = 0;
    for (let k = 0; k < count; k++) {
      const offset = (minutes[k] as number) - meanMinutes;
      offsets[k] = (values[first + k] as number) - meanValue;
      spread += offset * offset;
      product += offset * (offsets[k] as number);
    }
    this.count = count;
    this.slope = product / spread;
    this.level = meanValue - this.slope * meanMinutes;
    this.#meanMinutes = meanMinutes;
    this.#spread = spread;
    return true;
  }

  /** Standard error of the line so many minutes after the last reading. */
  errorAt(at: number): number {
    let squares = 0;
    for (let k = 0; k < this.count; k++) {
      const offset = (this.#minutes[k] as number) - this.#meanMinutes;
      const rest = (this.#offsets[k] as number) - this.slope * offset;
      squares += rest * rest;
    }
    const variance = squares / (this.count - 2);
    return Math.sqrt(variance * (1 / this.count + (at - this.#meanMinutes) ** 2 / this.#spread));
  }
}

/** Index of the oldest reading that the trend at a step rests on. */
export function firstOfTrend(step: Step<ForecastRule>): number {
  const { window, i, time } = step;
  const from = time - step.rule.windowMs;
  const least = i - MOST_READINGS + 1;
  let first = i;
  while (first > least && step.counts(first - 1) && (window.times[first - 1] as number) >= from && !step.isGap(first))
    first--;
  if (first === window.start && first > least) step.readPastStart();
  return first;
}
