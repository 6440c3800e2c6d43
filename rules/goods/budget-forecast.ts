import { type BudgetForecastRule, minutesOf } from '../../domain/index.ts';
import { budgetsOf } from './budget.ts';
import { goodsIn, lengthOf, unknownSpans, within, without } from './course.ts';
import { type Judge, type Judged, NOTHING } from './found.ts';
import { type Looked, momentsOf, runsOf } from './runs.ts';
import { countedTime } from './used-time.ts';

/** It looks so often. */
const EVERY_MS = 15 * 60_000;

/**
 * budgetForecast (docs/rules.md, formula 1): at the pace at which the budget was used in the last window, it is used up before
 * the shipment arrives.
 */
export const judgeBudgetForecast: Judge<BudgetForecastRule> = (rule, group, judged) => {
  const [budget] = budgetsOf({}, group);
  const known = group.air.get('temperature')?.[0]?.from;
  const { arrives } = judged;
  if (budget === undefined || arrives === null || known === undefined) return NOTHING;
  const { spans } = countedTime({ ...rule, unknown: 'beside' }, group, null);
  const unknown = unknownSpans(goodsIn(group.air.get('temperature') ?? [], null));
  const since = group.carried?.since ?? Number.NEGATIVE_INFINITY;
  const carriedMs = group.carried?.ms ?? 0;
  const look = (at: number): Looked => {
    const from = at - rule.windowMs;
    const knownMs = lengthOf(without([{ from, to: at }], unknown));
    if (knownMs === 0) return null;
    const usedMs = carriedMs + lengthOf(within(spans, since, at));
    const pace = lengthOf(within(spans, from, at)) / knownMs;
    const expectedMs = usedMs + pace * (arrives - at);
    return { value: minutesOf(expectedMs), isBeyond: usedMs <= budget.budgetMs && expectedMs > budget.budgetMs };
  };
  const isIn = (at: number) => at < arrives && (judged.cut === null ? at <= judged.to : at < judged.to);
  const from = Math.ceil(Math.max(known + rule.windowMs, judged.from) / EVERY_MS) * EVERY_MS;
  const { moments, again } = momentsOf(group, judged, { from, everyMs: EVERY_MS, isIn }, look);
  const isArrived = judged.to >= arrives;
  const end: Judged = isArrived ? { ...judged, to: arrives, cut: 'shipment' } : judged;
  const found = runsOf(moments, minutesOf(budget.budgetMs), end);
  return { found, again: end.cut === null ? again : Number.POSITIVE_INFINITY };
};
