import { type DwellRule, serverText } from '../../../domain/index.ts';
import {
  type FoundGoods,
  type PassFacts,
  type PassKind,
  type Stay,
  serialsOf,
  WAITS_FOR_NOTHING,
} from '../pass-facts.ts';
import { usualMinutes } from './usual-minutes.ts';

const MINUTE_MS = 60_000;
/** A door whose reader says nothing is waited for no longer than this, ms. */
export const SILENT_DOOR_MS = 15 * MINUTE_MS;

/** Goods that stay too long where a pass brought them (docs/rules.md, "kind: dwell"). */
export const dwell: PassKind<DwellRule> = {
  find: (rule, facts) => {
    const { from } = facts.evidence.pass;
    return staysOf(rule, facts).flatMap(([epc, { place, to }]): FoundGoods[] => {
      if (to === null && !isKnownBy(from + rule.longerThanMs, facts)) return [];
      if (to !== null && to - from <= rule.longerThanMs) return [];
      const minutes = to === null ? null : Math.floor((to - from) / MINUTE_MS);
      const status = minutes === null ? serverText('found.dwell.stands') : serverText('found.dwell.stood', { minutes });
      const came = { at: from, text: serverText('found.dwell.fact.came', { goods: epc, place }) };
      const went = to === null ? [] : [{ at: to, text: serverText('found.dwell.fact.went', { goods: epc, place }) }];
      const usual = usualMinutes(from, 'stay', facts.usualStays.get(place));
      return serialsOf(facts, epc).map((serial) => ({
        ...{ epc: serial, status, to, facts: [came, usual, ...went] },
      }));
    });
  },
  say: ({ longerThanMs }, goods, facts) => {
    const places = new Set([...facts.stays.values()].map(({ place }) => place));
    const values = {
      ...{ goods: goods.length, place: [...places].join(', '), minutes: Math.round(longerThanMs / MINUTE_MS) },
      stands: goods.some(({ to }) => to === null) ? 'yes' : 'no',
    };
    return { key: 'found.dwell', values };
  },
  waitsFor: (rule, facts) => {
    const due = facts.evidence.pass.from + rule.longerThanMs;
    if (!staysOf(rule, facts).some(([, { to }]) => to === null) || isKnownBy(due, facts)) return WAITS_FOR_NOTHING;
    return { clock: facts.now < due ? due : due + SILENT_DOOR_MS, complete: due };
  },
};

function staysOf({ places }: DwellRule, { stays }: PassFacts): [string, Stay][] {
  return [...stays].filter(([, { place }]) => places === undefined || places.includes(place));
}

/** Nothing can have moved it by then without our knowing, or its doors have been silent for too long to wait. */
function isKnownBy(due: number, { now, siteComplete }: PassFacts): boolean {
  if (now < due) return false;
  return (siteComplete !== null && siteComplete >= due) || now >= due + SILENT_DOOR_MS;
}
