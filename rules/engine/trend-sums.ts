import type { ForecastRule } from '../../domain/index.ts';
import type { Step } from './step.ts';
import { firstOfTrend, LEAST_READINGS, MOST_READINGS } from './trend.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/** Columns of a slot, side by side: two lines of the processor's cache. */
const COUNT = 0;
const FIRST_TIME = 1;
const LAST_TIME = 2;
/** Minutes are counted from here, so that they stay small. */
const ORIGIN = 3;
const X = 4;
const Y = 5;
const XX = 6;
const XY = 7;
/** The greatest distance from the limit that has gone into the sums. */
const GREATEST = 8;
/** 1 where the limit is `above`, -1 where it is `below`. */
const SIGN = 9;
const LIMIT = 10;
const WINDOW_MS = 11;
const WITHIN_MS = 12;
/** The end of the slice whose rule this is. */
const UNTIL = 13;
const COLUMNS = 16;

const MINUTE_MS = 60_000;
/** Sums are computed again once they reach over so many windows: what rounding leaves in them does not add up. */
const MOST_WINDOWS = 4;
/**
 * The sums may be off by this part of what went into them. Of rounding alone it is 1e-8 at most: up to some
 * thousand additions of 1e-16 each, in sums that lose four digits when they are centred.
 */
const UNCERTAIN = 1e-6;

/**
 * Sums over the readings that a trend rests on, x in minutes, y how far beyond the rule's limit (below zero: before it),
 * carried from reading to reading. They show where no trend can be sure, at the cost of adding one reading and taking away
 * another; they never show that one is. So nothing that is found depends on how they came about.
 *
 * The sums hold for a reading if those between their first and last are still as many as they count; late readings
 * between them make it not so. A rewind, a restart or another rule forgets them.
 */
export class TrendSums {
  readonly #watches: Watches;
  #columns = new Float64Array(64 * COLUMNS);

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /**
   * Adds a reading to the sums; true where the trend then surely does not reach the limit `within`, false
   * where it may or the sums are not of its past.
   */
  passes(watch: number, window: Window, i: number): boolean {
    const columns = this.#columns;
    const at = (this.#watches.slot[watch] as number) * COLUMNS;
    const { times } = window;
    const time = times[i] as number;
    let count = columns[at + COUNT] as number;
    let first = i - count;
    if (!(count > 0) || first < window.start || time >= (columns[at + UNTIL] as number)) return false;
    if (times[i - 1] !== columns[at + LAST_TIME] || times[first] !== columns[at + FIRST_TIME]) return false;
    const windowMs = columns[at + WINDOW_MS] as number;
    if (time - (columns[at + ORIGIN] as number) > MOST_WINDOWS * windowMs) return false;
    if (this.#watches.isGap(watch, window, i)) return false;
    this.#add(at, time, window.values[i] as number, 1);
    count++;
    for (; count > MOST_READINGS || (times[first] as number) < time - windowMs; first++, count--) {
      this.#add(at, times[first] as number, window.values[first] as number, -1);
    }
    columns[at + COUNT] = count;
    columns[at + FIRST_TIME] = times[first] as number;
    columns[at + LAST_TIME] = time;
    return !this.#isNear(at, count, time);
  }

  /** Computes the sums again up to the step's reading where they are not of it; as for {@link TrendSums.passes}. */
  mayReach(step: Step<ForecastRule>): boolean {
    const at = step.slot * COLUMNS;
    const columns = this.#columns;
    if (!((columns[at + COUNT] as number) > 0) || columns[at + LAST_TIME] !== step.time) this.#begin(at, step);
    return this.#isNear(at, columns[at + COUNT] as number, step.time);
  }

  /** The sums are not valid any more. */
  forget(watch: number): void {
    const at = (this.#watches.slot[watch] as number) * COLUMNS;
    if (at >= this.#columns.length) this.#grow(at + COLUMNS);
    this.#columns[at + COUNT] = 0;
  }

  #begin(at: number, step: Step<ForecastRule>): void {
    const columns = this.#columns;
    const { window, i, time, rule, sliceTo } = step;
    const { times, values } = window;
    const first = firstOfTrend(step);
    columns.fill(0, at, at + COLUMNS);
    columns[at + COUNT] = i - first + 1;
    columns[at + FIRST_TIME] = times[first] as number;
    columns[at + LAST_TIME] = time;
    columns[at + ORIGIN] = times[first] as number;
    columns[at + SIGN] = rule.above === undefined ? -1 : 1;
    columns[at + LIMIT] = rule.above ?? rule.below ?? Number.NaN;
    columns[at + WINDOW_MS] = rule.windowMs;
    columns[at + WITHIN_MS] = rule.withinMs;
    columns[at + UNTIL] = sliceTo;
    for (let k = first; k <= i; k++) this.#add(at, times[k] as number, values[k] as number, 1);
  }

  #add(at: number, time: number, value: number, times: 1 | -1): void {
    const columns = this.#columns;
    const x = (time - (columns[at + ORIGIN] as number)) / MINUTE_MS;
    const y = (columns[at + SIGN] as number) * (value - (columns[at + LIMIT] as number));
    const distance = Math.abs(y);
    if (distance > (columns[at + GREATEST] as number)) columns[at + GREATEST] = distance;
    columns[at + X] = (columns[at + X] as number) + times * x;
    columns[at + Y] = (columns[at + Y] as number) + times * y;
    columns[at + XX] = (columns[at + XX] as number) + times * x * x;
    columns[at + XY] = (columns[at + XY] as number) + times * x * y;
  }

  /** Whether there is a trend whose line is beyond the limit after `within`, or nearly. */
  #isNear(at: number, count: number, time: number): boolean {
    const columns = this.#columns;
    const windowMs = columns[at + WINDOW_MS] as number;
    if (count < LEAST_READINGS || time - (columns[at + FIRST_TIME] as number) < windowMs / 2) return false;
    const x = (columns[at + X] as number) / count;
    const y = (columns[at + Y] as number) / count;
    const spread = (columns[at + XX] as number) - count * x * x;
    const slope = ((columns[at + XY] as number) - count * x * y) / spread;
    const ahead = (time - (columns[at + ORIGIN] as number) + (columns[at + WITHIN_MS] as number)) / MINUTE_MS - x;
    const uncertain = UNCERTAIN * (columns[at + GREATEST] as number) * (1 + (ahead * MINUTE_MS) / windowMs);
    return !(y + slope * ahead < -uncertain);
  }

  #grow(length: number): void {
    const larger = new Float64Array(Math.max(length, this.#columns.length) * 2);
    larger.set(this.#columns);
    this.#columns = larger;
  }
}
