import { grown, larger } from './series.ts';

/** Columns of a key, side by side so that one look at memory brings all of them. */
const LOW = 0;
const HIGH = 1;
const UNTIL = 2;
const STEP = 3;
const COLUMNS = 4;

/**
 * The calm bands of keys: what is calm for each of a key's watches that ever rest. A reading inside it passes them all
 * with one look; the watches are asked one by one only where it is not, and the band is made anew from theirs.
 */
export class CalmKeys {
  #columns = new Float64Array(64 * COLUMNS);

  /** @param stepMs how long after the key's reading before it the reading was taken; Infinity for the first */
  isCalm(key: number, value: number, time: number, stepMs: number): boolean {
    const columns = this.#columns;
    const at = key * COLUMNS;
    return (
      value >= (columns[at + LOW] as number) &&
      value <= (columns[at + HIGH] as number) &&
      time < (columns[at + UNTIL] as number) &&
      stepMs <= (columns[at + STEP] as number)
    );
  }

  /** Nothing is calm until {@link CalmKeys.set}: a watch of the key has changed its band. */
  forget(key: number): void {
    if (key * COLUMNS >= this.#columns.length) this.#grow(key);
    this.#columns[key * COLUMNS + LOW] = Number.NaN;
  }

  /** Bounds that are NaN make nothing calm. */
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
