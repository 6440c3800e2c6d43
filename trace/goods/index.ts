/**
 * Whether goods may move on, for now: what has become of them, their expiry, excursions nobody has decided on, holds. It
 * is another answer than the verdict on a pass, which compares what was expected with what was read.
 */

export {
  type Clearance,
  type ClearanceFinding,
  type GoodsFinding,
  type GoodsReason,
  isPast,
  mayMoveOn,
} from '../../domain/index.ts';
export { recordClearances } from './clearance.ts';
export { type DecidedLine, type GoodsDecision, goodsDecisions } from './goods-decisions.ts';
export { goodsState } from './goods-state.ts';
