import type { Facts } from '../domain/index.ts';

/** A rule version's own text for its alerts; undefined where it has none or is not known. */
export type SummaryTemplate = (rule: string, version: number) => string | undefined | Promise<string | undefined>;

/**
 * Texts of rule versions out of the facts table, read again when a version comes up that was not there before: the
 * evaluator may judge by it a moment before the tracer has kept it.
 */
export function ruleTexts(facts: Pick<Facts, 'all'>): SummaryTemplate {
  const texts = new Map<string, string | undefined>();
  return async (rule, version) => {
    const name = `${rule}/${version}`;
    if (!texts.has(name)) {
      for (const { fact } of await facts.all(['rule'])) {
        if (fact.type === 'rule')
          texts.set(`${fact.version.rule.id}/${fact.version.version}`, fact.version.rule.summary);
      }
    }
    return texts.get(name);
  };
}
