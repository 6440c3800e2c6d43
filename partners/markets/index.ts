/** What the law of each market asks of medicines, as data with sources and days of force; and what follows of it for a pack. */
export type { Market, MarketElement } from './market.ts';
export { Markets, readMarket } from './markets.ts';
export { type AnswerGiven, type ClassedAnswer, classOfAnswer } from './national-answer.ts';
export { checkPack, type PackCheck } from './pack-check.ts';
