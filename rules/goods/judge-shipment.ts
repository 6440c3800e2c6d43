import { createHash } from 'node:crypto';
import {
  type Finding,
  type FoundGroup,
  type FoundInGoods,
  type GoodsGroup,
  type GoodsRule,
  goodsKey,
  isGoodsRule,
  type Metric,
  type RuleVersion,
  type ShipmentGoods,
} from '../../domain/index.ts';
import { type Stretch, stretchesOf } from '../stretches.ts';
import { judgeBudget } from './budget.ts';
import { judgeBudgetForecast } from './budget-forecast.ts';
import { judgeCumulative } from './cumulative.ts';
import type { GroupFound, GroupOutcome, Judged } from './found.ts';
import { judgeGoodsFreezeThaw } from './goods-freeze-thaw.ts';
import { judgeGoodsMkt } from './goods-mkt.ts';
import { judgeTamper } from './tamper.ts';
import { massSaid } from './thermal-mass.ts';

/** As many facts as a person reads; of more the first are kept. */
const MOST_FACTS = 40;

/** What rules find in a shipment, and when time alone may change it; null = never. Epoch ms UTC. */
export interface ShipmentJudgement {
  readonly found: readonly FoundInGoods[];
  readonly again: number | null;
}

/** All versions of the rules on goods, each while it is in force. */
export class GoodsRules {
  /** Of every rule that is, or once was, one on goods. */
  readonly ids: readonly string[];
  readonly #stretches: readonly Stretch<GoodsRule>[];

  /** @throws {InputError} RULE_CEL_BAD */
  constructor(versions: readonly RuleVersion[]) {
    this.ids = [...new Set(versions.flatMap(({ rule }) => (isGoodsRule(rule) ? [rule.id] : [])))].sort();
    const byRule = Map.groupBy(versions, ({ rule }) => rule.id);
    this.#stretches = [...byRule.values()].flatMap((ofRule) => stretchesOf(ofRule, isGoodsRule));
  }

  get isEmpty(): boolean {
    return this.#stretches.length === 0;
  }

  /** What they ask beside temperature. */
  get metrics(): readonly Metric[] {
    const asked = this.#stretches.flatMap(({ program: { rule } }): Metric[] => {
      if (rule.kind === 'tamper') return rule.shock === undefined ? ['light'] : ['light', 'shock'];
      return 'unless' in rule && rule.unless !== undefined ? [rule.unless.metric] : [];
    });
    return [...new Set(asked)].filter((metric) => metric !== 'temperature').sort();
  }

  /**
   * Judges a shipment's goods (docs/rules.md, "Rules on goods"): what each rule finds in each group, put together where it shares
   * time. A function of what the goods went through, the rule versions and now; nothing is kept. Pure.
   */
  judge(goods: ShipmentGoods, now: number): ShipmentJudgement {
    let again = Number.POSITIVE_INFINITY;
    const found: FoundInGoods[] = [];
    for (const stretch of this.#stretches) {
      const judged = judgedIn(stretch, goods, now);
      if (judged === null) continue;
      const inGroups: InGroup[] = [];
      for (const group of goods.groups) {
        if (stretch.appliesTo !== null && !stretch.appliesTo(contextOf(group, goods))) continue;
        const outcome = judgeGroup(stretch.program.rule, group, judged);
        if (judged.cut === null) again = Math.min(again, outcome.again);
        for (const one of outcome.found) {
          inGroups.push({ group, found: endedWith(withMass(one, stretch.program.rule, group), judged) });
        }
      }
      for (const together of sharingTime(inGroups)) found.push(findingOf(stretch, goods, together, judged));
    }
    found.sort((a, b) => compare(a.finding.rule, b.finding.rule) || a.finding.from - b.finding.from);
    return { found, again: again === Number.POSITIVE_INFINITY ? null : again };
  }
}

function judgeGroup(rule: GoodsRule, group: GoodsGroup, judged: Judged): GroupOutcome {
  switch (rule.kind) {
    case 'budget':
      return judgeBudget(rule, group, judged);
    case 'cumulative':
      return judgeCumulative(rule, group, judged);
    case 'goodsMkt':
      return judgeGoodsMkt(rule, group, judged);
    case 'goodsFreezeThaw':
      return judgeGoodsFreezeThaw(rule, group, judged);
    case 'budgetForecast':
      return judgeBudgetForecast(rule, group, judged);
    case 'tamper':
      return judgeTamper(rule, group, judged);
  }
}

/** With by which thermal mass they were judged, where that is each product's own. */
function withMass(found: GroupFound, rule: GoodsRule, group: GoodsGroup): GroupFound {
  const text = 'goods' in rule ? massSaid(rule.goods, group) : null;
  return text === null ? found : { ...found, facts: [{ at: found.from, text }, ...(found.facts ?? [])] };
}

/** Where version and shipment overlap, up to now; null where they do not. */
function judgedIn({ from, to }: Stretch<GoodsRule>, goods: ShipmentGoods, now: number): Judged | null {
  const end = Math.min(to, goods.to ?? Number.POSITIVE_INFINITY);
  const judged = {
    from: Math.max(from, goods.from),
    to: Math.min(end, now),
    begun: goods.from,
    arrives: goods.arrives,
    sealed: goods.sealed,
    openings: goods.openings,
  };
  if (judged.from >= judged.to) return null;
  return { ...judged, cut: end > now ? null : end === to ? 'rule' : 'shipment' };
}

/** A version that ends, ends what lasts. */
function endedWith(found: GroupFound, { cut, to }: Judged): GroupFound {
  return found.to === null && cut === 'rule' ? { ...found, to, endedBy: 'rule' } : found;
}

interface InGroup {
  readonly group: GoodsGroup;
  readonly found: GroupFound;
}

/** Stretches of groups that overlap or touch are one finding. */
function sharingTime(found: readonly InGroup[]): InGroup[][] {
  const sorted = found.toSorted((a, b) => a.found.from - b.found.from);
  const out: { members: InGroup[]; to: number }[] = [];
  for (const one of sorted) {
    const to = one.found.to ?? Number.POSITIVE_INFINITY;
    const last = out.at(-1);
    if (last !== undefined && one.found.from <= last.to) {
      last.members.push(one);
      last.to = Math.max(last.to, to);
    } else out.push({ members: [one], to });
  }
  return out.map(({ members }) => members);
}

function findingOf(
  { program: { rule, version } }: Stretch<GoodsRule>,
  goods: ShipmentGoods,
  members: readonly InGroup[],
  judged: Judged,
): FoundInGoods {
  const last = members.reduce((a, b) => (endOf(b.found) > endOf(a.found) ? b : a));
  const worst = members.reduce((a, b) => (beyondBy(b.found) > beyondBy(a.found) ? b : a));
  const groups = members.map(({ group, found }) => foundGroup(group, found, goods, judged));
  const serials = groups.reduce((count, { epcs }) => count + epcs.length, 0);
  const told = new Map(
    members.flatMap(({ found: { facts = [] } }) => facts.map((fact) => [`${fact.at} ${fact.text}`, fact])),
  );
  const facts = [...told.values()].sort((a, b) => a.at - b.at).slice(0, MOST_FACTS);
  const finding: Finding = {
    ...{ rule: rule.id, ruleVersion: version, kind: rule.kind, severity: rule.severity, key: goodsKey(goods.shipment) },
    ...{ from: Math.min(...members.map(({ found }) => found.from)), to: last.found.to, endedBy: last.found.endedBy },
    ...{ extreme: worst.found.extreme, limit: worst.found.limit, readings: serials },
    ...{
      minutesOutOfRange: null,
      runs: [],
      goods: { shipment: goods.shipment, serials, digest: digestOf(groups), ...(facts.length > 0 && { facts }) },
    },
    ...{ detectedAt: 0, detectedLate: false },
  };
  return { finding, groups };
}

function foundGroup(
  group: GoodsGroup,
  { from, to, minutes }: GroupFound,
  goods: ShipmentGoods,
  judged: Judged,
): FoundGroup {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const piece of group.air.get('temperature') ?? []) {
    if (piece.to < goods.from || piece.from > judged.to || piece.min === null || piece.max === null) continue;
    [min, max] = [Math.min(min, piece.min), Math.max(max, piece.max)];
  }
  const isKnown = min <= max;
  return {
    ...{ epcs: group.epcs, unit: group.unit, from, to, minutes },
    ...{ min: isKnown ? min : null, max: isKnown ? max : null, mkt: group.mktDuring(goods.from, judged.to) },
  };
}

/** Which serials, through what, from when and how long: what an alert's list rests on. */
function digestOf(groups: readonly FoundGroup[]): string {
  const hash = createHash('sha256');
  for (const { epcs, ...rest } of groups) hash.update(JSON.stringify(rest)).update(epcs.join('\n'));
  return hash.digest('hex').slice(0, 16);
}

function contextOf({ profile, gtin }: GoodsGroup, { lane }: ShipmentGoods) {
  return {
    ...(profile !== null && { profile }),
    ...(gtin !== null && { product: gtin }),
    ...(lane !== null && { lane }),
  };
}

function endOf({ to }: GroupFound): number {
  return to ?? Number.POSITIVE_INFINITY;
}

function beyondBy({ extreme, limit }: GroupFound): number {
  return extreme - limit;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
