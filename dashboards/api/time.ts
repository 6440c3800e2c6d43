import { z } from 'zod';
import { DURATION_FORM, parseDuration, parseTimestamp } from '../../domain/index.ts';

/** RFC 3339 with a zone and seconds. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const EPOCH_MS = /^-?\d{1,15}(\.\d+)?$/;
/** Years 1 to 9999: what RFC 3339 can write and PostgreSQL keep. Epoch ms. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 253_402_300_799_999;

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
  if (typeof given === 'number') return given >= EARLIEST_MS && given <= LATEST_MS ? Math.floor(given) : null;
  if (EPOCH_MS.test(given)) return parseTime(Number(given));
  if (!RFC_3339.test(given)) return null;
  const at = parseTimestamp(given.replace(' ', 'T'));
  return at === null ? null : parseTime(at);
}

/** Epoch ms to RFC 3339; null stays null. */
export function formatTime(at: number): string;
export function formatTime(at: number | null): string | null;
export function formatTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** A whole number and one unit, `5m`: parsed to ms. */
export const durationIn = z
  .string()
  .describe(DURATION_FORM)
  .transform((given, context) => {
    const ms = parseDuration(given);
    if (ms !== null) return ms;
    context.addIssue(`expected ${DURATION_FORM}`);
    return z.NEVER;
  });
