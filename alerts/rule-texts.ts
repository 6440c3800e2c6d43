import type { KnownRules, SeverityStep } from '../domain/index.ts';

/** A rule version's own text for its alerts; undefined where it has none or is not known. */
export type SummaryTemplate = (rule: string, version: number) => string | undefined | Promise<string | undefined>;

/** Texts of the rule versions that are known. */
export function ruleTexts(rules: KnownRules): SummaryTemplate {
  return async (rule, version) => (await rules.version(rule, version))?.summary;
}

/** What raises the severity of a rule version's alerts; nothing where it is not known. */
export type SeveritySteps = (rule: string, version: number) => Promise<readonly SeverityStep[]>;

/** Steps of the rule versions that are known. */
export function severitySteps(rules: KnownRules): SeveritySteps {
  return async (rule, version) => (await rules.version(rule, version))?.severityBy ?? [];
}
