import {
  excusedAtMost,
  type GoodsGroup,
  type Limits,
  PROFILES,
  type ThermalMass,
  type UnknownTime,
  type Unless,
} from '../../domain/index.ts';
import {
  beyondLimits,
  type GoodsPiece,
  goodsIn,
  joined,
  profileLimits,
  type Span,
  unknownSpans,
  without,
} from './course.ts';
import { timeConstantOf } from './thermal-mass.ts';

interface Counting {
  readonly goods?: ThermalMass;
  readonly unless?: Unless;
  readonly unknown?: UnknownTime;
}

/** The time of a group's journey that counts against a limit, and whether time without data is part of it. */
export function countedTime(
  rule: Counting,
  group: GoodsGroup,
  limits: Limits | null,
): { readonly spans: readonly Span[]; readonly isUnknownCounted: boolean } {
  const timeConstantMs = timeConstantOf(rule.goods, group);
  const goods = goodsIn(group.air.get('temperature') ?? [], timeConstantMs);
  const limitsIn = limits === null ? profileLimits : (_: GoodsPiece) => limits;
  const beyond = without(beyondLimits(goods, limitsIn, timeConstantMs), exceptedTime(rule.unless, group));
  const isUnknownCounted = isCounted(rule.unknown, group.profile);
  return { spans: isUnknownCounted ? joined([...beyond, ...unknownSpans(goods)]) : beyond, isUnknownCounted };
}

/** While the other metric meets its limit, each time no longer than it excuses at most; that nothing is known of it ends no time. */
function exceptedTime(unless: Unless | undefined, group: GoodsGroup): Span[] {
  if (unless === undefined) return [];
  const pieces = group.air.get(unless.metric) ?? [];
  const spans = beyondLimits(goodsIn(pieces, null), () => unless, null);
  const known = pieces.filter(({ from, to, min }) => min !== null && from < to).map(({ from, to }) => ({ from, to }));
  const off = without(joined(known), spans);
  let began = Number.NEGATIVE_INFINITY;
  let ended = Number.NEGATIVE_INFINITY;
  return spans.flatMap((span) => {
    const isNew = ended === Number.NEGATIVE_INFINITY || off.some(({ from }) => from >= ended && from < span.from);
    if (isNew) began = span.from;
    ended = span.to;
    const to = Math.min(span.to, began + excusedAtMost(unless));
    return span.from < to ? [{ from: span.from, to }] : [];
  });
}

/** As a proposal of a disposition does it (docs/dispositions.md), unless the rule says otherwise. */
function isCounted(unknown: UnknownTime | undefined, profileId: string | null): boolean {
  if (unknown !== undefined) return unknown === 'counted';
  return PROFILES.find(({ id }) => id === profileId)?.unknown === 'counted';
}
