import type { Key } from './key.ts';
import type { KeyReadings } from './key-readings.ts';

/**
 * Some readings of one key that follow each other in time, of which it is known what lies in them before any is read: where
 * nothing of it matters to whoever judges, none need be. At least one reading.
 */
export interface ReadingRun {
  readonly count: number;
  /** Event time of the first reading, epoch ms UTC. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** The last reading's, as received. */
  readonly lastValue: number;
  /** No reading comes later than so many ms after the one before it in the run; perhaps none comes that late. */
  readonly longestStepMs: number;
  /** What all values lie in, as the run says it of itself: perhaps wider than they are. */
  readonly bounds: ValueBounds;
  /** The same after a look at the values; hardly wider than they are. */
  measure(): ValueBounds;
  /** The newest `count` readings, ascending; all where it has no more. */
  newest(count: number): KeyReadings;
}

/** Values lie in [least, most]; both NaN where that is not known, or one of them is no number. */
export interface ValueBounds {
  readonly least: number;
  readonly most: number;
}

/** One key's readings in [from, to) among those of many, as runs: ascending, none empty, each behind the one before. */
export interface KeyRuns extends Key {
  readonly runs: readonly ReadingRun[];
}

/** So many readings are looked at together: more, and one that matters has more read besides. */
const RUN_READINGS = 128;

/** Readings that are there as columns, as runs over them. */
export function runsOf(readings: KeyReadings): ReadingRun[] {
  const runs: ReadingRun[] = [];
  for (let from = 0; from < readings.count; from += RUN_READINGS) {
    runs.push(new ColumnRun(readings, from, Math.min(readings.count, from + RUN_READINGS)));
  }
  return runs;
}

/** Of [from, to) of columns. */
class ColumnRun implements ReadingRun {
  readonly count: number;
  readonly #time: Float64Array;
  readonly #value: Float64Array;
  readonly #from: number;
  readonly #to: number;

  constructor({ time, value }: KeyReadings, from: number, to: number) {
    this.count = to - from;
    this.#time = time;
    this.#value = value;
    this.#from = from;
    this.#to = to;
  }

  get firstTime(): number {
    return this.#time[this.#from] as number;
  }

  get lastTime(): number {
    return this.#time[this.#to - 1] as number;
  }

  get lastValue(): number {
    return this.#value[this.#to - 1] as number;
  }

  get longestStepMs(): number {
    let longest = 0;
    for (let i = this.#from + 1; i < this.#to; i++) {
      const step = (this.#time[i] as number) - (this.#time[i - 1] as number);
      if (step > longest) longest = step;
    }
    return longest;
  }

  get bounds(): ValueBounds {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = this.#from; i < this.#to; i++) {
      const value = this.#value[i] as number;
      if (value < least) least = value;
      if (value > most) most = value;
      if (Number.isNaN(value)) return { least: value, most: value };
    }
    return { least, most };
  }

  measure(): ValueBounds {
    return this.bounds;
  }

  newest(count: number): KeyReadings {
    const from = Math.max(this.#from, this.#to - count);
    return {
      count: this.#to - from,
      time: this.#time.subarray(from, this.#to),
      value: this.#value.subarray(from, this.#to),
    };
  }
}
