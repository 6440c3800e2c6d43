import {
  type Epc,
  type NeededData,
  type NoDataRule,
  serverText,
  serverWords,
  type Words,
} from '../../../domain/index.ts';
import { type FoundGoods, type PassFacts, type PassKind, wordsOf } from '../pass-facts.ts';

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
      const words = lacking
        .map((need): Words => ({ key: `found.noData.${need}`, values: {} }))
        .reduce((one, other) => ({ key: 'found.noData.both', values: { one, other } }));
      const status = serverWords(words);
      const text = serverText('found.noData.fact', { lacking: status });
      return [{ epc, status, words: [words], facts: [{ at: facts.evidence.pass.from, text }] }];
    });
  },
  say: (_, goods, { portal }) => ({
    key: 'found.noData',
    values: { goods: goods.length, portal: portal.name, lacking: wordsOf(goods) },
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
