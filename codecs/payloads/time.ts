/**
 * Numbers that stand for times, as makers document them. A number out of range is of another unit, or no time: the
 * bounds are those of the years 1973 and 5138.
 */

/** Epoch milliseconds, floored; undefined where it is none. */
export function epochMillis(given: unknown): number | undefined {
  return typeof given === 'number' && given >= 1e11 && given < 1e14 ? Math.floor(given) : undefined;
}

/** Epoch seconds, with a fraction or without; undefined where it is none. */
export function epochSeconds(given: unknown): number | undefined {
  return typeof given === 'number' && given >= 1e8 && given < 1e11 ? Math.floor(given * 1000) : undefined;
}

/** A number that is written as text, as JSON writes one: no comma, no unit, no spaces inside; undefined where it is none. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  return /^-?(?:\d+|\d*\.\d+|\d+\.)(?:[eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}
