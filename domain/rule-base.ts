/** From the least to the worst. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const RAISED_BY = ['serials', 'valueClass', 'budgetLeft'] as const;

/** Raises an alert's severity where so much is at stake, or so little of the budget is left. */
export interface SeverityStep {
  /** How many serials, the highest value class (1 to 5), or the least stability budget left in ms. */
  readonly by: (typeof RAISED_BY)[number];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly severity: Severity;
}

export interface RuleBase {
  /** `[a-z0-9-]{1,64}`, unique. */
  readonly id: string;
  readonly severity: Severity;
  /** What raises it for an alert, and never lowers it. */
  readonly severityBy?: readonly SeverityStep[];
  /** CEL over profile, product, lane, site, labels; absent = every key. */
  readonly appliesTo?: string;
  readonly summary?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
