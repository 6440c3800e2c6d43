import type { Formats } from './formats.ts';

/** A value or a moment on an axis, with what stands beside it. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

const HOUR_MS = 3_600_000;
const TIME_STEPS_MS = [
  ...[60_000, 300_000, 900_000, 1_800_000, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS],
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * 24 * HOUR_MS),
];

/** At most so many moments at full steps of the zone's clock; daylight saving is that of the start. */
export function timeTicks(from: number, to: number, most: number, formats: Formats): Tick[] {
  const step = TIME_STEPS_MS.find((ms) => (to - from) / ms <= most) ?? (TIME_STEPS_MS.at(-1) as number);
  const offset = formats.offsetMs(from);
  const ticks: Tick[] = [];
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) {
    const [date = '', time = ''] = formats.minute(at).split(' ');
    ticks.push({ at, label: step >= 24 * HOUR_MS ? date : `${date.slice(5)} ${time}` });
  }
  return ticks;
}

/** Round values that hold all of these. @returns ticks ascending, the first and last being the ends of the axis */
export function valueTicks(values: readonly number[], about: number): Tick[] {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  if (least > most) return valueTicks([0, 1], about);
  // No instrument tells less apart, and a power of ten would underflow.
  const span = Math.max(most - least, 1e-3);
  const power = 10 ** Math.floor(Math.log10(span / about));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => span / size <= about) ?? 10 * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const first = Math.floor(least / step - 0.1);
  const last = Math.ceil(most / step + 0.1);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const at = Number(((first + i) * step).toFixed(decimals));
    return { at, label: at.toFixed(decimals) };
  });
}
