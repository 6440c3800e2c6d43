import { around, type Direction, type Epc, type ExpiredRule, serverText } from '../../../domain/index.ts';
import type { FoundGoods, PassFacts, PassKind } from '../pass-facts.ts';

const DAY_MS = 86_400_000;

/** Serials that move past their expiry or too near to it (docs/rules.md, "kind: expired"). */
export const expired: PassKind<ExpiredRule> = {
  find: ({ remainingMs, way }, facts) => {
    const { from } = facts.evidence.pass;
    return facts.outcome.through.flatMap((epc): FoundGoods[] => {
      const expiry = facts.goods.get(epc)?.expiry ?? null;
      if (expiry === null || (way !== undefined && directionOf(epc, facts) !== way)) return [];
      // The expiry's day is the last one on which it is good, in UTC.
      const leftMs = Date.parse(`${expiry}T00:00:00Z`) + DAY_MS - from;
      if (leftMs > 0 && leftMs >= remainingMs) return [];
      const days = Math.floor(leftMs / DAY_MS);
      const status = leftMs <= 0 ? serverText('found.expired.past') : serverText('found.expired.left', { days });
      const text = serverText('found.expired.fact', { expiry });
      return [{ epc, status, facts: [{ at: from, text }] }];
    });
  },
  say: ({ remainingMs }, goods, { portal }) => {
    const past = goods.filter(({ status }) => status === serverText('found.expired.past')).length;
    const days = Math.ceil(remainingMs / DAY_MS);
    return { key: 'found.expired', values: { goods: goods.length, past, days, portal: portal.name } };
  },
};

function directionOf(epc: Epc, facts: PassFacts): Direction {
  const moved = [epc, ...around(facts, epc)];
  return facts.outcome.moved.find((one) => moved.includes(one.epc))?.direction ?? 'unknown';
}
