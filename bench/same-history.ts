import type { History, KeyReadings } from '../domain/index.ts';

/** A history in which every logger measured the same. @param time epoch ms UTC, ascending @param value of each */
export function sameOfAll(time: Float64Array, value: Float64Array): History {
  const slice = (isIn: (at: number) => boolean, limit = Number.POSITIVE_INFINITY): KeyReadings => {
    const first = time.findIndex(isIn);
    const last = first < 0 ? first : time.findLastIndex(isIn) + 1;
    const [from, to] = limit < 0 ? [Math.max(first, last + limit), last] : [first, Math.min(last, first + limit)];
    return { count: to - from, time: time.subarray(from, to), value: value.subarray(from, to) };
  };
  return {
    read: async (_device, _metric, from, to, limit) => slice((at) => at >= from && at < to, limit),
    before: async (_device, _metric, before, count) => slice((at) => at < before, -count),
    keys: async () => [],
  };
}
