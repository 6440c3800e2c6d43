import { createHash } from 'node:crypto';
import { InputError } from '../../domain/index.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { isIncluded, leafHash } from './merkle.ts';
import { base64, type VerifierKey } from './note.ts';
import { areHashes, entryIn, logSigners, type ProofExtra } from './proof-file.ts';

/*
 * Many leaves that one checkpoint proves: lines of JSON. The first holds the checkpoint, each other one a leaf with its
 * path. A set goes with a report or an export, which says the same for people and programs.
 */

const FORMAT = 'isotherm-ledger-proofs-1';

/** A leaf with what proves that it is in. */
export interface SetLeaf extends ProofExtra {
  readonly index: number;
  readonly path: readonly Buffer[];
}

export function setHead(note: string): string {
  return `${JSON.stringify({ format: FORMAT, checkpoint: note })}\n`;
}

export function setLine({ index, entry, content, path }: SetLeaf): string {
  return `${JSON.stringify({ index, entry, content, path: path.map((hash) => hash.toString('base64')) })}\n`;
}

/** A leaf that was proven. */
export interface ProvenLeaf {
  readonly index: number;
  readonly kind: string;
  /** Of what it states, hex. */
  readonly sha256: string;
  /** What it states, canonical JSON; null where that is kept elsewhere. */
  readonly content: string | null;
}

/** Reads a set line by line: its checkpoint first, then its leaves. */
export class ProofSet {
  readonly checkpoint: Checkpoint;
  readonly signers: readonly VerifierKey[];

  /**
   * @param head the first line
   * @param keys those that are trusted
   * @throws {InputError} LEDGER_SET_BAD, LEDGER_NOTE_BAD, LEDGER_CHECKPOINT_BAD, LEDGER_SIGNATURE_BAD, LEDGER_UNPROVEN
   */
  constructor(head: string, keys: readonly VerifierKey[]) {
    const { format, checkpoint } = objectIn(head);
    if (format !== FORMAT || typeof checkpoint !== 'string') throw badSet('the first line holds no checkpoint');
    const parsed = parseCheckpoint(checkpoint);
    this.signers = logSigners(parsed, keys);
    this.checkpoint = parsed.checkpoint;
  }

  /** @throws {InputError} LEDGER_SET_BAD, LEDGER_UNPROVEN */
  leaf(line: string): ProvenLeaf {
    const { index, entry, content, path } = objectIn(line);
    const hashes = Array.isArray(path) ? path.map((hash) => (typeof hash === 'string' ? base64(hash) : null)) : [null];
    const isIndex = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0;
    const isContent = content === null || typeof content === 'string';
    if (!isIndex || typeof entry !== 'string' || !isContent || !areHashes(hashes)) {
      throw badSet(`"${line.slice(0, 80)}" is no leaf`);
    }
    const what = `leaf ${index}${subjectIn(content)}`;
    const { kind, sha256 } = entryIn(entry);
    if (content !== null && createHash('sha256').update(content).digest('hex') !== sha256) {
      throw unproven(`${what}: changed: what it states is not what was hashed`);
    }
    const { size, root } = this.checkpoint;
    if (!isIncluded({ index, size, leaf: leafHash(entry), path: hashes, root })) {
      throw unproven(`${what}: it is not number ${index} of the ${size} that were signed`);
    }
    return { index, kind, sha256, content };
  }
}

/** ` of SUBJECT`, as far as the statement tells. */
function subjectIn(content: string | null): string {
  try {
    const { subject } = JSON.parse(content ?? '{}') as { subject?: unknown };
    return typeof subject === 'string' ? ` of ${subject.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}

function objectIn(line: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(line);
    if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw badSet(`"${line.slice(0, 80)}" is no JSON object`);
}

function badSet(why: string): InputError {
  return new InputError('LEDGER_SET_BAD', `these are no proofs of ours: ${why}`);
}

function unproven(why: string): InputError {
  return new InputError('LEDGER_UNPROVEN', why);
}
