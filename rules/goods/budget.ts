import { type BudgetLimit, type BudgetRule, type GoodsGroup, type Limits, minutesOf } from '../../domain/index.ts';
import { lengthOf, whenSummed, within } from './course.ts';
import { GROWS_MS, type GroupFound, type Judge } from './found.ts';
import { countedTime } from './used-time.ts';

/** budget (docs/rules.md): from the moment at which goods have used more than they stand, for good. */
export const judgeBudget: Judge<BudgetRule> = (rule, group, judged) => {
  let again = Number.POSITIVE_INFINITY;
  let first: GroupFound | null = null;
  for (const { limits, budgetMs } of budgetsOf(rule, group)) {
    const allowedMs = (budgetMs * rule.share) / 100;
    const carriedMs = group.carried?.ms ?? 0;
    const since = group.carried?.since ?? Number.NEGATIVE_INFINITY;
    const { spans, isUnknownCounted } = countedTime(rule, group, limits);
    const counted = within(spans, since, judged.to);
    const usedMs = carriedMs + lengthOf(counted);
    const at = carriedMs > allowedMs ? since : whenSummed(counted, allowedMs - carriedMs, true);
    // Nothing is known of now: it goes on being used up.
    if (isUnknownCounted)
      again = Math.min(again, judged.to + (at === null ? Math.ceil(allowedMs - usedMs) + 1 : GROWS_MS));
    if (at === null || Math.max(at, judged.from) >= judged.to) continue;
    const found = {
      ...{ from: Math.max(at, judged.from), to: null, endedBy: null, extreme: minutesOf(usedMs) },
      ...{ limit: minutesOf(budgetMs), minutes: minutesOf(usedMs) },
    };
    if (first === null || found.from < first.from) first = found;
  }
  return { found: first === null ? [] : [first], again };
};

/** The budget that goods of this group have; `limits` null = those of the storage profile in force. */
export function budgetsOf(
  { limits }: Pick<BudgetRule, 'limits'>,
  { budgetMs }: GoodsGroup,
): readonly { readonly limits: Limits | null; readonly budgetMs: number }[] {
  if (limits !== undefined) return limits.map((limit: BudgetLimit) => ({ limits: limit, budgetMs: limit.budgetMs }));
  return budgetMs === null ? [] : [{ limits: null, budgetMs }];
}
