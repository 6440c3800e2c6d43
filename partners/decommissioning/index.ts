/** The ledger of packs that are decommissioned here, and what the national system answers (Regulation (EU) 2016/161). */

export { rulesOn } from './act-rules.ts';
export {
  type BroughtAnswer,
  DecommissioningAnswers,
  type EntryAnswer,
  type PrintedPack,
  wordsOf,
} from './answers.ts';
export type { DecommissionWish, LedgerEntry, LedgerPack, PackStops, RevertWish, Told } from './entry.ts';
export { DecommissioningLedger, type LedgerQuery } from './ledger.ts';
