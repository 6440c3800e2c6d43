/**
 * Questions of people about single packs: where every serial of a lot is now (recall), whether a pack is what it says
 * (verification), what is known of one serial.
 */

export {
  everyRecalledSerial,
  type Location,
  type Recall,
  type RecalledSerial,
  type RecallGroup,
  type RecallQuery,
  recall,
  recalledSerials,
  type Whereabouts,
  whereabouts,
} from './recall.ts';
export { type FoundGoods, searchGoods } from './search.ts';
export { seenDevices, seenGoods, strangersAmong } from './seen.ts';
export { knownAs, type SerialRecord, serialRecord } from './serial-records.ts';
export { packsAt, type StockedPack, type StockRecord, stockAt } from './stock.ts';
export {
  type Asking,
  knownSerials,
  lookUpPacks,
  type PackLookup,
  type VerificationAnswer,
  type VerificationRecord,
  type VerificationRequest,
  verificationList,
  verify,
} from './verification.ts';
