/**
 * Rules over passes, serials and shipments: what the doors saw, judged against what is known of the goods. `kinds/` has a
 * pure judgement each, `pass-facts.ts` what they may ask, `facts-of-pass.ts` loads it, `findings.ts` makes findings of it,
 * `related-passes.ts` says which passes are to be judged again when another one changes. It knows no readings and no people.
 */
export { factsOfPass } from './facts-of-pass.ts';
export { findingsOf } from './findings.ts';
export { keepFindings, standingFindings } from './kept-findings.ts';
export { type PassesChanged, relatedPasses } from './related-passes.ts';
export { MOST_PASSES, type RuleTrial, type TriedPasses, tryRules } from './tried-rules.ts';
export {
  observePasses,
  observeStays,
  observeWays,
  type PortalUsual,
  portalUsual,
  type ToldAnew,
} from './usual/index.ts';
