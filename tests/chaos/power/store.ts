/** What unsynced.c writes, read. Records that were cut off, since their process was killed in them, have changed nothing yet. */

/** Of one file, oldest first: what is forgotten at its sync. */
export interface Piece {
  readonly offset: number;
  /** Bytes that were changed. */
  readonly length: number;
  /** What was there of them. */
  readonly kept: Buffer;
  /** Of the file, before. */
  readonly size: number;
}

export interface NameChange {
  readonly kind: 'created' | 'renamed' | 'linked' | 'unlinked';
  readonly id: string;
  readonly folders: readonly string[];
  readonly from: string;
  /** Of `renamed`. */
  readonly to: string;
  /** Number of the link to what was replaced or unlinked; 0: there is none. */
  readonly saved: number;
}

const PIECE_BYTES = 32;
const NAME_BYTES = 56;
const KINDS = [null, 'created', 'renamed', 'linked', 'unlinked', 'file synced', 'folder synced', 'all synced'] as const;

/** `struct piece`, each with its bytes. */
export function piecesIn(bytes: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at + PIECE_BYTES <= bytes.length; ) {
    const [offset = 0, length = 0, kept = 0, size = 0] = [0, 1, 2, 3].map((n) => integer(bytes, at + n * 8));
    at += PIECE_BYTES;
    if (at + kept > bytes.length) break;
    pieces.push({ offset, length, kept: bytes.subarray(at, at + kept), size });
    at += kept;
  }
  return pieces;
}

/**
 * `struct name`, each with its paths; those that no sync has made durable. A name is durable when its directory is synced, and, as the
 * file systems of Linux with a journal have it, when the file itself is.
 */
export function namesIn(bytes: Buffer): NameChange[] {
  let unsynced: NameChange[] = [];
  for (let at = 0; at + NAME_BYTES <= bytes.length; ) {
    const kind = KINDS[integer(bytes, at)] ?? null;
    const [id = '', ...folders] = [8, 16, 24].map((by) => identity(bytes, at + by));
    const [saved = 0, fromBytes = 0, toBytes = 0] = [32, 40, 48].map((by) => integer(bytes, at + by));
    at += NAME_BYTES;
    const end = at + fromBytes + toBytes;
    if (kind === null || end > bytes.length) break;
    const [from, to] = [bytes.toString('utf8', at, at + fromBytes), bytes.toString('utf8', at + fromBytes, end)];
    at = end;
    if (kind === 'all synced') unsynced = [];
    else if (kind === 'file synced') unsynced = unsynced.filter((one) => one.id !== id || one.kind === 'unlinked');
    else if (kind === 'folder synced') unsynced = unsynced.filter((one) => !one.folders.includes(id));
    else unsynced.push({ kind, id, folders, from, to, saved });
  }
  return unsynced;
}

function integer(bytes: Buffer, at: number): number {
  return Number(bytes.readBigInt64LE(at));
}

function identity(bytes: Buffer, at: number): string {
  return bytes.readBigUInt64LE(at).toString(16).padStart(16, '0');
}
