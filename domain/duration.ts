const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a written duration looks like, for messages. */
export const DURATION_FORM = 'a whole number and one unit: 500ms, 90s, 10m, 2h, 30d';

/**
 * `10m` as milliseconds: durations in rule files, the configuration and the API (docs/rules.md, "Durations").
 *
 * @returns null where the text is no duration: a fraction, no unit or several, a sign, or more than can be counted in
 * whole milliseconds
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return null;
  const ms = Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Milliseconds in the largest unit that keeps them whole: 5400000 is `90m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = UNIT_MS[unit] as number;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
