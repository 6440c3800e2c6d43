/**
 * The ledger: a transparency log (RFC 6962, C2SP tlog-tiles) of what was decided, found, deleted and archived. A leaf is
 * committed in the transaction of its cause; a sequencer gives it its place and signs what the tree has become; whoever
 * holds a signed checkpoint can prove that a leaf is in, and that the tree only grew.
 */
export { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts';
export { type IssuedDocument, parseIssued } from './issued.ts';
export { type FactNames, LedgerIssuer, type ProvenFacts } from './issuing.ts';
export { addLeaf, addLeaves, type NewLeaf } from './leaves.ts';
export { Ledger, type SignedCheckpoint } from './ledger.ts';
export { parseNote, SigningKey, signersOf, VerifierKey } from './note.ts';
export { isProofFile, type LogProof, logSigners, type Proven, parseProof, provenBy } from './proof-file.ts';
export { ProofSet, type ProvenLeaf, type SetLeaf, setHead, setLine } from './proof-set.ts';
export { ruleVersionLeaves } from './rule-version-leaves.ts';
export { type LedgerHead, LedgerSequencer, type LedgerSequencerOptions } from './sequencer.ts';
export { TILE_WIDTH } from './tiles.ts';
export { type LedgerFault, type LedgerVerdict, type VerifyLedgerOptions, verifyLedger } from './verify.ts';
export { Witness, type WitnessAnswer } from './witness.ts';
export { type WitnessAt, Witnessing, type WitnessingOptions } from './witnessing.ts';
