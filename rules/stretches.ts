import type { Rule, RuleVersion } from '../domain/index.ts';
import { type AppliesTo, compileAppliesTo } from './applies-to.ts';

/** A version of a rule with the event times that it judges, [from, to); ±Infinity where they have no beginning or end. */
export interface Stretch<R extends Rule> {
  readonly from: number;
  readonly to: number;
  readonly program: { readonly rule: R; readonly version: number };
  readonly appliesTo: AppliesTo | null;
}

/**
 * Of one rule's versions those of the kinds asked for, each while it is in force: a later version takes over from its
 * `effectiveFrom` on, whatever earlier versions meant (docs/rules.md, "Versions").
 *
 * @throws {InputError} RULE_CEL_BAD
 */
export function stretchesOf<R extends Rule>(
  versions: readonly RuleVersion[],
  isOwn: (rule: Rule) => rule is R,
): Stretch<R>[] {
  let inForce: Stretch<R>[] = [];
  for (const { rule, version, effectiveFrom, isRemoved } of versions.toSorted((a, b) => a.version - b.version)) {
    const from = effectiveFrom ?? Number.NEGATIVE_INFINITY;
    inForce = inForce.flatMap((stretch) => {
      const to = Math.min(stretch.to, from);
      return stretch.from < to ? { ...stretch, to } : [];
    });
    if (isRemoved || !isOwn(rule)) continue;
    const appliesTo = rule.appliesTo === undefined ? null : compileAppliesTo(rule.appliesTo);
    inForce.push({ from, to: Number.POSITIVE_INFINITY, program: { rule, version }, appliesTo });
  }
  return inForce;
}
