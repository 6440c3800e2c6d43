import { GOOD, type QualifiedReadings } from '../../domain/index.ts';

/** Readings of one key in event-time order: indexes start .. end - 1 of columns. */
export interface Window {
  times: Float64Array;
  values: Float64Array;
  /** What is known of the step into each reading (`judged-gap.ts`). */
  gaps: Uint8Array;
  /** Why each is suspect (domain/quality.ts); 0 = good. */
  flags: Uint8Array;
  /** Index of the first reading known. */
  start: number;
  /** One past the last reading known. */
  end: number;
  /** `start` is the first reading the key ever had. */
  isWhole: boolean;
  /** Event time of the first reading the key ever had, suspect or not. */
  firstTime: number;
  /** Where these are the good ones among others: all of them. */
  among: Among | null;
}

/** All accepted readings, suspect ones too: they count in learning how often the device reports. */
export interface Among {
  readonly times: Float64Array;
  /** Index of the first of all that is known. */
  readonly start: number;
  /** How many of all stand before each good one. */
  readonly places: Int32Array;
}

/** A window of its own over readings, with nothing known of their steps. */
export function windowOf(
  { times, values, flags }: QualifiedReadings,
  { start, end, isWhole, firstTime }: Pick<Window, 'start' | 'end' | 'isWhole' | 'firstTime'>,
): Window {
  return { times, values, flags, gaps: new Uint8Array(end), start, end, isWhole, firstTime, among: null };
}

/** The good readings of a window; the window itself where all are. */
export function goodOf(window: Window): Window {
  const { start, end, isWhole, firstTime } = window;
  const good = new GoodReadings(window);
  good.follow(window);
  if (good.count === end - start) return window;
  const times = good.times.subarray(0, good.count);
  return {
    ...{ times, values: good.values.subarray(0, good.count), flags: new Uint8Array(good.count) },
    ...{ gaps: good.gaps, start: 0, end: good.count, isWhole, firstTime },
    among: { times: window.times, start, places: good.places },
  };
}

/**
 * The good readings of a tail that has suspect ones too, kept beside it: they grow with it, and are cut back to where
 * something changed.
 */
export class GoodReadings {
  times = new Float64Array(64);
  values = new Float64Array(64);
  gaps = new Uint8Array(64);
  /** How many readings of the tail stand before each. */
  places = new Int32Array(64);
  count = 0;
  /** Readings of the tail that have been looked at. */
  #seen = 0;
  readonly #tailFrom: number | undefined;

  constructor({ times, start, end }: Window) {
    this.#tailFrom = start < end ? times[start] : undefined;
  }

  /** Whether the tail still begins where it did. */
  isOf({ times, start, end }: Window): boolean {
    return start < end && times[start] === this.#tailFrom;
  }

  /** What stands in the tail from its `place`-th reading on has changed. */
  cutBack(place: number): void {
    this.#seen = Math.min(this.#seen, place);
    while (this.count > 0 && (this.places[this.count - 1] as number) >= place) this.count--;
  }

  /** Takes what the window has more. */
  follow({ times, values, flags, start, end }: Window): void {
    for (; start + this.#seen < end; this.#seen++) {
      const i = start + this.#seen;
      if (flags[i] !== GOOD) continue;
      if (this.count === this.times.length) this.#grow();
      this.times[this.count] = times[i] as number;
      this.values[this.count] = values[i] as number;
      this.gaps[this.count] = 0;
      this.places[this.count] = this.#seen;
      this.count++;
    }
  }

  #grow(): void {
    const length = this.times.length * 2;
    this.times = grown(this.times, new Float64Array(length));
    this.values = grown(this.values, new Float64Array(length));
    this.gaps = grown(this.gaps, new Uint8Array(length));
    this.places = grown(this.places, new Int32Array(length));
  }
}

function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}
