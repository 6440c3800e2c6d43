/** Files in either direction: kept to the byte, hashed, each with its fate. What is in them is read by the doors that take it. */
export type { ClaimedEvent } from './claimed-event.ts';
export { formatOf } from './file-format.ts';
export { type ClaimedStatus, type HeldClaim, HeldGoods, type HeldGoodsOptions } from './held-goods.ts';
export { PartnerClaims, type PartnerClaimsOptions } from './partner-claims.ts';
export {
  type CameIn,
  FILE_FATES,
  type FileFate,
  type FileSearch,
  type Outcome,
  type PartnerFile,
  PartnerFiles,
  type PartnerFilesOptions,
} from './partner-files.ts';
export { PartnerQuotas, type PartnerQuotasOptions } from './partner-quotas.ts';
export { type OpenedFile, openSigned } from './signed-file.ts';
