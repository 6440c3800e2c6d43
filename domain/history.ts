/** One key's readings in event-time order, for re-evaluating late data and for charts. */
export interface KeyReadings {
  readonly count: number;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Accepted readings as the writer has stored them. Implemented by storage. */
export interface History {
  /** Readings of one key in [from, to), ascending; at most `limit` from the start of the interval. */
  read(device: string, metric: number, from: number, to: number, limit?: number): Promise<KeyReadings>;
  /** The last `count` readings strictly before `before`, ascending. */
  before(device: string, metric: number, before: number, count: number): Promise<KeyReadings>;
  /** Every key that has readings, with its last reading's time and value. */
  keys(): Promise<readonly { device: string; metric: number; lastTime: number; lastValue: number }[]>;
}
