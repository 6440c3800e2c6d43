/** What the law of each market asks of medicines, as data with sources and days of force; where it holds, and what follows of it. */
export { checkGoods, type GoodsCheck, type GoodsGap, type GoodsKnown } from './goods-check.ts';
export type { Market, MarketElement } from './market.ts';
export { longestRecords, type MarketAssignment, MarketAssignments, marketsOn } from './market-assignments.ts';
export { isLacking, type MarketCheck, MarketWatch } from './market-watch.ts';
export { Markets, readMarket } from './markets.ts';
export { type AnswerGiven, type ClassedAnswer, classOfAnswer, type PackWords } from './national-answer.ts';
export { checkPack, type PackCheck } from './pack-check.ts';
export { isInForce, periodOf } from './periods.ts';
export {
  type GoodsOf,
  type KnownPack,
  MarketReadiness,
  type MarketReadinessReport,
  type PackReadiness,
  readinessOf,
} from './readiness.ts';
