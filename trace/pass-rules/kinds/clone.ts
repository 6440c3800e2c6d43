import { type CloneRule, type CloneSign, type Epc, serverText, type Words } from '../../../domain/index.ts';
import { otherTag } from '../../passes/index.ts';
import type { FoundFact, FoundGoods, PassFacts, PassKind, Sight } from '../pass-facts.ts';
import { usualMinutes } from './usual-minutes.ts';

const MINUTE_MS = 60_000;
/** Of these no tag should answer any more (CBV 2.0, section 7.2). */
const ENDED: ReadonlySet<string> = new Set(['inactive', 'destroyed', 'disposed', 'dispensed', 'retail_sold']);

/** Serials whose tag may be a copy (docs/rules.md, "kind: clone"). */
export const clone: PassKind<CloneRule> = {
  find: (rule, facts) =>
    facts.outcome.reads.flatMap(({ epc, status }): FoundGoods[] => {
      if (status === 'stray' || status === 'other') return [];
      const found = signsOf(rule).flatMap((sign) => JUDGES[sign](rule, epc, facts) ?? []);
      if (found.length === 0) return [];
      return [{ epc, status: found.map((one) => one.status).join('; '), facts: found.flatMap((one) => one.facts) }];
    }),
  say: (rule, goods, facts) => {
    const { name, site } = facts.portal;
    const values = { goods: goods.length, portal: name, site };
    const signs = signsOf(rule).filter((sign) => goods.some(({ epc }) => JUDGES[sign](rule, epc, facts) !== null));
    const [sign] = signs;
    return { key: sign === undefined || signs.length > 1 ? 'found.cloneSigns' : SAID[sign], values };
  },
};

const SAID = {
  travel: 'found.clone',
  tid: 'found.cloneTid',
  ended: 'found.cloneEnded',
} as const satisfies Readonly<Record<CloneSign, Words['key']>>;

function signsOf({ signs = ['travel'] }: CloneRule): readonly CloneSign[] {
  return signs;
}

interface Sign {
  readonly status: string;
  readonly facts: readonly FoundFact[];
}

const JUDGES: Readonly<Record<CloneSign, (rule: CloneRule, epc: Epc, facts: PassFacts) => Sign | null>> = {
  travel: (rule, epc, facts) => {
    const { from } = facts.evidence.pass;
    const sight = tooNear(rule, facts, sightsOf(epc, facts));
    if (sight === null) return null;
    const minutes = Math.max(0, Math.floor((from - sight.to) / MINUTE_MS));
    const least = Math.round(travelMs(rule, facts.portal.site, sight.site) / MINUTE_MS);
    const there = { portal: sight.portal, site: sight.site };
    return {
      status: serverText('found.clone.status', { site: sight.site, minutes }),
      facts: [
        { at: sight.from, text: serverText('found.clone.fact.before', there) },
        usualMinutes(from, 'way', facts.usualWays.get(`${sight.site}>${facts.portal.site}`)),
        { at: from, text: serverText('found.clone.fact.here', { ...there, minutes, least }) },
      ],
    };
  },
  tid: (_, epc, { numbers, evidence }) => {
    const own = numbers.get(epc);
    const differs = own === undefined ? null : otherTag(own);
    if (own === undefined || differs === null) return null;
    const { before, here } = own;
    const known = before === null ? '' : before.tids.join(', ');
    const earlier = { reader: before?.reader ?? '', tid: known };
    return {
      status: serverText(here.includes(differs.other) ? 'found.clone.twoTags' : 'found.clone.otherTag', differs),
      facts: [
        ...(before === null ? [] : [{ at: before.at, text: serverText('found.clone.fact.tidBefore', earlier) }]),
        { at: evidence.pass.from, text: serverText('found.clone.fact.tidHere', { tid: here.join(', ') }) },
      ],
    };
  },
  ended: (_, epc, { evidence }) => {
    const status = evidence.blocked.get(epc);
    if (status === undefined || !ENDED.has(status)) return null;
    const ended = { ended: status };
    return {
      status: serverText('found.clone.ended', ended),
      facts: [{ at: evidence.pass.from, text: serverText('found.clone.fact.ended', ended) }],
    };
  },
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
