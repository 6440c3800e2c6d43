import type { Condition, ConditionState } from './condition.ts';

/** How long a device may be silent where it has declared no interval, ms. */
export const SILENT_AFTER_MS = 3_600_000;

/**
 * A temperature against the limits that hold for it; where none do, nobody knows whether it is fine.
 * The server judges when asked, the page as readings arrive.
 */
export function judge(
  reading: { readonly value: number; readonly at: number } | null,
  limits: { readonly min: number | null; readonly max: number | null } | null,
  circumstances: { readonly isExcursion: boolean; readonly silentAfterMs: number; readonly now: number },
): ConditionState {
  if (reading === null || circumstances.now - reading.at > circumstances.silentAfterMs) return 'unknown';
  if (circumstances.isExcursion) return 'excursion';
  const { min = null, max = null } = limits ?? {};
  if (min === null && max === null) return 'unknown';
  return (max !== null && reading.value > max) || (min !== null && reading.value < min) ? 'warning' : 'inRange';
}

const RANK: Readonly<Record<ConditionState, number>> = { inRange: 0, unknown: 1, warning: 2, excursion: 3 };

/** What is to be shown of something: never fine while somebody has yet to decide about it. */
export function stateOf(now: ConditionState, pending: Condition['pending']): ConditionState {
  return pending !== null && RANK[pending] > RANK[now] ? pending : now;
}

/** The same condition with an alert that nobody has decided on top. */
export function withPending(condition: Condition, { pending, about }: Pick<Condition, 'pending' | 'about'>): Condition {
  const isGraver = pending !== null && (condition.pending === null || RANK[pending] > RANK[condition.pending]);
  if (!isGraver) return condition;
  return { ...condition, pending, about, state: stateOf(condition.now, pending) };
}

/** The condition that a person must look at first. */
export function worstCondition(conditions: readonly Condition[]): Condition {
  let worst: Condition = {
    ...{ state: 'unknown', now: 'unknown' },
    pending: null,
    about: null,
    device: null,
    temperature: null,
    at: null,
  };
  for (const [index, candidate] of conditions.entries())
    if (index === 0 || RANK[candidate.state] > RANK[worst.state]) worst = candidate;
  return worst;
}
