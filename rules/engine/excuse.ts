import { excusedAtMost, isAbove, isBelow, type KeyReadings, type TimeSpan, type Unless } from '../../domain/index.ts';
import { firstNotBefore } from './series.ts';
import type { Window } from './window.ts';

/**
 * Whether what a device measures at `time` is excused by another of its metrics: a defrost that it reports. That began with the
 * first reading that meets the limit after one that does not, and excuses no longer than `atMostMs` from there; a reading of it
 * is believed for `holdMs`.
 *
 * @param flag good readings of the other metric
 * @returns null where that rests on readings before `flag`
 */
export function isExcused(flag: Window, time: number, unless: Unless, holdMs: number): boolean | null {
  const { times, values, start, end } = flag;
  let k = firstNotBefore(times, start, end, time);
  if (k === end || (times[k] as number) > time) k--;
  if (k < start) return flag.isWhole ? false : null;
  const isOn = (i: number) => isAbove(values[i] as number, unless) || isBelow(values[i] as number, unless);
  if (!isOn(k) || time - (times[k] as number) > holdMs) return false;
  const since = time - excusedAtMost(unless);
  while ((times[k] as number) > since) {
    if (k === start) return flag.isWhole ? true : null;
    if (!isOn(k - 1)) return true;
    k--;
  }
  return false;
}

/** When it was excused, ascending, as far as good readings of the other metric tell. */
export function excusedSpans({ count, time, value }: KeyReadings, unless: Unless, holdMs: number): TimeSpan[] {
  const spans: TimeSpan[] = [];
  let began: number | null = null;
  for (let k = 0; k < count; k++) {
    const [at, of] = [time[k] as number, value[k] as number];
    began = isAbove(of, unless) || isBelow(of, unless) ? (began ?? at) : null;
    if (began === null) continue;
    const to = Math.min(time[k + 1] ?? Number.POSITIVE_INFINITY, at + holdMs + 1, began + excusedAtMost(unless));
    const last = spans.at(-1);
    if (last !== undefined && last.to === at) spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else if (at < to) spans.push({ from: at, to });
  }
  return spans;
}
