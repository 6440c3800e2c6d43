import type { Facts } from './fact.ts';
import type { Rule } from './rule.ts';

/**
 * Every rule version that has been made. A version never changes, so each is read once; one that is not known was made
 * since the facts were read (the evaluator may judge by it a moment before the tracer has kept it).
 */
export class KnownRules {
  readonly #facts: Pick<Facts, 'all'>;
  readonly #rules = new Map<string, Rule>();

  constructor(facts: Pick<Facts, 'all'>) {
    this.#facts = facts;
  }

  /** The rule as it was in that version; undefined while it is not among the facts. */
  async version(id: string, version: number): Promise<Rule | undefined> {
    const name = `${id}/${version}`;
    if (!this.#rules.has(name)) {
      for (const { fact } of await this.#facts.all(['rule'])) {
        if (fact.type === 'rule') this.#rules.set(`${fact.version.rule.id}/${fact.version.version}`, fact.version.rule);
      }
    }
    return this.#rules.get(name);
  }
}
