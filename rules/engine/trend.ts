import type { Place } from './watches.ts';

/** Readings that a trend rests on, at least and at most. */
const LEAST_READINGS = 6;
const MOST_READINGS = 64;

/** A line through readings by least squares, seen from the last of them. */
export interface Trend {
  readonly count: number;
  /** Where the line is at the last reading. */
  readonly level: number;
  /** By how much it rises in a minute. */
  readonly slope: number;
  /** Standard error of the line so many minutes after the last reading. */
  errorAt(minutes: number): number;
}

/**
 * Fits trends (docs/rules.md, "forecast") to the readings where they lie; keeps nothing from one to the next but room
 * for the offsets.
 */
export class Trends {
  readonly #minutes = new Float64Array(MOST_READINGS);

  /**
   * The trend of the readings of the last `windowMs` up to reading `i`, none before `sliceFrom` or the last gap. Null
   * where there are fewer than 6 or they span less than half the window.
   */
  at(place: Place, i: number, windowMs: number, sliceFrom: number, isGap: (i: number) => boolean): Trend | null {
    const { times, values, start } = place;
    const time = times[i] as number;
    const from = Math.max(time - windowMs, sliceFrom);
    let first = i;
    while (first > start && i - first + 1 < MOST_READINGS && (times[first - 1] as number) >= from && !isGap(first))
      first--;
    const count = i - first + 1;
    if (count < LEAST_READINGS || time - (times[first] as number) < windowMs / 2) return null;
    const minutes = this.#minutes;
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
      spread += offset * offset;
      product += offset * ((values[first + k] as number) - meanValue);
    }
    const slope = product / spread;
    let squares = 0;
    for (let k = 0; k < count; k++) {
      const rest = (values[first + k] as number) - meanValue - slope * ((minutes[k] as number) - meanMinutes);
      squares += rest * rest;
    }
    const variance = squares / (count - 2);
    return {
      count,
      level: meanValue - slope * meanMinutes,
      slope,
      errorAt: (at) => Math.sqrt(variance * (1 / count + (at - meanMinutes) ** 2 / spread)),
    };
  }
}
