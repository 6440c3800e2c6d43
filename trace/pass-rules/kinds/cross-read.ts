import type { CrossReadRule } from '../../../domain/index.ts';
import type { FoundGoods, PassKind } from '../pass-facts.ts';

/** Tags read here that went through another door (docs/rules.md, "kind: crossRead"). */
export const crossRead: PassKind<CrossReadRule> = {
  find: (_, { outcome, evidence, portal }) =>
    outcome.reads.flatMap(({ epc, claimedBy, reason }): FoundGoods[] => {
      if (claimedBy === undefined || claimedBy === portal.id) return [];
      return [{ epc, status: claimedBy, facts: [{ at: evidence.pass.from, text: `${epc}: ${reason}` }] }];
    }),
  say: (_, goods, { portal }) => ({
    key: 'found.crossRead',
    values: {
      ...{ goods: goods.length, portal: portal.name },
      doors: [...new Set(goods.map(({ status = '' }) => status))].sort().join(', '),
    },
  }),
};
