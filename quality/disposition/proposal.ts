import { type Disposition, serverWords, type Words } from '../../domain/index.ts';

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
  /** The same by keys, to be said in other languages. Absent in records from before it was kept. */
  readonly reasoning?: readonly Words[];
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
  const reasoning: Words[] = [];
  const tell = (key: `disposition.${string}`, values: Words['values'] = {}) => {
    reasoning.push({ key, values });
  };
  const judge: typeof tell = (key, values) => {
    tell(key, values);
    doubts++;
  };
  let doubts = 0;
  const range = rangeOf(limits);
  if (range === null) judge('disposition.limits.none');
  else tell('disposition.range', { limits: range });
  const { min, max, mkt, minutesAbove, minutesBelow } = exposure;
  if (min === null || max === null) judge('disposition.measured.none');
  else tell('disposition.measured', { min: said(min), max: said(max), mkt: said(mkt ?? max), ...UNIT });

  const outside = Math.max(0, exposure.minutesOutOfRange - minutesExcused);
  if (exposure.minutesOutOfRange > 0) {
    tell('disposition.outside', { above: said(minutesAbove), below: said(minutesBelow) });
    if (minutesExcused > 0) tell('disposition.excused', { minutes: said(minutesExcused) });
  } else if (range !== null && min !== null) tell('disposition.inside');
  if (min !== null && isFrozen(min, limits)) judge('disposition.frozen', { min: said(min), ...UNIT });

  const untold = exposure.minutesUnknown + exposure.minutesSuspect;
  if (untold > 0) {
    const { minutesUnknown, minutesSuspect } = exposure;
    const minutes = { unknown: said(minutesUnknown), suspect: said(minutesSuspect) };
    tell('disposition.unknown', minutes);
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
      if (worst <= budget.limit) tell('disposition.unknown.harmless');
      else if (unknown === 'counted') tell('disposition.unknown.counted');
      else if (used <= budget.limit) judge('disposition.unknown.asked');
    }
    if (budget.carriedIn > 0) {
      tell('disposition.budget.carried', { minutes: said(budget.carriedIn) });
    }
    isOverdrawn = counted > budget.limit;
    const figures = { limit: said(budget.limit), used: said(counted) };
    if (isOverdrawn) tell('disposition.budget.overdrawn', { ...figures, over: said(counted - budget.limit) });
    else tell('disposition.budget.kept', { ...figures, left: said(budget.limit - counted) });
  }
  const told = { reasons: reasoning.map(serverWords), reasoning };
  if (isOverdrawn) return { disposition: 'reject', ...told, isCertain: true };
  if (doubts > 0) return { disposition: 'quarantine', ...told, isCertain: false };
  return { disposition: 'release', ...told, isCertain: true };
}

/** Below the freezing point of water, where its profile does not ask for that. */
function isFrozen(min: number, limits: DispositionInput['limits']): boolean {
  return limits.min !== null && min < Math.min(limits.min, 0);
}

function rangeOf({ min, max }: DispositionInput['limits']): Words | null {
  if (min !== null && max !== null) {
    return { key: 'disposition.range.between', values: { min: said(min), max: said(max), ...UNIT } };
  }
  if (max !== null) return { key: 'disposition.range.below', values: { max: said(max), ...UNIT } };
  return min === null ? null : { key: 'disposition.range.above', values: { min: said(min), ...UNIT } };
}

const UNIT = { unit: '°C' };

/** To 0.1, as people read it. What decides is never rounded. */
function said(value: number): string {
  return String(Math.round(value * 10) / 10);
}
