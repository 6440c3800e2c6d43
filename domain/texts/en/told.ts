import type { alert } from './alert.ts';
import type { qualityCase } from './case.ts';
import type { disposition } from './disposition.ts';
import type { found } from './found.ts';
import type { passRule } from './pass-rule.ts';
import type { rule } from './rule.ts';

/** What is told of goods, alerts and rules, and leaves the house in reports and messages. */
export type ToldKey =
  | keyof typeof alert
  | keyof typeof disposition
  | keyof typeof passRule
  | keyof typeof rule
  | Extract<keyof typeof qualityCase, `case.title.${string}`>
  | Exclude<
      Extract<keyof typeof found, `found.${string}`>,
      | `found.${string}.fact`
      | `found.${string}.fact.${string}`
      | `found.${'clone' | 'dwell' | 'expired' | 'shortage'}.${string}`
      | `found.${'tamper' | 'usual' | 'wrongDirection'}.${string}`
    >;

/** The same in another language. */
export type ToldTexts = Readonly<Record<ToldKey, string>>;
