/**
 * The audit trail: what people decided, each entry in the transaction of its effect, hashed on its own, then placed in
 * one chain. Entries are never changed; personal values stand beside them and can be erased by an act that is an entry.
 */
export { type Erasable, latestKey, PostgresAuditTrail } from './audit-trail.ts';
export {
  type ActionCount,
  AuditReviews,
  type NextReview,
  type PlacedEntry,
  type ReviewRecord,
  type ReviewSigner,
  type ReviewWish,
  type SignedReview,
} from './reviews.ts';
export { type AuditHead, AuditSequencer, type AuditSequencerOptions } from './sequencer.ts';
export { type AuditFault, type AuditVerdict, verifyAudit } from './verify.ts';
