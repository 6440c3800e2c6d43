/** A half-open stretch of event time [from, to), epoch ms UTC; an open end is null. */
export interface Interval {
  readonly from: number;
  readonly to: number | null;
}

/** The end as a number that compares: an open end lies after every time. */
export function endOf(interval: Interval): number {
  return interval.to ?? Number.POSITIVE_INFINITY;
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.from < endOf(b) && b.from < endOf(a);
}

/** What two intervals share, or null where that is empty. */
export function intersect(a: Interval, b: Interval): Interval | null {
  const from = Math.max(a.from, b.from);
  const end = Math.min(endOf(a), endOf(b));
  if (end <= from) return null;
  return { from, to: end === Number.POSITIVE_INFINITY ? null : end };
}
