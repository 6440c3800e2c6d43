/** One key's readings in event-time order, for re-evaluating late data and for charts. */
export interface KeyReadings {
  readonly count: number;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Readings of `a`, then those of `b`, in columns of their own. */
export function joinReadings(a: KeyReadings, b: KeyReadings): KeyReadings {
  const time = new Float64Array(a.count + b.count);
  const value = new Float64Array(a.count + b.count);
  time.set(a.time.subarray(0, a.count));
  time.set(b.time.subarray(0, b.count), a.count);
  value.set(a.value.subarray(0, a.count));
  value.set(b.value.subarray(0, b.count), a.count);
  return { count: a.count + b.count, time, value };
}

export const NO_READINGS: KeyReadings = { count: 0, time: new Float64Array(0), value: new Float64Array(0) };
