/**
 * Whether goods may move on, for now: what has become of them, their expiry, excursions nobody has decided on, holds. It
 * is another answer than the verdict on a pass, which compares what was expected with what was read.
 */

export { type Clearance, type ClearanceFinding, recordClearance } from './clearance.ts';
export { type GoodsFinding, type GoodsReason, goodsState, isPast, mayMoveOn } from './goods-state.ts';
