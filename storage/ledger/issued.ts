import { InputError } from '../../domain/index.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { isConsistent } from './merkle.ts';
import { base64, type VerifierKey } from './note.ts';
import { areHashes, logSigners, type Proven, parseProof, provenBy } from './proof-file.ts';

/*
 * That a document was issued: the proof of the leaf that holds its hash, and that the log in which it is continues the
 * one whose checkpoint proves the facts in it. JSON; space may follow.
 */

const FORMAT = 'isotherm-issued-1';

export interface Issued {
  /** Of the document's own leaf (C2SP tlog-proof). */
  readonly proof: string;
  /** What proves the facts in it, and that what was signed with the document continues it; null: there are none. */
  readonly earlier: { readonly checkpoint: string; readonly consistency: readonly Buffer[] } | null;
}

/** @returns one line */
export function issuedText({ proof, earlier }: Issued): string {
  const consistency = earlier?.consistency.map((hash) => hash.toString('base64'));
  return `${JSON.stringify({ format: FORMAT, proof, earlier: earlier && { ...earlier, consistency } })}\n`;
}

/** What a document's own leaf states. */
export interface IssuedDocument extends Proven {
  readonly index: number;
  /** `case:C-000123` */
  readonly about: string;
  readonly bytes: number;
  /** Of the document without this proof, hex. */
  readonly sha256: string;
  /** That of the facts in it, as far as there are any. */
  readonly earlier: Checkpoint | null;
}

/**
 * @param kind of the document's leaf
 * @throws {InputError} LEDGER_ISSUED_BAD, LEDGER_UNPROVEN and those of {@link provenBy}
 */
export function parseIssued(text: string, kind: string, keys: readonly VerifierKey[]): IssuedDocument {
  const { format, proof, earlier } = objectIn(text);
  if (format !== FORMAT || typeof proof !== 'string') throw badIssued();
  const parsed = parseProof(proof);
  const proven = provenBy(parsed, keys);
  if (proven.kind !== kind) throw unproven(`it proves a leaf of kind ${proven.kind}, and this is of kind ${kind}`);
  const { content } = (proven.content ?? {}) as { content?: Partial<IssuedDocument> };
  const { about, bytes, sha256 } = content ?? {};
  if (typeof about !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string') throw badIssued();
  const before = earlier === null ? null : continued(earlier, proven.checkpoint, keys);
  return { ...proven, index: parsed.index, about, bytes, sha256, earlier: before };
}

function continued(earlier: unknown, { origin, size, root }: Checkpoint, keys: readonly VerifierKey[]): Checkpoint {
  const { checkpoint, consistency } = (earlier ?? {}) as { checkpoint?: unknown; consistency?: unknown };
  if (typeof checkpoint !== 'string' || !Array.isArray(consistency)) throw badIssued();
  const path = consistency.map((hash) => (typeof hash === 'string' ? base64(hash) : null));
  if (!areHashes(path)) throw badIssued();
  const parsed = parseCheckpoint(checkpoint);
  logSigners(parsed, keys);
  const before = parsed.checkpoint;
  if (before.origin !== origin) throw unproven(`its facts are of the log ${before.origin}, and it is of ${origin}`);
  if (!isConsistent({ oldSize: before.size, oldRoot: before.root, size, root, path })) {
    throw unproven(
      `forked: the log of ${size} leaves does not continue the one of ${before.size} that proves its facts`,
    );
  }
  return before;
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw badIssued();
}

function badIssued(): InputError {
  return new InputError(
    'LEDGER_ISSUED_BAD',
    'issued.json is not as Isotherm writes it: the proof that it was issued is lost',
  );
}

function unproven(why: string): InputError {
  return new InputError('LEDGER_UNPROVEN', why);
}
