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
  /** What excuses a reading beyond a limit: a defrost that the device reports. */
  readonly unless?: Unless;
  /** Judged is not the air but goods in it, whose difference to the air shrinks by e in this time. */
  readonly thermalMassMs?: number;
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

/** Stretches that do not count: another metric of the same device lies beyond a limit, such as an open door. */
export interface Unless extends Limits {
  readonly metric: Metric;
  /** It excuses no longer than this from when it began; absent = {@link EXCUSES_AT_MOST_MS}. */
  readonly atMostMs?: number;
}

/** A defrost takes minutes; what is reported for longer is none, or nobody knows when it ended. */
export const EXCUSES_AT_MOST_MS = 3_600_000;

export function excusedAtMost({ atMostMs = EXCUSES_AT_MOST_MS }: Unless): number {
  return atMostMs;
}

/**
 * The goods follow the air as a body of this time constant does, ms: one for all, or that of each product's master data; where
 * that says none `otherwiseMs`, without it they are as warm as the air.
 */
export type ThermalMass =
  | { readonly timeConstantMs: number }
  | { readonly timeConstant: 'product'; readonly otherwiseMs?: number };

/** Stage 2: what serials went through over their journey, judged a shipment at a time. Temperature, °C. */
interface GoodsRuleBase extends RuleBase {
  /** Absent = they are as warm as the air. */
  readonly goods?: ThermalMass;
  readonly unless?: Unless;
}

/** Whether time of which nothing is known counts as out of range; absent = as the storage profile says. */
export type UnknownTime = 'counted' | 'beside';

/** A limit with the time that goods stand beyond it. */
export interface BudgetLimit extends Limits {
  readonly budgetMs: number;
}

/** More time out of range than the product stands over its whole life. */
export interface BudgetRule extends GoodsRuleBase {
  readonly kind: 'budget';
  /** Absent: the limits of the storage profile, with what the product stands. */
  readonly limits?: readonly BudgetLimit[];
  /** Per cent of the budget, from 1 to 100. */
  readonly share: number;
  readonly unknown?: UnknownTime;
}

/** Time beyond a limit in all, not in one piece, since the shipment was packed. */
export interface CumulativeRule extends GoodsRuleBase, Limits {
  readonly kind: 'cumulative';
  readonly forMs: number;
  readonly unknown?: UnknownTime;
}

/** Mean kinetic temperature over a sliding window of the journey, evaluated at each whole UTC hour. */
export interface GoodsMktRule extends RuleBase {
  readonly kind: 'goodsMkt';
  /** ms, whole hours. */
  readonly windowMs: number;
  readonly above: number;
}

/** Crossings from frozen to thawed over the journey. */
export interface GoodsFreezeThawRule extends Omit<GoodsRuleBase, 'unless'> {
  readonly kind: 'goodsFreezeThaw';
  readonly count: number;
  readonly frozenBelow: number;
  readonly thawedAbove: number;
}

/** A warning: at the pace of the last `windowMs` the budget is used up before the shipment arrives. */
export interface BudgetForecastRule extends GoodsRuleBase {
  readonly kind: 'budgetForecast';
  readonly windowMs: number;
}

/** Signs on the way that a seal did not hold. */
export interface TamperRule extends RuleBase {
  readonly kind: 'tamper';
  /** lux, at or above. */
  readonly light: number;
  /** g, at or above; absent: shocks are no sign. */
  readonly shock?: number;
  /** Whether something that was taken out of its unit is a sign. */
  readonly opened: boolean;
}

/** Rules that judge goods over their journey. */
export type GoodsRule =
  | BudgetRule
  | CumulativeRule
  | GoodsMktRule
  | GoodsFreezeThawRule
  | BudgetForecastRule
  | TamperRule;
export type GoodsKind = GoodsRule['kind'];
export const GOODS_KINDS: readonly GoodsKind[] = [
  'budget',
  'cumulative',
  'goodsMkt',
  'goodsFreezeThaw',
  'budgetForecast',
  'tamper',
];

export type Rule =
  | ThresholdRule
  | SilenceRule
  | MktRule
  | RateRule
  | ShockRule
  | IntervalRule
  | FreezeThawRule
  | ForecastRule
  | GoodsRule
  | PassRule;
export type RuleKind = Rule['kind'];

/** In what the extreme and the limit of a finding on goods are; undefined for other kinds, whose unit is their metric's. */
export function goodsUnit(kind: string): 'min' | '°C' | 'times' | undefined {
  const units: Readonly<Record<string, 'min' | '°C' | 'times'>> = GOODS_UNITS;
  return units[kind];
}

const GOODS_UNITS: Readonly<Record<GoodsKind, 'min' | '°C' | 'times'>> = {
  budget: 'min',
  cumulative: 'min',
  budgetForecast: 'min',
  goodsMkt: '°C',
  goodsFreezeThaw: 'times',
  tamper: 'times',
};

export function isGoodsRule(rule: Rule): rule is GoodsRule {
  return GOODS_KINDS.some((kind) => kind === rule.kind);
}

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
