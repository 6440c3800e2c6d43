import type { Metric, Rule } from '../../domain/index.ts';

/** A rule in one version, as the engine runs it. Shared by all keys it judges. */
export interface Program<R extends Rule = Rule> {
  readonly rule: R;
  readonly version: number;
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

/** What one rule means for one key over all of event time. */
export interface WatchPlan {
  readonly ruleId: string;
  readonly kind: KeyKind;
  /** Ascending, disjoint, not empty. Neighbours are different programs or have time between them. */
  readonly slices: readonly Slice<KeyRule>[];
  /** The device's declared interval, ms; null where it has none. */
  readonly intervalMs: number | null;
  /** ms; 0 where the device reports as it measures. */
  readonly reportsEveryMs: number;
}

/** Says which rules judge a key; asked once when a key appears and again when rules or contexts change. */
export type Plan = (device: string, metric: number) => readonly WatchPlan[];
