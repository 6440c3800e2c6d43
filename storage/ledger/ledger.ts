import { DefectError, InputError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { entryOf } from './leaves.ts';
import { HASH_BYTES } from './merkle.ts';
import { proofText } from './proof-file.ts';
import { TILE_WIDTH, type TileId, TileTree, tileWidth } from './tiles.ts';

/** A checkpoint, and the note that says it. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/** The ledger as it was signed last: what is served of it, and its proofs. */
export class Ledger {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** The newest checkpoint, with what witnesses have cosigned of it; null: nothing was signed yet. */
  latest(): Promise<SignedCheckpoint | null> {
    return this.#checkpoint('SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1', []);
  }

  /** The first or the newest that a witness has cosigned and that has a leaf; null: none has. */
  cosigned(index: number, which: 'first' | 'newest' = 'newest'): Promise<SignedCheckpoint | null> {
    return this.#checkpoint(
      `SELECT size, note FROM ledger_checkpoints JOIN ledger_cosignatures USING (size)
       WHERE size > $1 ORDER BY size ${which === 'first' ? 'ASC' : 'DESC'} LIMIT 1`,
      [index],
    );
  }

  /** The first checkpoint that has a leaf, as it was signed: without cosignatures. */
  async covering(index: number): Promise<{ readonly signed: SignedCheckpoint; readonly at: number } | null> {
    const { rows } = await this.#database.query<{ note: string; at: number }>(
      'SELECT note, at FROM ledger_checkpoints WHERE size > $1 ORDER BY size LIMIT 1',
      [index],
    );
    const [row] = rows;
    return row === undefined
      ? null
      : { signed: { checkpoint: parseCheckpoint(row.note).checkpoint, note: row.note }, at: row.at };
  }

  async #checkpoint(select: string, values: unknown[]): Promise<SignedCheckpoint | null> {
    const { rows } = await this.#database.query<{ note: string; lines: string | null }>(
      `SELECT note, (SELECT string_agg(line, '' ORDER BY witness) FROM ledger_cosignatures c WHERE c.size = found.size) AS lines
       FROM (${select}) AS found`,
      values,
    );
    const [row] = rows;
    return row === undefined
      ? null
      : { checkpoint: parseCheckpoint(row.note).checkpoint, note: `${row.note}${row.lines ?? ''}` };
  }

  /** A tile of that width; null: the tree that was signed does not have it. */
  async tile(tile: TileId, width: number): Promise<Buffer | null> {
    if (!(await this.#has(tile, width))) return null;
    return (await this.#hashes(tile)).subarray(0, width * HASH_BYTES);
  }

  /** Entries, each behind its length as a big-endian uint16; null as for {@link tile}. */
  async entries(number: number, width: number): Promise<Buffer | null> {
    if (!(await this.#has({ level: 0, number }, width))) return null;
    const first = number * TILE_WIDTH;
    const { rows } = await this.#database.query<{ kind: string; sha256: Buffer }>(
      'SELECT kind, sha256 FROM ledger_leaves WHERE index >= $1 AND index < $2 ORDER BY index',
      [first, first + width],
    );
    return Buffer.concat(
      rows.flatMap(({ kind, sha256 }) => {
        const entry = Buffer.from(entryOf(kind, sha256));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(entry.length);
        return [length, entry];
      }),
    );
  }

  /**
   * A proof of the newest leaf about a subject (`alert:ID`), or of one by the id of what it was written with (`evt_…`,
   * `leaf_…`, `archive-segment:N`), as a file after C2SP tlog-proof.
   * @throws {InputError} LEDGER_SUBJECT_UNKNOWN
   */
  async prove(subject: string): Promise<string> {
    const { rows } = await this.#database.query<LeafRow>(
      `(SELECT ${LEAF_COLUMNS} FROM ledger_leaves l LEFT JOIN audit_entries e ON e.id = l.cause WHERE cause = $1)
       UNION ALL
       (SELECT ${LEAF_COLUMNS} FROM ledger_leaves l LEFT JOIN audit_entries e ON e.id = l.cause
         WHERE l.subject = $1 ORDER BY index DESC LIMIT 1)`,
      [subject],
    );
    const [leaf] = rows;
    // Asked for after the leaf: a tree that was signed before it does not have it.
    const latest = await this.latest();
    if (leaf === undefined || latest === null) {
      throw new InputError(
        'LEDGER_SUBJECT_UNKNOWN',
        `the ledger has no leaf about "${subject}"; allowed: a subject of the audit trail such as alert:ID, or the id of an entry such as evt_...`,
        { subject },
      );
    }
    const { index, kind, sha256, content } = leaf;
    const { checkpoint, note } = (await this.cosigned(index)) ?? latest;
    const path = await this.tree(checkpoint.size).inclusion(index);
    return proofText({ index, path, note, extra: { entry: entryOf(kind, sha256), content } });
  }

  tree(size: number): TileTree {
    return new TileTree(size, (tile) => this.#hashes(tile));
  }

  async #has(tile: TileId, width: number): Promise<boolean> {
    const latest = await this.latest();
    return latest !== null && width <= tileWidth(tile, latest.checkpoint.size);
  }

  async #hashes({ level, number }: TileId): Promise<Buffer> {
    const { rows } = await this.#database.query<{ hashes: Buffer }>(
      'SELECT hashes FROM ledger_tiles WHERE level = $1 AND number = $2',
      [level, number],
    );
    const [row] = rows;
    if (row !== undefined) return row.hashes;
    throw new DefectError('LEDGER_TILE_LOST', `tile ${level}/${number} of the ledger was signed and is not there`);
  }
}

interface LeafRow {
  readonly index: number;
  readonly kind: string;
  readonly sha256: Buffer;
  readonly content: string | null;
}

const LEAF_COLUMNS = 'l.index, l.kind, l.sha256, coalesce(l.content, e.leaf) AS content';
