/** Electronic signatures: who, when, with which meaning, bound by hash to a record in canonical JSON. */
export { canonical, hashOfSerials, sha256 } from './canonical.ts';
export { type FreshSignIn, FreshSignIns } from './fresh-sign-ins.ts';
export { RecordsToSign } from './records-to-sign.ts';
export {
  breaks,
  type KeptSignature,
  type ProviderProof,
  type SignatureRecord,
  type Signer,
  type SigningMethod,
  signatureLeaf,
  signatureOf,
  signed,
} from './signature.ts';
export { type SignedText, signedTextsOf } from './signed-texts.ts';
export { SigningSessions } from './signing-sessions.ts';
