/**
 * Verification of product identifiers between companies (GS1 Lightweight Verification Messaging): what a manufacturer or
 * repackager answers to who has a pack before him, and what is kept of it. In: requests by HTTP, the state of packs through
 * a port. Out: messages in the words of the standard, and records of who asked about what and was told what.
 */
export {
  type AnsweredVerification,
  AnsweredVerifications,
  type AnsweredVerificationsQuery,
  type NewAnswered,
  type VerificationAsker,
} from './answered.ts';
export { type DirectoryEntry, VerificationDirectory } from './directory.ts';
export {
  type ConnectivityRequest,
  LINK_TYPE,
  type PackIdentifier,
  readConnectivityRequest,
  readVerificationRequest,
  SALEABLE_RETURN,
  type VerificationMessage,
  type VerificationMessageRequest,
} from './message.ts';
export type { PackFinding, PackState, PackStates } from './pack-state.ts';
export { type CredentialRules, type CredentialTrust, type Presented, verifyPresentation } from './presentation.ts';
export { type AnsweredData, askResponder, type Responder } from './question.ts';
export { Requesters } from './requesters.ts';
export { VerificationResponder } from './responder.ts';
export { isSaleable, Returns, type ReturnVerification } from './returns.ts';
export { readTrust } from './trust-file.ts';
export { verdictOf } from './verdict.ts';
