import { createHash } from 'node:crypto';
import { InputError } from '../../domain/index.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { HASH_BYTES, isIncluded, leafHash } from './merkle.ts';
import { base64, type Note, signersOf, type VerifierKey } from './note.ts';

/** That an entry is in the log: a file that is proven by itself (C2SP tlog-proof). */
export interface LogProof {
  readonly index: number;
  readonly path: readonly Buffer[];
  /** The checkpoint's note, with cosignatures where there are any. */
  readonly note: string;
  readonly extra: ProofExtra;
}

/** What the leaf hash is worked out from: in the line `extra`, as JSON in UTF-8. */
export interface ProofExtra {
  /** The entry as it is hashed. */
  readonly entry: string;
  /** What the entry's `sha256` is of; null: it is kept elsewhere (a segment's chain hash). */
  readonly content: string | null;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MOST_STEPS = 63;

export function isProofFile(text: string): boolean {
  return text.startsWith(`${FIRST_LINE}\n`);
}

export function proofText({ index, path, note, extra }: LogProof): string {
  const opaque = Buffer.from(JSON.stringify({ content: extra.content, entry: extra.entry })).toString('base64');
  const steps = path.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `${FIRST_LINE}\nextra ${opaque}\nindex ${index}\n${steps}\n${note}`;
}

/** @throws {InputError} LEDGER_PROOF_BAD, LEDGER_NOTE_BAD, LEDGER_CHECKPOINT_BAD */
export function parseProof(text: string): LogProof {
  const [head = '', ...rest] = text.split('\n\n');
  const [first, ...lines] = head.split('\n');
  const extra = lines[0]?.startsWith('extra ') ? extraOf(lines.shift()?.slice('extra '.length) ?? '') : null;
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const path = lines.map(base64);
  if (first !== FIRST_LINE || index === undefined || extra === null || !areHashes(path)) {
    throw new InputError(
      'LEDGER_PROOF_BAD',
      `this is no proof of ours: expected are ${FIRST_LINE}, extra, index, up to ${MOST_STEPS} hashes and a checkpoint (C2SP tlog-proof)`,
    );
  }
  return { index: Number(index), path, note: rest.join('\n\n'), extra };
}

/** What a proof proves. */
export interface Proven {
  readonly checkpoint: Checkpoint;
  /** Who signed the checkpoint, of the keys given. */
  readonly signers: readonly VerifierKey[];
  readonly kind: string;
  readonly content: unknown;
}

/**
 * @param keys those that are trusted: of the log, and of witnesses
 * @throws {InputError} LEDGER_PROOF_BAD, LEDGER_NOTE_BAD, LEDGER_CHECKPOINT_BAD, LEDGER_SIGNATURE_BAD, and LEDGER_UNPROVEN
 *   where it proves nothing: by nobody known, of another content, or not in that tree
 */
export function provenBy({ index, path, note, extra }: LogProof, keys: readonly VerifierKey[]): Proven {
  const parsed = parseCheckpoint(note);
  const { checkpoint } = parsed;
  const signers = logSigners(parsed, keys);
  const entry = entryIn(extra.entry);
  if (extra.content !== null && createHash('sha256').update(extra.content).digest('hex') !== entry.sha256) {
    throw unproven('the content is not the one whose hash is in the log');
  }
  const { size, root } = checkpoint;
  if (!isIncluded({ index, size, leaf: leafHash(extra.entry), path, root })) {
    throw unproven(`the entry is not number ${index} of the ${size} that were signed`);
  }
  const content: unknown = extra.content === null ? null : JSON.parse(extra.content);
  return { checkpoint, signers, kind: entry.kind, content };
}

/**
 * Those of these keys that have signed; one at least has to be the log's own.
 * @throws {InputError} LEDGER_UNPROVEN, LEDGER_SIGNATURE_BAD
 */
export function logSigners(
  { checkpoint, note }: { readonly checkpoint: Checkpoint; readonly note: Note },
  keys: readonly VerifierKey[],
): VerifierKey[] {
  const signers = signersOf(note, keys);
  if (signers.some(({ name }) => name === checkpoint.origin)) return signers;
  throw unproven(
    `none of the keys given has signed the checkpoint of ${checkpoint.origin}; give the key that its isotherm ledger key prints: --key KEY`,
  );
}

export function entryIn(text: string): { readonly kind: string; readonly sha256: string } {
  const [, kind, sha256] = /^\{"kind":"([a-z-]+)","sha256":"([0-9a-f]{64})","v":1\}$/.exec(text) ?? [];
  if (kind === undefined || sha256 === undefined) throw unproven('the entry is none that Isotherm writes');
  return { kind, sha256 };
}

function extraOf(encoded: string): ProofExtra | null {
  try {
    const { entry, content } = JSON.parse(base64(encoded)?.toString('utf8') ?? '') as Partial<ProofExtra>;
    const isGood = typeof entry === 'string' && (content === null || typeof content === 'string');
    return isGood ? { entry, content } : null;
  } catch {
    return null;
  }
}

export function areHashes(hashes: readonly (Buffer | null)[]): hashes is readonly Buffer[] {
  return hashes.length <= MOST_STEPS && hashes.every((hash) => hash?.length === HASH_BYTES);
}

function unproven(why: string): InputError {
  return new InputError('LEDGER_UNPROVEN', `this proves nothing: ${why}`);
}
