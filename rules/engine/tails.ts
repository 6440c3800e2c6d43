import {
  flagSteps,
  GOOD,
  IMPLAUSIBLE_STEP,
  isImplausible,
  type KeyReadings,
  mayStep,
  NEIGHBOURS,
  type QualifiedReadings,
  qualified,
} from '../../domain/index.ts';
import { Qualities } from './qualities.ts';
import { Series, type TailSize } from './series.ts';
import { GoodReadings, goodOf, type Window, windowOf } from './window.ts';

/** A part of a key's stored readings, for judging again. */
export interface StoredReadings {
  readonly readings: KeyReadings;
  /** It begins with the first reading the key ever had. */
  readonly isWhole: boolean;
  /** Nothing is stored between its end and the key's tail. */
  readonly reachesTail: boolean;
}

/** The tail of each key as rules see it: all of its readings, or the good ones only. */
export class Tails {
  readonly series: Series;
  readonly qualities: Qualities = new Qualities();
  /** The good readings of tails that have suspect ones. */
  readonly #good = new Map<number, GoodReadings>();
  readonly #window: Window;
  readonly #goodWindow: Window;
  readonly #besideWindow: Window;

  constructor(tail: TailSize) {
    this.series = new Series(tail);
    const { times, values, gaps, flags } = this.series;
    this.#window = { times, values, gaps, flags, start: 0, end: 0, isWhole: true, firstTime: 0, among: null };
    this.#goodWindow = { ...this.#window };
    this.#besideWindow = { ...this.#window };
  }

  /** All readings of the key's tail; valid until the next call. */
  all(key: number): Window {
    const window = this.#window;
    const series = this.series;
    window.times = series.times;
    window.values = series.values;
    window.gaps = series.gaps;
    window.flags = series.flags;
    window.start = series.startOf(key);
    window.end = series.endOf(key);
    window.isWhole = series.isWhole(key);
    window.firstTime = series.firstTime(key);
    return window;
  }

  /** The tail as a watch sees it that sees suspect readings too, or does not; valid until the next call. */
  seen(key: number, withSuspects: boolean): Window {
    const all = this.all(key);
    return withSuspects || this.series.suspects(key) === 0 ? all : this.#setGoodWindow(key, all);
  }

  /** The good readings of a tail, beside those of another that is being judged; valid until the next call. */
  beside(key: number): Window {
    const { series } = this;
    const { times, values, gaps, flags } = series;
    const [start, end] = [series.startOf(key), series.endOf(key)];
    const place = { start, end, isWhole: series.isWhole(key), firstTime: series.firstTime(key), among: null };
    Object.assign(this.#besideWindow, { times, values, gaps, flags, ...place });
    return series.suspects(key) === 0 ? this.#besideWindow : goodOf(this.#besideWindow);
  }

  /** Event time from which the key's tail is complete; what lies before has to come from history. */
  from(key: number): number {
    const start = this.series.startOf(key);
    return start === this.series.endOf(key) ? Number.POSITIVE_INFINITY : (this.series.times[start] as number);
  }

  isGood(i: number): boolean {
    return this.series.flags[i] === GOOD;
  }

  /**
   * Looks again at the plausibility of the readings around index `i` of the columns, none before `from`.
   */
  flagStepsAround(key: number, i: number, from: number): void {
    const quality = this.qualities.of(key);
    const series = this.series;
    const [start, end] = [series.startOf(key), series.endOf(key)];
    if (!mayStep(quality)) return;
    for (let k = Math.max(start, from); k <= Math.min(end - 1, i + NEIGHBOURS); k++) {
      const before = series.flags[k] as number;
      const others = before & ~IMPLAUSIBLE_STEP;
      const flags = isImplausible(series, start, end, k, quality) ? others | IMPLAUSIBLE_STEP : others;
      if (flags === before) continue;
      series.setFlags(key, k, flags);
      this.#good.get(key)?.cutBack(k - start);
    }
  }

  /** Stored readings and, where they meet it, the key's tail, as one window. */
  joined(key: number, { readings, isWhole, reachesTail }: StoredReadings): Window {
    const quality = this.qualities.of(key);
    const { count } = readings;
    const firstTime = this.series.firstTime(key);
    const stored = qualified(readings, quality);
    // At an end that is cut off two readings lack the neighbours that their quality rests on.
    const start = isWhole ? 0 : Math.min(NEIGHBOURS, count);
    if (!reachesTail) {
      return windowOf(stored, { start, end: Math.max(start, count - NEIGHBOURS), isWhole, firstTime });
    }
    const joined = joinQualified(stored, this.#readingsOf(key));
    flagSteps(joined, Math.max(0, count - NEIGHBOURS), Math.min(joined.times.length, count + NEIGHBOURS), quality);
    return windowOf(joined, { start, end: joined.times.length, isWhole, firstTime });
  }

  replace(key: number, { times, values, flags, start, end, isWhole }: Window): void {
    const tail = {
      times: times.subarray(start, end),
      values: values.subarray(start, end),
      flags: flags.subarray(start, end),
    };
    this.series.replace(key, tail, isWhole);
    this.#good.delete(key);
  }

  /** The good readings before an index of the columns are as they were. */
  goodUpTo(key: number, index: number): void {
    this.#good.get(key)?.cutBack(index - this.series.startOf(key));
  }

  /** Which readings are good is to be found out anew. */
  forgetGood(key: number): void {
    this.#good.delete(key);
  }

  #readingsOf(key: number): QualifiedReadings {
    const [from, to] = [this.series.startOf(key), this.series.endOf(key)];
    const { times, values, flags } = this.series;
    return { times: times.subarray(from, to), values: values.subarray(from, to), flags: flags.subarray(from, to) };
  }

  #setGoodWindow(key: number, all: Window): Window {
    let good = this.#good.get(key);
    if (good === undefined || !good.isOf(all)) {
      good = new GoodReadings(all);
      this.#good.set(key, good);
    }
    good.follow(all);
    const window = this.#goodWindow;
    window.times = good.times;
    window.values = good.values;
    window.gaps = good.gaps;
    window.start = 0;
    window.end = good.count;
    window.isWhole = all.isWhole;
    window.firstTime = all.firstTime;
    window.among = { times: all.times, start: all.start, places: good.places };
    return window;
  }
}

function joinQualified(a: QualifiedReadings, b: QualifiedReadings): QualifiedReadings {
  const count = a.times.length;
  const times = new Float64Array(count + b.times.length);
  const values = new Float64Array(times.length);
  const flags = new Uint8Array(times.length);
  times.set(a.times);
  times.set(b.times, count);
  values.set(a.values);
  values.set(b.values, count);
  flags.set(a.flags);
  flags.set(b.flags, count);
  return { times, values, flags };
}
