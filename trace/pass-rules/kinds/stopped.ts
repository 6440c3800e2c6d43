import type { BlockedRule, UnexpectedRule } from '../../../domain/index.ts';
import type { PassKind } from '../pass-facts.ts';

/** Serials that no shipment expects (docs/rules.md, "kind: unexpected"). */
export const unexpected: PassKind<UnexpectedRule> = {
  find: (_, { outcome }) => outcome.unexpectedSerials.map((epc) => ({ epc })),
};

/** Serials that may not move on (docs/rules.md, "kind: blocked"). */
export const blocked: PassKind<BlockedRule> = {
  find: (_, { outcome }) => outcome.verdict.blocked ?? [],
};
