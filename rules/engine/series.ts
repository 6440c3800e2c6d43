import { GOOD, NEIGHBOURS, STEPS_LEARNT_FROM } from '../../domain/index.ts';
import { NOT_JUDGED } from './judged-gap.ts';
import type { Window } from './window.ts';

/**
 * Keys and the last readings of each.
 *
 * A key (device, metric) is an integer from its first reading on. Its tail, the newest readings in event-time order,
 * stands as one contiguous stretch of shared columns (`times`, `values` as they are judged, `flags` of their quality, and
 * what is known of the step into each, `gaps`), so that looking back needs no ring arithmetic and no object. A bounded tail drops its oldest readings a few at
 * a time, but none that its key's rules still read ({@link Reach}); it is `whole` until the first drop: as long as it
 * holds every reading its key ever had.
 */
export interface TailSize {
  /** Readings a tail holds at most; Infinity keeps everything (backtests). */
  readonly most: number;
  /** Readings that stay when a full tail drops its oldest; enough for the 20 steps a learnt gap asks for. */
  readonly kept: number;
}

export const BOUNDED_TAIL: TailSize = { most: 32, kept: 24 };
export const WHOLE_TAIL: TailSize = { most: Number.POSITIVE_INFINITY, kept: Number.POSITIVE_INFINITY };

/** Readings that rules read where they lie: all of the last `windowMs`, and of the last `newestMs` the newest `newest`. */
export interface Reach {
  readonly windowMs: number;
  readonly newestMs: number;
  readonly newest: number;
}

export type Insertion = 'inserted' | 'present' | 'beyond';

/** Room for metric codes 0..15 behind each device. */
const METRICS_PER_DEVICE = 16;
const FIRST_CAPACITY = 32;
/** After so many suspect readings in a row nothing of what was good before is of use any more. */
const MOST_SUSPECTS = 4_096;
/** A full tail that has to keep a greater part of its readings grows instead. */
const MOST_KEPT = 0.75;

export class Series {
  readonly #tail: TailSize;
  readonly #deviceIndex = new Map<string, number>();
  readonly #devices: string[] = [];
  #keyAt = new Int32Array(64 * METRICS_PER_DEVICE).fill(-1);
  #keys = 0;
  #deviceOf = new Uint32Array(64);
  #metricOf = new Uint8Array(64);
  #lastTime = new Float64Array(64);
  /** Of the tail's newest reading, NaN where it has none: beside the times, so that a reading in order reads no tail. */
  #lastValue = new Float64Array(64).fill(Number.NaN);
  #firstTime = new Float64Array(64);
  #offset = new Float64Array(64);
  #size = new Uint32Array(64);
  #capacity = new Uint32Array(64);
  #isWhole = new Uint8Array(64);
  /** Null where no rule of the key reads further back than every tail does. */
  readonly #reach: (Reach | null)[] = [];
  #used = 0;
  /** Stretches that tails have grown out of, by their capacity. */
  readonly #left = new Map<number, number[]>();
  #times = new Float64Array(1024);
  #values = new Float64Array(1024);
  #gaps = new Uint8Array(1024);
  /** GOOD beyond the end of every tail too, so that a good reading need not touch it: nearly all are. */
  #flags = new Uint8Array(1024);
  /** How many readings of each tail are suspect. */
  #suspects = new Uint32Array(64);

  constructor(tail: TailSize) {
    this.#tail = tail;
  }

  /** Event times of all tails; valid until the next `open`, `append` or `insert`. */
  get times(): Float64Array {
    return this.#times;
  }

  get values(): Float64Array {
    return this.#values;
  }

  /** What is known of the step into each reading (`judged-gap.ts`). */
  get gaps(): Uint8Array {
    return this.#gaps;
  }

  /** Why each reading is suspect (domain/quality.ts); 0 = good. */
  get flags(): Uint8Array {
    return this.#flags;
  }

  /** How many readings of the key's tail are suspect. */
  suspects(key: number): number {
    return this.#suspects[key] as number;
  }

  /** How many keys there are; keys are 0 .. count - 1. */
  get count(): number {
    return this.#keys;
  }

  deviceIndex(name: string): number {
    let device = this.#deviceIndex.get(name);
    if (device === undefined) {
      device = this.#devices.length;
      this.#devices.push(name);
      this.#deviceIndex.set(name, device);
      const needed = (device + 1) * METRICS_PER_DEVICE;
      if (needed > this.#keyAt.length) {
        const grown = new Int32Array(needed * 2).fill(-1);
        grown.set(this.#keyAt);
        this.#keyAt = grown;
      }
    }
    return device;
  }

  /** The key of a device's metric, or -1 where it has none yet. */
  keyOf(device: number, metric: number): number {
    return this.#keyAt[device * METRICS_PER_DEVICE + metric] as number;
  }

  /** The key of another metric of a key's device, or -1. */
  besideOf(key: number, metric: number): number {
    return this.keyOf(this.#deviceOf[key] as number, metric);
  }

  find(name: string, metric: number): number {
    const device = this.#deviceIndex.get(name);
    return device === undefined ? -1 : this.keyOf(device, metric);
  }

  /** All keys of a device. */
  keysOf(name: string): number[] {
    const device = this.#deviceIndex.get(name);
    if (device === undefined) return [];
    const from = device * METRICS_PER_DEVICE;
    return [...this.#keyAt.subarray(from, from + METRICS_PER_DEVICE)].filter((key) => key >= 0);
  }

  open(device: number, metric: number): number {
    const key = this.#keys++;
    if (key === this.#lastTime.length) this.#growKeys();
    this.#keyAt[device * METRICS_PER_DEVICE + metric] = key;
    this.#deviceOf[key] = device;
    this.#metricOf[key] = metric;
    this.#lastTime[key] = Number.NEGATIVE_INFINITY;
    this.#lastValue[key] = Number.NaN;
    this.#firstTime[key] = Number.POSITIVE_INFINITY;
    this.#isWhole[key] = 1;
    this.#reach.push(null);
    this.#allocate(key, FIRST_CAPACITY);
    return key;
  }

  /** From here on the key's tail holds at least what its rules read. */
  hold(key: number, reach: Reach | null): void {
    this.#reach[key] = reach;
    if (reach !== null && this.#size[key] === 0) this.#allocate(key, 2 * FIRST_CAPACITY);
  }

  /** Readings a tail holds at most, unless its key's rules reach further back. */
  get most(): number {
    return this.#tail.most;
  }

  /** Every tail holds all readings of its key. */
  get keepsAll(): boolean {
    return this.#tail.most === Number.POSITIVE_INFINITY;
  }

  /** How long before the newest reading a key's rules read what every tail does not hold, ms; 0 where they do not. */
  reachMs(key: number): number {
    const reach = this.#reach[key];
    return reach ? Math.max(reach.windowMs, reach.newestMs) : 0;
  }

  /** The key's tail may not hold what its rules read. */
  isShort(key: number): boolean {
    const size = this.#size[key] as number;
    const from = this.startOf(key);
    return (
      !this.isWhole(key) && size < this.#needed(key, { times: this.#times, flags: this.#flags }, from, from + size)
    );
  }

  deviceOf(key: number): string {
    return this.#devices[this.#deviceOf[key] as number] as string;
  }

  metricOf(key: number): number {
    return this.#metricOf[key] as number;
  }

  /** Event time of the key's newest reading; -Infinity before the first. */
  lastTime(key: number): number {
    return this.#lastTime[key] as number;
  }

  /** Value, as it is judged, of the tail's newest reading; NaN where the tail is empty. */
  lastValue(key: number): number {
    return this.#lastValue[key] as number;
  }

  /** Event time of the oldest reading the key ever had; Infinity before the first. */
  firstTime(key: number): number {
    return this.#firstTime[key] as number;
  }

  /** A reading this old is known of, in the tail or not. */
  noteFirst(key: number, time: number): void {
    if (time < (this.#firstTime[key] as number)) this.#firstTime[key] = time;
  }

  /** Where the key's tail begins in the columns. */
  startOf(key: number): number {
    return this.#offset[key] as number;
  }

  /** One past the tail's newest reading. */
  endOf(key: number): number {
    return (this.#offset[key] as number) + (this.#size[key] as number);
  }

  /** How many readings the key's tail has. */
  size(key: number): number {
    return this.#size[key] as number;
  }

  /** The tail holds every reading the key ever had. */
  isWhole(key: number): boolean {
    return this.#isWhole[key] === 1;
  }

  /** Adds a reading newer than all others of its key; returns its index in the columns. */
  append(key: number, time: number, value: number, flags = GOOD): number {
    const size = this.#size[key] as number;
    if (size === this.#capacity[key]) {
      this.#makeRoom(key);
      return this.append(key, time, value, flags);
    }
    const index = (this.#offset[key] as number) + size;
    this.#times[index] = time;
    this.#values[index] = value;
    this.#gaps[index] = NOT_JUDGED;
    if (flags !== GOOD) {
      this.#flags[index] = flags;
      this.#countSuspects(key, 1);
    }
    this.#size[key] = size + 1;
    if (this.#lastTime[key] === Number.NEGATIVE_INFINITY) this.noteFirst(key, time);
    this.#lastTime[key] = time;
    this.#lastValue[key] = value;
    return index;
  }

  /**
   * Puts a reading that is not newer than its key's newest into the tail. `present`: that moment has a reading already,
   * which stays. `beyond`: it is older than the tail, where that is not whole, or so near its beginning that the quality of
   * its neighbours rests on readings before it; then the tail begins behind it.
   */
  insert(key: number, time: number, value: number, flags = GOOD): Insertion {
    this.noteFirst(key, time);
    if (this.#size[key] === this.#capacity[key]) this.#makeRoom(key);
    const from = this.startOf(key);
    const to = this.endOf(key);
    const at = firstNotBefore(this.#times, from, to, time);
    if (at < to && this.#times[at] === time) return 'present';
    if (at - from < 2 * NEIGHBOURS && !this.isWhole(key)) {
      this.#dropBefore(key, at - from);
      this.#forgetGaps(this.startOf(key), this.endOf(key));
      return 'beyond';
    }
    this.#times.copyWithin(at + 1, at, to);
    this.#values.copyWithin(at + 1, at, to);
    this.#gaps.copyWithin(at + 1, at, to);
    if (this.#suspects[key] !== 0) this.#flags.copyWithin(at + 1, at, to);
    this.#times[at] = time;
    this.#values[at] = value;
    if (at === to) this.#lastValue[key] = value;
    this.#flags[at] = flags;
    if (flags !== GOOD) this.#countSuspects(key, 1);
    this.#forgetGaps(at, to + 1);
    this.#size[key] = (this.#size[key] as number) + 1;
    return 'inserted';
  }

  /** Another quality of the reading at an index of the columns. */
  setFlags(key: number, index: number, flags: number): void {
    const before = this.#flags[index] as number;
    this.#flags[index] = flags;
    if (before !== GOOD && flags === GOOD) this.#countSuspects(key, -1);
    if (before === GOOD && flags !== GOOD) this.#countSuspects(key, 1);
  }

  /** Lets all readings of the tail go; the key still knows when its last one was. */
  dropTail(key: number): void {
    this.#dropBefore(key, this.#size[key] as number);
    this.#isWhole[key] = 0;
  }

  /** Puts the key's newest readings, ascending, in place of its tail. */
  replace(key: number, { times, values, flags }: Pick<Window, 'times' | 'values' | 'flags'>, isWhole: boolean): void {
    const needed = this.#needed(key, { times, flags }, 0, times.length);
    const dropped = Math.max(0, times.length - Math.max(this.#tail.most, needed));
    const size = times.length - dropped;
    while ((this.#capacity[key] as number) < size) this.#allocate(key, (this.#capacity[key] as number) * 2);
    const from = this.startOf(key);
    this.#flags.fill(GOOD, from, from + (this.#capacity[key] as number));
    this.#times.set(times.subarray(dropped), from);
    this.#values.set(values.subarray(dropped), from);
    this.#flags.set(flags.subarray(dropped), from);
    this.#gaps.fill(NOT_JUDGED, from, from + size);
    this.#size[key] = size;
    this.#suspects[key] = flags.subarray(dropped).reduce((count, each) => count + (each === GOOD ? 0 : 1), 0);
    if (times.length > 0) this.noteFirst(key, times[0] as number);
    this.#lastTime[key] = times.at(-1) ?? Number.NEGATIVE_INFINITY;
    this.#lastValue[key] = values.at(-1) ?? Number.NaN;
    this.#isWhole[key] = isWhole && dropped === 0 ? 1 : 0;
  }

  /** Bytes of the columns, for the memory figures. */
  get bytes(): number {
    const columns = [
      this.#keyAt,
      this.#deviceOf,
      this.#metricOf,
      this.#lastTime,
      this.#lastValue,
      this.#firstTime,
      this.#offset,
      this.#size,
    ];
    const rest = [this.#capacity, this.#isWhole, this.#times, this.#values, this.#gaps, this.#flags, this.#suspects];
    return [...columns, ...rest].reduce((sum, column) => sum + column.byteLength, 0);
  }

  #makeRoom(key: number): void {
    const size = this.#size[key] as number;
    if (size < this.#tail.most) {
      this.#allocate(key, Math.min(size * 2, this.#tail.most));
      return;
    }
    const from = this.startOf(key);
    const kept = Math.max(
      this.#tail.kept,
      this.#needed(key, { times: this.#times, flags: this.#flags }, from, from + size),
    );
    if (kept > size * MOST_KEPT) {
      this.#allocate(key, size * 2);
      return;
    }
    this.#dropBefore(key, size - kept);
    this.#isWhole[key] = 0;
  }

  /** The tail begins so many readings later. */
  #dropBefore(key: number, count: number): void {
    const from = this.startOf(key);
    const to = this.endOf(key);
    if (count === 0) return;
    if (this.#suspects[key] !== 0) {
      for (let i = from; i < from + count; i++) if (this.#flags[i] !== GOOD) this.#countSuspects(key, -1);
      this.#flags.copyWithin(from, from + count, to);
      this.#flags.fill(GOOD, to - count, to);
    }
    this.#times.copyWithin(from, from + count, to);
    this.#values.copyWithin(from, from + count, to);
    this.#gaps.copyWithin(from, from + count, to);
    this.#size[key] = to - from - count;
    if (to - from === count) this.#lastValue[key] = Number.NaN;
  }

  #countSuspects(key: number, by: 1 | -1): void {
    this.#suspects[key] = (this.#suspects[key] as number) + by;
  }

  /**
   * How many of the newest readings in [from, to) the key's rules read: those of their windows, the one that holds at
   * the window's beginning, and what a learnt gap looks back on from there; and always the last good one, however many
   * suspect ones have come since.
   */
  #needed(key: number, { times, flags }: Pick<Window, 'times' | 'flags'>, from: number, to: number): number {
    const suspects = suspectsAtEnd(flags, Math.max(from, to - MOST_SUSPECTS), to);
    const sinceGood = suspects === 0 || suspects >= MOST_SUSPECTS ? 0 : suspects + 2 + STEPS_LEARNT_FROM;
    const reach = this.#reach[key];
    if (!reach || from === to) return sinceGood;
    const last = times[to - 1] as number;
    const inWindow = to - firstNotBefore(times, from, to, last - reach.windowMs);
    const ofNewest = Math.min(reach.newest, to - firstNotBefore(times, from, to, last - reach.newestMs));
    return Math.max(sinceGood, Math.max(inWindow, ofNewest) + 2 + STEPS_LEARNT_FROM);
  }

  /** The steps that learnt gaps judge otherwise, with a reading new at `from`. */
  #forgetGaps(from: number, to: number): void {
    this.#gaps.fill(NOT_JUDGED, from, Math.min(to, from + STEPS_LEARNT_FROM + 2));
  }

  /** Gives the key a stretch of `capacity`, at the end of the columns where none is left over, and moves its tail there. */
  #allocate(key: number, capacity: number): void {
    const leftOver = this.#left.get(capacity)?.pop();
    const from = leftOver ?? this.#used;
    if (leftOver === undefined) this.#used += capacity;
    if (this.#used > this.#times.length) {
      // A tail that keeps everything grows for good: doubling copies each reading once more, not five times.
      const next = this.#tail.most === Number.POSITIVE_INFINITY ? 2 * this.#times.length : larger(this.#times.length);
      const length = Math.max(this.#used, next);
      this.#times = grown(this.#times, new Float64Array(length));
      this.#values = grown(this.#values, new Float64Array(length));
      this.#gaps = grown(this.#gaps, new Uint8Array(length));
      this.#flags = grown(this.#flags, new Uint8Array(length));
    }
    const old = this.startOf(key);
    const size = this.#size[key] as number;
    this.#times.copyWithin(from, old, old + size);
    this.#values.copyWithin(from, old, old + size);
    this.#gaps.copyWithin(from, old, old + size);
    if (this.#suspects[key] !== 0) {
      this.#flags.copyWithin(from, old, old + size);
      this.#flags.fill(GOOD, old, old + size);
    }
    this.#leave(old, this.#capacity[key] as number);
    this.#offset[key] = from;
    this.#capacity[key] = capacity;
  }

  #leave(offset: number, capacity: number): void {
    if (capacity === 0) return;
    const left = this.#left.get(capacity);
    if (left === undefined) this.#left.set(capacity, [offset]);
    else left.push(offset);
  }

  #growKeys(): void {
    const length = larger(this.#lastTime.length);
    this.#deviceOf = grown(this.#deviceOf, new Uint32Array(length));
    this.#metricOf = grown(this.#metricOf, new Uint8Array(length));
    this.#lastTime = grown(this.#lastTime, new Float64Array(length));
    this.#lastValue = grown(this.#lastValue, new Float64Array(length));
    this.#firstTime = grown(this.#firstTime, new Float64Array(length));
    this.#offset = grown(this.#offset, new Float64Array(length));
    this.#size = grown(this.#size, new Uint32Array(length));
    this.#capacity = grown(this.#capacity, new Uint32Array(length));
    this.#isWhole = grown(this.#isWhole, new Uint8Array(length));
    this.#suspects = grown(this.#suspects, new Uint32Array(length));
  }
}

/** How many readings at the end of [from, to) are suspect, one after another. */
function suspectsAtEnd(flags: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && flags[at - 1] !== GOOD) at--;
  return to - at;
}

/** Index of the first time in [from, to) that is not before `time`; `to` where all are. */
export function firstNotBefore(times: Float64Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next length of columns: each entry is copied some five times in all, and a tenth of the room is spare. */
export function larger(length: number): number {
  return Math.ceil(length * 1.25);
}

export function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}
