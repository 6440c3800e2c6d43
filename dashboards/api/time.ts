import { z } from 'zod';

/** RFC 3339 with a zone: what `Date.parse` alone would take is much wider. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const EPOCH_MS = /^-?\d{1,15}(\.\d+)?$/;
/** The greatest time a Date can hold, epoch ms (ECMA-262, "Time Values and Time Range"). */
const LATEST_MS = 8_640_000_000_000_000;

/** A time as the API gives it: RFC 3339, UTC, milliseconds. */
export const timeOut = z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds');

/** A time as the API takes it: RFC 3339 with a zone, or epoch milliseconds. Parsed to epoch ms, floored. */
export const timeIn = z
  .union([z.string(), z.number()])
  .describe('RFC 3339 with a zone, or epoch milliseconds')
  .transform((given, context) => {
    const at = parseTime(given);
    if (at !== null) return at;
    context.addIssue('expected an RFC 3339 time with a zone, or epoch milliseconds');
    return z.NEVER;
  });

/** @returns epoch ms, floored; null where it is no time */
export function parseTime(given: string | number): number | null {
  if (typeof given === 'number')
    return Number.isFinite(given) && Math.abs(given) <= LATEST_MS ? Math.floor(given) : null;
  if (EPOCH_MS.test(given)) return parseTime(Number(given));
  if (!RFC_3339.test(given)) return null;
  const at = Date.parse(given.replace(' ', 'T'));
  return Number.isNaN(at) ? null : Math.floor(at);
}

/** Epoch ms to RFC 3339; null stays null. */
export function formatTime(at: number): string;
export function formatTime(at: number | null): string | null;
export function formatTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof UNIT_MS;

/** A whole number and one unit, `5m`: parsed to ms. */
export const durationIn = z
  .string()
  .describe('a whole number and one unit: 500ms, 90s, 10m, 2h, 30d')
  .transform((given, context) => {
    const [, count, unit] = DURATION.exec(given) ?? [];
    if (count !== undefined && unit !== undefined && unit in UNIT_MS)
      return Number(count) * UNIT_MS[unit as DurationUnit];
    context.addIssue('expected a whole number and one unit: 500ms, 90s, 10m, 2h or 30d');
    return z.NEVER;
  });

/** ms as the shortest exact duration: 300000 is `5m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= UNIT_MS[unit] && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}
