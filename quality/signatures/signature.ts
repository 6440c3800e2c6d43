import type { NewLeaf } from '../../storage/index.ts';
import { canonical, sha256 } from './canonical.ts';

export type SigningMethod = 'password' | 'passkey' | 'oidc';

/** Who has shown who it is, and what signing means (21 CFR 11.50). */
export interface Signer {
  readonly userId: number;
  readonly name: string;
  readonly role: string;
  /** `release, after review of the evidence` */
  readonly meaning: string;
  readonly method: SigningMethod;
  /** Of a fresh sign-in: what the provider vouched for. */
  readonly provider?: ProviderProof;
}

/** What an OpenID provider said of a fresh sign-in (OpenID Connect Core 1.0, 2). */
export interface ProviderProof {
  readonly issuer: string;
  readonly subject: string;
  /** `auth_time`, epoch ms UTC. */
  readonly authAt: number;
  /** What the provider signed: SHA-256 of the salt, a dot and the record's hash, base64url. */
  readonly nonce: string;
  readonly salt: string;
}

/** A signature as it is kept: bound to its record by the record's hash (21 CFR 11.70). */
export interface SignatureRecord extends Signer {
  readonly type: 'isotherm.signature/1';
  /** Epoch ms UTC. */
  readonly at: number;
  /** SHA-256 of the signed record, hex. */
  readonly recordHash: string;
}

export interface KeptSignature {
  readonly signature: string;
  readonly signatureHash: string;
}

/** @param at epoch ms UTC */
export function signed(recordHash: string, signer: Signer, at: number): KeptSignature {
  const record: SignatureRecord = { type: 'isotherm.signature/1', recordHash, ...signer, at };
  const signature = canonical(record);
  return { signature, signatureHash: sha256(signature) };
}

/** The leaf of the ledger by which a signature, and since when it puts a decision in force, cannot be changed unseen. */
export function signatureLeaf(
  of: {
    readonly about: 'decision' | 'step';
    readonly case: string;
    readonly number: number;
    /** 1 for the first signer, 2 for the second. */
    readonly place: number;
    readonly recordHash: string;
    readonly signatureHash: string;
    /** Epoch ms UTC; null: it puts none in force. */
    readonly inForceAt: number | null;
  },
  { userId, name }: Signer,
): NewLeaf {
  const subject = `signature:${of.about}:${of.case}/${of.number}/${of.place}`;
  return { kind: 'signature', subject, content: { ...of, userId, name } };
}

/** What of a record and its signatures does not fit any more, a sentence each; empty where all does. */
export function breaks(
  { record, recordHash }: { readonly record: string; readonly recordHash: string },
  signatures: readonly KeptSignature[],
): string[] {
  const found: string[] = [];
  if (sha256(record) !== recordHash) found.push('The record was changed after it was signed: its hash is another.');
  for (const { signature, signatureHash } of signatures) {
    const { name, recordHash: of } = signatureOf(signature);
    if (sha256(signature) !== signatureHash) found.push(`The signature of ${name} was changed after it was given.`);
    if (of !== recordHash) found.push(`The signature of ${name} is of another record.`);
  }
  return found;
}

export function signatureOf(kept: string): SignatureRecord {
  return JSON.parse(kept) as SignatureRecord;
}
