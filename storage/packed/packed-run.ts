import type { KeyReadings, ReadingRun, ValueBounds } from '../../domain/index.ts';
import { type Clock, endsOf, longestStep, type Part, readTimes, type TimeLine } from './block-times.ts';
import { boundsOf, greatestNumber, readValues, type ValueForm } from './block-values.ts';

/** Where a block of a stretch stands, and how it is written. */
export interface Block {
  /** Of readings. */
  readonly count: number;
  readonly line: TimeLine;
  readonly form: ValueForm;
  /** Byte of the stretch that its numbers begin at. */
  readonly offset: number;
}

/** A block of a stretch whose check has been made: its header is read, of its numbers what is asked for. */
export class PackedRun implements ReadingRun {
  readonly count: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly #view: DataView;
  readonly #block: Block;
  readonly #clock: Clock;

  /** @param view of the whole stretch */
  constructor(view: DataView, block: Block, clock: Clock) {
    const { firstTime, lastTime } = endsOf(block.line, clock);
    this.count = block.count;
    this.firstTime = firstTime;
    this.lastTime = lastTime;
    this.#view = view;
    this.#block = block;
    this.#clock = clock;
  }

  get lastValue(): number {
    return this.#valuesOf({ from: this.count - 1, to: this.count, count: this.count })[0] as number;
  }

  get longestStepMs(): number {
    return longestStep(this.#block.line, this.count) * this.#clock.unit;
  }

  get bounds(): ValueBounds {
    return boundsOf(this.#block.form, 2 ** this.#block.form.width - 1);
  }

  measure(): ValueBounds {
    const { form } = this.#block;
    return boundsOf(form, greatestNumber(this.#view, this.#valuesAt, form, this.count));
  }

  newest(count: number): KeyReadings {
    const part = { from: Math.max(0, this.count - count), to: this.count, count: this.count };
    const time = new Float64Array(part.to - part.from);
    readTimes(this.#view, this.#block.offset * 8, this.#block.line, part, time, 0, this.#clock);
    return { count: time.length, time, value: this.#valuesOf(part) };
  }

  #valuesOf(part: Part): Float64Array {
    const values = new Float64Array(part.to - part.from);
    readValues(this.#view, this.#valuesAt, this.#block.form, part, values, 0);
    return values;
  }

  get #valuesAt(): number {
    return this.#block.offset * 8 + this.count * this.#block.line.width;
  }
}
