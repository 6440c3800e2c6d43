import type { DeviceContext } from './rule.ts';

/** A step longer than so many of the intervals a device declares is a gap (docs/rules.md, `maxGap`). */
export const INTERVALS_WITHOUT_GAP = 3;

/**
 * The longest step that is no gap for a device, as it is registered: by its heartbeat where it reports on change (without
 * one a value holds until the next), else by its interval; null where neither is known and the gap is learnt.
 */
export function declaredGap({
  intervalMs,
  reportsOnChange = false,
  heartbeatMs,
}: Pick<DeviceContext, 'intervalMs' | 'reportsOnChange' | 'heartbeatMs'>): number | null {
  if (heartbeatMs !== undefined) return INTERVALS_WITHOUT_GAP * heartbeatMs;
  if (reportsOnChange) return Number.POSITIVE_INFINITY;
  return intervalMs === undefined ? null : INTERVALS_WITHOUT_GAP * intervalMs;
}

/** How often a device reports, as it is registered: by its heartbeat, else its interval; null where that is learnt. */
export function declaredPace({
  intervalMs,
  reportsOnChange = false,
  heartbeatMs,
}: Pick<DeviceContext, 'intervalMs' | 'reportsOnChange' | 'heartbeatMs'>): number | null {
  return heartbeatMs ?? (reportsOnChange ? null : (intervalMs ?? null));
}

/** Steps a learnt gap looks back on, at most and at least (docs/rules.md, "Readings"). */
export const STEPS_LEARNT_FROM = 20;
const LEAST_STEPS = 4;
/** A step longer than this many medians is a gap. */
const MEDIANS = 5;
/** Where too few steps are known. */
const GAP_WITHOUT_STEPS_MS = 3_600_000;

/** The steps just before, which show that a device has become slower before the median does. */
const STEPS_OF_NOW = 2;

/**
 * The longest step into reading `i` that is no gap, learnt from the steps before it: 5 × the median of the up to 20
 * steps before, at least 4 of them, else 1 h. Where both of the last two are longer than that, the device has become
 * slower: then 3 × the shorter of them.
 *
 * @param times event times, ascending
 * @param start index of the first reading known; the key's first ever if fewer than 20 steps lie before `i - 1`
 * @param i index of the reading the step leads to; it need not exist yet
 */
export function learntGap(times: Float64Array, start: number, i: number): number {
  const median = medianStep(times, start, i);
  const usual = median === null ? GAP_WITHOUT_STEPS_MS : MEDIANS * median;
  const now = stepOfNow(times, start, i);
  return now > usual ? INTERVALS_WITHOUT_GAP * now : usual;
}

/**
 * Whether the step into reading `i`, or a longer one that begins where it does, is longer than {@link learntGap}; almost
 * always without sorting.
 */
export function isLearntGap(times: Float64Array, start: number, i: number, step = stepInto(times, i)): boolean {
  if (!isLongerThanUsual(times, start, i, step)) return false;
  const now = stepOfNow(times, start, i);
  return step > INTERVALS_WITHOUT_GAP * now || !isLongerThanUsual(times, start, i, now);
}

/**
 * How long a device takes from one reading to the next, as far as the steps before reading `i` show: their median, or the
 * shorter of the last two where it has become slower. Null with fewer than 4 steps, unless the last two are longer than 1 h.
 */
export function learntPace(times: Float64Array, start: number, i: number): number | null {
  const now = stepOfNow(times, start, i);
  return isLongerThanUsual(times, start, i, now) ? now : medianStep(times, start, i);
}

/** Longer than 5 × the median of the steps before, or than 1 h where they are too few. */
function isLongerThanUsual(times: Float64Array, start: number, i: number, step: number): boolean {
  const first = Math.max(start + 1, i - STEPS_LEARNT_FROM);
  const count = i - first;
  if (count < LEAST_STEPS) return step > GAP_WITHOUT_STEPS_MS;
  // The median reaches step / 5 where more than half of the steps do, and cannot where fewer than half do.
  let reaching = 0;
  for (let k = first; k < i; k++) if (MEDIANS * stepInto(times, k) >= step) reaching++;
  if (2 * reaching > count) return false;
  if (2 * reaching < count) return true;
  return step > MEDIANS * (medianStep(times, start, i) ?? 0);
}

/** Of the up to 20 steps before; null where they are fewer than 4. */
function medianStep(times: Float64Array, start: number, i: number): number | null {
  const first = Math.max(start + 1, i - STEPS_LEARNT_FROM);
  const count = i - first;
  if (count < LEAST_STEPS) return null;
  const steps = new Float64Array(count);
  for (let k = 0; k < count; k++) steps[k] = stepInto(times, first + k);
  steps.sort();
  const middle = count >> 1;
  const upper = steps[middle] as number;
  return count % 2 === 1 ? upper : ((steps[middle - 1] as number) + upper) / 2;
}

/** The shorter of the last two steps; 0 where there are not two. */
function stepOfNow(times: Float64Array, start: number, i: number): number {
  if (i - 1 - start < STEPS_OF_NOW) return 0;
  return Math.min(stepInto(times, i - 1), stepInto(times, i - 2));
}

function stepInto(times: Float64Array, i: number): number {
  return (times[i] as number) - (times[i - 1] as number);
}
