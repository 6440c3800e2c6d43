import { isLearntGap, learntGap, STEPS_LEARNT_FROM } from './gap.ts';
import type { KeyReadings } from './key-readings.ts';
import { ageingAt } from './mkt.ts';
import { NEIGHBOURS } from './quality.ts';

/** So many readings before a stretch decide how good the values in it are and how long they held. */
export const READINGS_BEFORE = STEPS_LEARNT_FROM + 2 + NEIGHBOURS;

/** A value during the part of [from, to) in which it held; from = to where it was read and is not known to have held. */
export interface HeldValue {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** Σ rate of ageing · ms, and Σ ms: what a mean kinetic temperature is made of. */
export interface Ageing {
  readonly sum: number;
  readonly ms: number;
}

/**
 * One device's values, each with the time during which it held: until the next reading, unless the step there is a gap
 * (docs/rules.md, `maxGap`: by what the device declares, else learnt from the steps before). Nothing is
 * known after the last reading.
 */
export class HeldValues {
  readonly #readings: KeyReadings;
  readonly #until: Float64Array;
  /** Ageing of all values before each, so that any stretch is two look-ups. */
  readonly #aged: { readonly sum: Float64Array; readonly ms: Float64Array };

  /** Until when the time since the last reading is no gap, epoch ms UTC; -Infinity where there is none. */
  readonly silentAfter: number;

  private constructor(
    readings: KeyReadings,
    until: Float64Array,
    aged: { sum: Float64Array; ms: Float64Array },
    silentAfter: number,
  ) {
    this.silentAfter = silentAfter;
    this.#readings = readings;
    this.#until = until;
    this.#aged = aged;
  }

  /** Of a device that measured nothing. */
  static readonly none = HeldValues.of({ count: 0, time: new Float64Array(), value: new Float64Array() }, null);

  /**
   * @param readings of one key, ascending, {@link READINGS_BEFORE} of them before what is asked for (if there are)
   * @param maxGapMs the longest step that is no gap by what the device declares; null = learnt from the steps before
   * @param all the accepted readings among which these are the good ones: suspect ones count in learning
   */
  static of(readings: KeyReadings, maxGapMs: number | null, all: KeyReadings = readings): HeldValues {
    const { count, time, value } = readings;
    const until = new Float64Array(count);
    const aged = { sum: new Float64Array(count + 1), ms: new Float64Array(count + 1) };
    for (let i = 0; i < count; i++) {
      const at = time[i] ?? 0;
      const next = i + 1 < count && !isGap(readings, i + 1, maxGapMs, all) ? (time[i + 1] ?? at) : at;
      until[i] = next;
      aged.sum[i + 1] = (aged.sum[i] ?? 0) + (next - at) * ageingAt(value[i] ?? 0);
      aged.ms[i + 1] = (aged.ms[i] ?? 0) + next - at;
    }
    const last = count === 0 ? Number.NEGATIVE_INFINITY : (time[count - 1] ?? 0);
    const silentAfter = last + (maxGapMs ?? learntGap(all.time, 0, indexAt(all, last) + 1));
    return new HeldValues(readings, until, aged, count === 0 ? last : silentAfter);
  }

  /** The values that were read or held in [from, to), ascending. */
  *during(from: number, to: number): Generator<HeldValue> {
    const { count, time, value } = this.#readings;
    for (let i = Math.max(0, indexAt(this.#readings, from) - 1); i < count; i++) {
      const at = time[i] ?? 0;
      if (at >= to) return;
      const until = this.#until[i] ?? at;
      if (at >= from || until > from) {
        yield { value: value[i] ?? 0, from: Math.max(at, from), to: Math.min(until, to) };
      }
    }
  }

  /** Of values in °C. */
  ageingDuring(from: number, to: number): Ageing {
    const [before, after] = [this.#agedBy(from), this.#agedBy(to)];
    return { sum: after.sum - before.sum, ms: after.ms - before.ms };
  }

  #agedBy(at: number): Ageing {
    const last = indexAt(this.#readings, at) - 1;
    if (last < 0) return { sum: 0, ms: 0 };
    const { time, value } = this.#readings;
    const from = time[last] ?? 0;
    const ms = Math.min(at, this.#until[last] ?? from) - from;
    return {
      sum: (this.#aged.sum[last] ?? 0) + ms * ageingAt(value[last] ?? 0),
      ms: (this.#aged.ms[last] ?? 0) + ms,
    };
  }
}

function isGap({ time }: KeyReadings, i: number, maxGapMs: number | null, all: KeyReadings): boolean {
  const step = (time[i] ?? 0) - (time[i - 1] ?? 0);
  if (maxGapMs !== null) return step > maxGapMs;
  if (all.time === time) return isLearntGap(time, 0, i);
  return isLearntGap(all.time, 0, indexAt(all, time[i - 1] ?? 0) + 1, step);
}

/** Index of the first reading at or after this time. */
function indexAt({ count, time }: KeyReadings, at: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
