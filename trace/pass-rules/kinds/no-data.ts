import { type Epc, type NeededData, type NoDataRule, serverText } from '../../../domain/index.ts';
import type { FoundGoods, PassFacts, PassKind } from '../pass-facts.ts';

/** Goods of which not enough is known (docs/rules.md, "kind: noData"). */
export const noData: PassKind<NoDataRule> = {
  find: ({ needs }, facts) => {
    if (!facts.evidence.isComplete) return [];
    const read = new Set(facts.evidence.pass.reads.map(({ epc }) => epc));
    return facts.outcome.through.flatMap((epc): FoundGoods[] => {
      if (!isJudged(epc, facts)) return [];
      const lacking = needs.filter((need) =>
        need === 'notice' ? read.has(epc) && isUnlisted(epc, facts) : isUnknown(need, epc, facts),
      );
      if (lacking.length === 0) return [];
      const status = lacking.map((need) => serverText(`found.noData.${need}`)).join(', ');
      const text = serverText('found.noData.fact', { lacking: status });
      return [{ epc, status, facts: [{ at: facts.evidence.pass.from, text }] }];
    });
  },
  say: (_, goods, { portal }) =>
    serverText('found.noData', {
      ...{ goods: goods.length, portal: portal.name },
      lacking: [...new Set(goods.map(({ status = '' }) => status))].join('; '),
    }),
};

/** Serials, and units in which none is known. */
function isJudged(epc: Epc, { evidence }: PassFacts): boolean {
  return evidence.kindOf(epc) === 'serial' || evidence.serialsIn(epc).length === 0;
}

/** No shipment lists it, nor anything that it is in. */
function isUnlisted(epc: Epc, { evidence }: PassFacts): boolean {
  return [epc, ...evidence.ancestors(epc)].every((one) => evidence.expectations(one).length === 0);
}

function isUnknown(need: Exclude<NeededData, 'notice'>, epc: Epc, { evidence, goods }: PassFacts): boolean {
  return evidence.kindOf(epc) === 'serial' && (goods.get(epc)?.[need] ?? null) === null;
}
