import { grown, larger } from './series.ts';

/** Columns of a key, side by side so that one look at memory brings all of them. */
const LOW = 0;
const HIGH = 1;
const UNTIL = 2;
const STEP = 3;
const COLUMNS = 4;

/**
 * The bypass bands of keys: the values and times for which readings every watch of the key changes nothing. A reading inside it passes all watches
 * with one look; the watches are asked one by one only where it is not, and the band is computed again from theirs.
 */
export class KeyBands {
  #columns = new Float64Array(64 * COLUMNS);

  /** @param stepMs how long after the key's reading before it the reading was taken; Infinity for the first */
  isBypassed(key: number, value: number, time: number, stepMs: number): boolean {
    const columns = this.#columns;
    const at = key * COLUMNS;
    return (
      value >= (columns[at + LOW] as number) &&
      value <= (columns[at + HIGH] as number) &&
      time < (columns[at + UNTIL] as number) &&
      stepMs <= (columns[at + STEP] as number)
    );
  }

  /** Whether nothing is bypassed: a watch of the key has changed its band since, or bypasses nothing. */
  isForgotten(key: number): boolean {
    return Number.isNaN(this.#columns[key * COLUMNS + LOW]);
  }

  /** No reading is bypassed until {@link KeyBands.set}: a watch of the key has changed its band. */
  forget(key: number): void {
    if (key * COLUMNS >= this.#columns.length) this.#grow(key);
    this.#columns[key * COLUMNS + LOW] = Number.NaN;
  }

  /** Bounds that are NaN bypass nothing. */
  set(key: number, low: number, high: number, until: number, stepMs: number): void {
    const at = key * COLUMNS;
    this.#columns[at + LOW] = low;
    this.#columns[at + HIGH] = high;
    this.#columns[at + UNTIL] = until;
    this.#columns[at + STEP] = stepMs;
  }

  #grow(key: number): void {
    const keys = Math.max(key + 1, larger(this.#columns.length / COLUMNS));
    this.#columns = grown(this.#columns, new Float64Array(keys * COLUMNS));
  }
}
