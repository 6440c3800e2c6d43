import type { DeviceRange } from '../../domain/index.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** By device: ranges widened by `marginMs` on both sides, ascending, those that touch put together. */
export function rangesByDevice(ranges: readonly DeviceRange[], marginMs: number): Map<string, Range[]> {
  const byDevice = new Map<string, Range[]>();
  for (const { device, from, to } of ranges) {
    if (from >= to) continue;
    const range = { from: from - marginMs, to: to + marginMs };
    const known = byDevice.get(device);
    if (known === undefined) byDevice.set(device, [range]);
    else known.push(range);
  }
  for (const [device, own] of byDevice) byDevice.set(device, united(own));
  return byDevice;
}

/** Ascending and apart. */
export function united(ranges: readonly Range[]): Range[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** What of `ranges` lies in `bounds`. */
export function clipped(ranges: readonly Range[], bounds: Range): Range[] {
  return ranges
    .map(({ from, to }) => ({ from: Math.max(from, bounds.from), to: Math.min(to, bounds.to) }))
    .filter(({ from, to }) => from < to);
}

/** What of `bounds` is in none of the ranges, which are ascending, apart and in bounds. */
export function between(ranges: readonly Range[], bounds: Range): Range[] {
  const gaps: Range[] = [];
  let at = bounds.from;
  for (const { from, to } of ranges) {
    if (from > at) gaps.push({ from: at, to: from });
    at = to;
  }
  if (at < bounds.to) gaps.push({ from: at, to: bounds.to });
  return gaps;
}
