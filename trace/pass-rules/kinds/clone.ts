import { type CloneRule, type Epc, serverText } from '../../../domain/index.ts';
import type { FoundGoods, PassFacts, PassKind, Sight } from '../pass-facts.ts';
import { usualMinutes } from './usual-minutes.ts';

const MINUTE_MS = 60_000;

/** Serials read at two sites sooner than they can travel (docs/rules.md, "kind: clone"). */
export const clone: PassKind<CloneRule> = {
  find: (rule, facts) => {
    const { from } = facts.evidence.pass;
    return facts.outcome.reads.flatMap(({ epc, status }): FoundGoods[] => {
      if (status === 'stray' || status === 'other') return [];
      const sight = tooNear(rule, facts, sightsOf(epc, facts));
      if (sight === null) return [];
      const minutes = Math.max(0, Math.floor((from - sight.to) / MINUTE_MS));
      const least = Math.round(travelMs(rule, facts.portal.site, sight.site) / MINUTE_MS);
      const there = { portal: sight.portal, site: sight.site };
      return [
        {
          ...{ epc, status: serverText('found.clone.status', { site: sight.site, minutes }) },
          facts: [
            { at: sight.from, text: serverText('found.clone.fact.before', there) },
            usualMinutes(from, 'way', facts.usualWays.get(`${sight.site}>${facts.portal.site}`)),
            { at: from, text: serverText('found.clone.fact.here', { ...there, minutes, least }) },
          ],
        },
      ];
    });
  },
  say: (_, goods, { portal }) => ({
    key: 'found.clone',
    values: { goods: goods.length, portal: portal.name, site: portal.site },
  }),
};

/** Where it was read itself, and where the unit was read that it is said to be in, unless that went through here too. */
function sightsOf(epc: Epc, { elsewhere, evidence, outcome }: PassFacts): readonly Sight[] {
  const around = evidence.ancestors(epc);
  const isWithUnit = outcome.units.some(({ unit }) => around.includes(unit));
  return [epc, ...(isWithUnit ? [] : around)].flatMap((one) => elsewhere.get(one) ?? []);
}

function tooNear(rule: CloneRule, { portal, evidence }: PassFacts, sights: readonly Sight[]): Sight | null {
  const near = sights.filter(({ site, to }) => evidence.pass.from - to < travelMs(rule, site, portal.site));
  const [last] = near.toSorted((a, b) => b.to - a.to || (a.portal < b.portal ? -1 : 1));
  return last ?? null;
}

/** The least time between two sites. */
function travelMs({ travelMs: least, betweenMs = {} }: CloneRule, a: string, b: string): number {
  return betweenMs[`${a}>${b}`] ?? betweenMs[`${b}>${a}`] ?? least;
}

/** The longest way that the rule names: how far back it looks. */
export function longestTravelMs({ travelMs: least, betweenMs = {} }: CloneRule): number {
  return Math.max(least, ...Object.values(betweenMs));
}
