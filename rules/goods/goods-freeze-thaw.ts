import type { GoodsFreezeThawRule } from '../../domain/index.ts';
import { type GoodsPiece, goodsIn } from './course.ts';
import { type Judge, NOTHING } from './found.ts';
import { timeConstantOf } from './thermal-mass.ts';

/** goodsFreezeThaw (docs/rules.md): from the crossing from frozen to thawed that is one too many, for good. */
export const judgeGoodsFreezeThaw: Judge<GoodsFreezeThawRule> = (rule, group, judged) => {
  const timeConstantMs = timeConstantOf(rule.goods, group);
  const crossings = crossingsOf(
    goodsIn(group.air.get('temperature') ?? [], timeConstantMs),
    rule,
    timeConstantMs,
  ).filter((at) => (judged.cut !== null ? at < judged.to : at <= judged.to));
  const at = crossings[rule.count - 1];
  if (at === undefined) return NOTHING;
  const from = Math.max(at, judged.from);
  if (judged.cut !== null && from >= judged.to) return NOTHING;
  const found = { from, to: null, endedBy: null, extreme: crossings.length, limit: rule.count, minutes: null };
  return { ...NOTHING, found: [found] };
};

/** Frozen once all that tells it is below, thawed once all is above; between them, and where nothing is known, what it was. */
function crossingsOf(
  goods: readonly GoodsPiece[],
  { frozenBelow, thawedAbove }: GoodsFreezeThawRule,
  timeConstantMs: number | null,
): number[] {
  const crossings: number[] = [];
  let isFrozen = false;
  for (const { from, to, coldest, warmest } of goods) {
    if (coldest === null || warmest === null) continue;
    const isMoving = timeConstantMs !== null && from < to;
    const after = (course: { begin: number; target: number }) =>
      isMoving
        ? course.target + (course.begin - course.target) * Math.exp(-(to - from) / timeConstantMs)
        : course.target;
    // With several devices the coldest freezes, and the coldest has to thaw.
    const [begin, end] = [isMoving ? coldest.begin : coldest.target, after(coldest)];
    if (!isFrozen && Math.min(begin, end) < frozenBelow) isFrozen = true;
    if (!isFrozen || Math.max(begin, end) <= thawedAbove) continue;
    // A course moves one way: cooling it was thawed before it froze.
    if (end <= thawedAbove) continue;
    isFrozen = false;
    const isThere = begin > thawedAbove;
    const ms =
      isThere || !isMoving ? 0 : timeConstantMs * Math.log((begin - coldest.target) / (thawedAbove - coldest.target));
    crossings.push(from + Math.round(ms));
  }
  return crossings;
}
