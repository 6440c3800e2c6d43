import type { Limits } from './limit.ts';
import type { Metric } from './metric.ts';
import type { PassRule } from './pass-rule.ts';
import type { RuleBase } from './rule-base.ts';

/** Durations are ms. Meaning: docs/rules.md. */
export interface ThresholdRule extends RuleBase, Limits {
  readonly kind: 'threshold';
  readonly metric: Metric;
  readonly clearAbove?: number;
  readonly clearBelow?: number;
  readonly forMs: number;
  readonly maxGapMs?: number;
  readonly gap: 'unknown' | 'worst';
  readonly keepFiringForMs: number;
}

export interface SilenceRule extends RuleBase {
  readonly kind: 'silence';
  readonly metric: Metric;
  readonly afterMs: number;
  /** Readings come, and none of them is good: a broken sensor. Absent: no reading comes at all. */
  readonly onlyGood?: boolean;
}

/** Mean kinetic temperature over a sliding window, evaluated at each whole UTC hour. */
export interface MktRule extends RuleBase {
  readonly kind: 'mkt';
  readonly metric: Metric;
  /** ms, whole hours. */
  readonly windowMs: number;
  /** °C. */
  readonly above: number;
  readonly maxGapMs?: number;
}

/** Change over a window beyond a limit: a door left open, a reefer switched off. */
export interface RateRule extends RuleBase {
  readonly kind: 'rate';
  readonly metric: Metric;
  readonly windowMs: number;
  /** In the metric's unit; above zero a rise, below zero a fall. */
  readonly limit: number;
  readonly maxGapMs?: number;
}

/** Single readings at or above a limit. */
export interface ShockRule extends RuleBase {
  readonly kind: 'shock';
  readonly metric: Metric;
  readonly limit: number;
  readonly keepFiringForMs: number;
}

/** Successive readings further apart than EN 12830 allows for a journey of this length. */
export interface IntervalRule extends RuleBase {
  readonly kind: 'interval';
  readonly metric: Metric;
  readonly journeyMs: number;
}

/** Crossings from frozen to thawed. */
export interface FreezeThawRule extends RuleBase {
  readonly kind: 'freezeThaw';
  readonly metric: Metric;
  readonly count: number;
  readonly windowMs: number;
  /** Frozen below, thawed above; between them what it was. */
  readonly frozenBelow: number;
  readonly thawedAbove: number;
}

/** A warning: the recent trend reaches the limit within `withinMs`, one-sided at `confidence`. One of above and below. */
export interface ForecastRule extends RuleBase {
  readonly kind: 'forecast';
  readonly metric: Metric;
  readonly above?: number;
  readonly below?: number;
  readonly windowMs: number;
  readonly withinMs: number;
  readonly confidence: 0.9 | 0.95 | 0.99 | 0.999;
  readonly maxGapMs?: number;
}

export type Rule =
  | ThresholdRule
  | SilenceRule
  | MktRule
  | RateRule
  | ShockRule
  | IntervalRule
  | FreezeThawRule
  | ForecastRule
  | PassRule;
export type RuleKind = Rule['kind'];

/** Rules change forward: a version judges event times from `effectiveFrom` to the next version's. */
export interface RuleVersion {
  readonly rule: Rule;
  /** 1, 2, 3... per rule id. */
  readonly version: number;
  /** Event time, epoch ms UTC; -Infinity is written as null: it judges everything before the next version. */
  readonly effectiveFrom: number | null;
  /** The rule was removed: nothing is judged from `effectiveFrom` on. */
  readonly isRemoved?: boolean;
}

/** What `appliesTo` and learnt gaps ask about a device. Times in ms. */
export interface DeviceContext {
  readonly intervalMs?: number;
  readonly reportsEveryMs?: number;
  /** It is read out by cable, once a journey: that nothing comes from it says nothing. */
  readonly readOut?: boolean;
  /** It reports when its value changes, not at intervals. */
  readonly reportsOnChange?: boolean;
  /** It reports at least this often, changed or not. */
  readonly heartbeatMs?: number;
  /** What measures in it (`ds18b20`): decides which values are error codes. */
  readonly sensor?: string;
  /** Added to what it reports, by metric. */
  readonly corrections?: Readonly<Partial<Record<Metric, number>>>;
  /** The greatest plausible change of its temperature in a minute, °C; absent = that of air. */
  readonly stepPerMinute?: number;
  readonly profile?: string;
  readonly product?: string;
  readonly lane?: string;
  readonly site?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
