import type { Key } from './key.ts';
import type { KeyReadings } from './key-readings.ts';
import type { KeyRuns } from './reading-run.ts';

/** Accepted readings as the writer has stored them. Implemented by storage. */
export interface History {
  /** Readings of one key in [from, to), ascending; at most `limit` from the start of the interval. */
  read(device: string, metric: number, from: number, to: number, limit?: number): Promise<KeyReadings>;
  /** The last `count` readings strictly before `before`, ascending. */
  before(device: string, metric: number, before: number, count: number): Promise<KeyReadings>;
  /** Every key that has readings, with its last reading's time and value. */
  keys(): Promise<readonly { device: string; metric: number; lastTime: number; lastValue: number }[]>;
}

/** Readings of one key among those of many. */
export interface KeyStretch extends Key {
  readonly readings: KeyReadings;
}

/** A key's newest readings. */
export interface KeyTail extends KeyStretch {
  /** Event time of the very first reading the key has, epoch ms UTC. */
  readonly firstTime: number;
}

/**
 * Stored readings of many keys in few questions, some hundred thousand readings at a time: for taking up the state of
 * every key, and for judging a stretch of the past anew. Implemented by storage.
 */
export interface HistoryScan {
  /** Every key that has readings. */
  keys(): Promise<readonly Key[]>;
  /**
   * The newest `count` readings of these keys, or of every key (null), that have any; keys in no order, each once.
   * @param isOwn with null: only of these devices; the others' names are not kept
   */
  newest(
    count: number,
    keys: readonly Key[] | null,
    isOwn?: ((device: string) => boolean) | null,
  ): AsyncIterable<readonly KeyTail[]>;
  /** The readings in [from, to) of these keys, in their order; keys that have none are left out. */
  between(keys: readonly Key[], from: number, to: number): AsyncIterable<readonly KeyStretch[]>;
  /** The same as runs, for who need not read all of them. */
  runsBetween(keys: readonly Key[], from: number, to: number): AsyncIterable<readonly KeyRuns[]>;
}
