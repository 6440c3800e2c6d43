import { MKT_KELVIN, ZERO_CELSIUS_KELVIN } from '../../domain/index.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

export const HOUR_MS = 3_600_000;

/** Columns of a slot, side by side. */
const END = 0;
const SUM = 1;
const WEIGHT = 2;
const COLUMNS = 4;

/** What an hour weighs: Σ w·exp(-ΔH/RT) and Σ w, w in ms. */
export interface HourWeight {
  readonly hour: number;
  readonly sum: number;
  readonly weight: number;
}

/**
 * The hour that each mkt watch is in, as columns: nearly all readings only add to it. It is taken from the watch's window
 * and returned there, and is added to in the readings' order like any other hour, so that its sums are the same to the bit.
 */
export class MktHours {
  readonly #watches: Watches;
  #columns = new Float64Array(64 * COLUMNS).fill(Number.NEGATIVE_INFINITY);

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /** Adds the step into reading `i`; false where it leaves the hour, no hour is carried or now has come past it. */
  passes(watch: number, window: Window, i: number): boolean {
    const columns = this.#columns;
    const at = (this.#watches.slot[watch] as number) * COLUMNS;
    const end = columns[at + END] as number;
    const to = window.times[i] as number;
    if (!(to < end) || this.#watches.now >= end) return false;
    if (this.#watches.isGap(watch, window, i)) return true;
    const weight = to - (window.times[i - 1] as number);
    columns[at + SUM] = (columns[at + SUM] as number) + weight * factorOf(window.values[i - 1] as number);
    columns[at + WEIGHT] = (columns[at + WEIGHT] as number) + weight;
    return true;
  }

  carry(watch: number, { hour, sum, weight }: HourWeight): void {
    const at = (this.#watches.slot[watch] as number) * COLUMNS;
    this.#columns[at + END] = hour + HOUR_MS;
    this.#columns[at + SUM] = sum;
    this.#columns[at + WEIGHT] = weight;
  }

  /** The hour carried, for the window; null where none is. */
  drop(watch: number): HourWeight | null {
    const at = (this.#watches.slot[watch] as number) * COLUMNS;
    if (at >= this.#columns.length) this.#grow(at + COLUMNS);
    const end = this.#columns[at + END] as number;
    this.#columns[at + END] = Number.NEGATIVE_INFINITY;
    if (!(end > Number.NEGATIVE_INFINITY)) return null;
    const [sum, weight] = [this.#columns[at + SUM] as number, this.#columns[at + WEIGHT] as number];
    return { hour: end - HOUR_MS, sum, weight };
  }

  #grow(length: number): void {
    const larger = new Float64Array(Math.max(length, this.#columns.length) * 2).fill(Number.NEGATIVE_INFINITY);
    larger.set(this.#columns);
    this.#columns = larger;
  }
}

/** exp(-ΔH/RT) of a temperature. USP <1079.2>, with ΔH/R = 10,000 K. */
export function factorOf(celsius: number): number {
  return Math.exp(-MKT_KELVIN / (celsius + ZERO_CELSIUS_KELVIN));
}
