import type { FindingKind, Metric, Rule } from '../../domain/index.ts';

/** A rule in one version, as the engine runs it. Shared by all keys it judges. */
export interface Program<R extends Rule = Rule> {
  readonly rule: R;
  readonly version: number;
}

export function isKeyKind(kind: FindingKind): kind is KeyKind {
  return KEY_KINDS.some((known) => known === kind);
}

/** A program judges event times in [from, to); ±Infinity where it has no beginning or end. */
export interface Slice<R extends Rule = Rule> {
  readonly from: number;
  readonly to: number;
  readonly program: Program<R>;
}

/** Rules whose findings rest on one key's readings alone: stage 1. */
export type KeyRule = Extract<Rule, { readonly metric: Metric }>;
export type KeyKind = KeyRule['kind'];

/** By their code in the engine's columns. */
export const KEY_KINDS: readonly KeyKind[] = [
  'threshold',
  'silence',
  'mkt',
  'rate',
  'shock',
  'interval',
  'freezeThaw',
  'forecast',
];

/** What one rule means for one key over all of event time. */
export interface WatchPlan {
  readonly ruleId: string;
  readonly kind: KeyKind;
  /** Ascending, disjoint, not empty. Neighbours are different programs or have time between them. */
  readonly slices: readonly Slice<KeyRule>[];
  /** The longest step that is no gap by what the device declares, ms; null where it is learnt. */
  readonly maxGapMs: number | null;
  /** How often the device reports by what it declares, ms; null where it is learnt. */
  readonly paceMs: number | null;
  /** The device reports on change: its last value is known to hold, as long as the step from it is no gap. */
  readonly reportsOnChange: boolean;
  /** ms; 0 where the device reports as it measures. */
  readonly reportsEveryMs: number;
}

/** Gives the rules that judge a key; asked once when a key appears and again when rules or contexts change. */
export type Plan = (device: string, metric: number) => readonly WatchPlan[];

/**
 * The earliest event time that a changed plan judges otherwise; Infinity where it judges as before. Everything, where
 * the device's interval has changed and a rule's gaps rest on it.
 */
export function changedFrom(old: WatchPlan, plan: WatchPlan): number {
  if (old.maxGapMs !== plan.maxGapMs || old.paceMs !== plan.paceMs || old.reportsOnChange !== plan.reportsOnChange) {
    return Number.NEGATIVE_INFINITY;
  }
  for (let i = 0; i < Math.max(old.slices.length, plan.slices.length); i++) {
    const before = old.slices[i];
    const after = plan.slices[i];
    if (before === undefined || after === undefined) return (before ?? after)?.from ?? Number.POSITIVE_INFINITY;
    if (before.program.version !== after.program.version || before.from !== after.from) {
      return Math.min(before.from, after.from);
    }
    if (before.to !== after.to) return Math.min(before.to, after.to);
  }
  return old.reportsEveryMs === plan.reportsEveryMs ? Number.POSITIVE_INFINITY : Number.MAX_VALUE;
}
