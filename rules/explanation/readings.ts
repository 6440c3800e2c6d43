import { isLearntGap, type KeyReadings } from '../../domain/index.ts';
import { firstNotBefore } from '../engine/series.ts';

/** A key's readings as a story asks about them. */
export class KeyHistory {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly count: number;

  constructor({ count, time, value }: KeyReadings) {
    this.count = count;
    this.times = time.subarray(0, count);
    this.values = value.subarray(0, count);
  }

  /** Index of the first reading at or after `time`. */
  from(time: number): number {
    return firstNotBefore(this.times, 0, this.count, time);
  }

  /** The value measured at exactly this moment; null where none was. */
  valueAt(time: number): number | null {
    const i = this.from(time);
    return this.times[i] === time ? (this.values[i] ?? null) : null;
  }

  /** Readings in [from, to], ascending. */
  *between(from: number, to: number): Generator<{ readonly at: number; readonly value: number; readonly i: number }> {
    for (let i = this.from(from); i < this.count && (this.times[i] ?? 0) <= to; i++) {
      yield { at: this.times[i] ?? 0, value: this.values[i] ?? 0, i };
    }
  }

  /** The step into reading `i`, ms; 0 for the first. */
  stepInto(i: number): number {
    return i === 0 ? 0 : (this.times[i] ?? 0) - (this.times[i - 1] ?? 0);
  }

  /** Whether that step is longer than a rule without a device's interval lets a value hold. */
  isGap(i: number, maxGapMs: number | undefined): boolean {
    if (i === 0) return false;
    return maxGapMs === undefined ? isLearntGap(this.times, 0, i) : this.stepInto(i) > maxGapMs;
  }
}
