import { type Disposition, serverText } from '../../domain/index.ts';

/** What goods went through, and what they stand. °C and minutes; null where nobody says or nothing is known. */
export interface DispositionInput {
  readonly limits: { readonly min: number | null; readonly max: number | null };
  readonly exposure: {
    readonly min: number | null;
    readonly max: number | null;
    readonly mkt: number | null;
    readonly minutesAbove: number;
    readonly minutesBelow: number;
    /** Above or below, each moment once. */
    readonly minutesOutOfRange: number;
    /** Without any data. */
    readonly minutesUnknown: number;
    /** With data that is suspect, and no other. */
    readonly minutesSuspect: number;
  };
  readonly budget: {
    /** Out of range that the product stands over its whole life. */
    readonly limit: number;
    readonly carriedIn: number;
    /** Carried in and measured since; without unknown and suspect time, and before what is excused. */
    readonly used: number;
    /** Given back by signed steps, of what was measured. */
    readonly excused: number;
  } | null;
  /** Of what is out of range, excused by signed steps. */
  readonly minutesExcused: number;
  /** What the storage profile makes of unknown and suspect time. */
  readonly unknown: 'counted' | 'asked';
}

/** What is proposed to who decides; nothing is decided by it. */
export interface Proposal {
  readonly disposition: Extract<Disposition, 'release' | 'quarantine' | 'reject'>;
  /** The reasoning, a sentence each. */
  readonly reasons: readonly string[];
  /** false: data alone cannot tell, a person has to judge. */
  readonly isCertain: boolean;
}

/**
 * Proposes what becomes of goods (docs/dispositions.md). Pure, and monotone: longer out of range, longer unknown, a
 * smaller budget or a wider temperature never make it milder.
 *
 * - `release` where all is known to be in range, or the product's stability budget covers the rest, at worst too.
 * - `reject` where the budget is overdrawn: by what was measured, and by unknown time where the profile counts it.
 * - `quarantine` for a person to judge where data or stability are missing, or it was frozen: freezing harms at once, so
 *   time does not pay for it (freeze-sensitive vaccines are the case in point).
 */
export function propose({ limits, exposure, budget, minutesExcused, unknown }: DispositionInput): Proposal {
  const reasons: string[] = [];
  const judge = (key: Parameters<typeof serverText>[0], values: Parameters<typeof serverText>[1] = {}) => {
    reasons.push(serverText(key, values));
    doubts++;
  };
  let doubts = 0;
  const range = rangeOf(limits);
  if (range === null) judge('disposition.limits.none');
  else reasons.push(serverText('disposition.range', { limits: range }));
  const { min, max, mkt, minutesAbove, minutesBelow } = exposure;
  if (min === null || max === null) judge('disposition.measured.none');
  else reasons.push(serverText('disposition.measured', { min: said(min), max: said(max), mkt: said(mkt ?? max) }));

  const outside = Math.max(0, exposure.minutesOutOfRange - minutesExcused);
  if (exposure.minutesOutOfRange > 0) {
    reasons.push(serverText('disposition.outside', { above: said(minutesAbove), below: said(minutesBelow) }));
    if (minutesExcused > 0) reasons.push(serverText('disposition.excused', { minutes: said(minutesExcused) }));
  } else if (range !== null && min !== null) reasons.push(serverText('disposition.inside'));
  if (min !== null && isFrozen(min, limits)) judge('disposition.frozen', { min: said(min) });

  const untold = exposure.minutesUnknown + exposure.minutesSuspect;
  if (untold > 0) {
    const { minutesUnknown, minutesSuspect } = exposure;
    const minutes = { unknown: said(minutesUnknown), suspect: said(minutesSuspect) };
    reasons.push(serverText('disposition.unknown', minutes));
  }
  let isOverdrawn = false;
  if (budget === null) {
    if (outside > 0) judge('disposition.budget.none');
    else if (untold > 0) judge('disposition.unknown.unbudgeted');
  } else {
    const used = Math.max(0, budget.used - budget.excused);
    const worst = used + untold;
    const counted = unknown === 'counted' ? worst : used;
    if (untold > 0) {
      if (worst <= budget.limit) reasons.push(serverText('disposition.unknown.harmless'));
      else if (unknown === 'counted') reasons.push(serverText('disposition.unknown.counted'));
      else if (used <= budget.limit) judge('disposition.unknown.asked');
    }
    if (budget.carriedIn > 0) {
      reasons.push(serverText('disposition.budget.carried', { minutes: said(budget.carriedIn) }));
    }
    isOverdrawn = counted > budget.limit;
    const figures = { limit: said(budget.limit), used: said(counted) };
    reasons.push(
      isOverdrawn
        ? serverText('disposition.budget.overdrawn', { ...figures, over: said(counted - budget.limit) })
        : serverText('disposition.budget.kept', { ...figures, left: said(budget.limit - counted) }),
    );
  }
  if (isOverdrawn) return { disposition: 'reject', reasons, isCertain: true };
  if (doubts > 0) return { disposition: 'quarantine', reasons, isCertain: false };
  return { disposition: 'release', reasons, isCertain: true };
}

/** Below the freezing point of water, where its profile does not ask for that. */
function isFrozen(min: number, limits: DispositionInput['limits']): boolean {
  return limits.min !== null && min < Math.min(limits.min, 0);
}

function rangeOf({ min, max }: DispositionInput['limits']): string | null {
  if (min !== null && max !== null) return serverText('disposition.range.between', { min: said(min), max: said(max) });
  if (max !== null) return serverText('disposition.range.below', { max: said(max) });
  return min === null ? null : serverText('disposition.range.above', { min: said(min) });
}

/** To 0.1, as people read it. What decides is never rounded. */
function said(value: number): string {
  return String(Math.round(value * 10) / 10);
}
