/** From the least to the worst. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface RuleBase {
  /** `[a-z0-9-]{1,64}`, unique. */
  readonly id: string;
  readonly severity: Severity;
  /** CEL over profile, product, lane, site, labels; absent = every key. */
  readonly appliesTo?: string;
  readonly summary?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
