import type { Metric } from './metric.ts';

export type Severity = 'info' | 'warning' | 'critical';

interface RuleBase {
  /** `[a-z0-9-]{1,64}`, unique. */
  readonly id: string;
  readonly severity: Severity;
  /** CEL over profile, product, lane, site, labels; absent = every key. */
  readonly appliesTo?: string;
  readonly summary?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Durations are ms. Meaning: docs/rules.md. */
export interface ThresholdRule extends RuleBase {
  readonly kind: 'threshold';
  readonly metric: Metric;
  readonly above?: number;
  readonly below?: number;
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

/** Stage 2: in a pass, at least this many serials that no shipment expects there at that event time. */
export interface UnexpectedRule extends RuleBase {
  readonly kind: 'unexpected';
  readonly atLeast: number;
}

export type Rule = ThresholdRule | SilenceRule | MktRule | UnexpectedRule;
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
  readonly profile?: string;
  readonly product?: string;
  readonly lane?: string;
  readonly site?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
