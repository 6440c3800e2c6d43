import type pg from 'pg';
import { ConflictError, type Logger, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { mayPlace, Sequencing } from '../sequencing.ts';
import { timestamp } from '../types.ts';
import { type Checkpoint, checkpointText } from './checkpoint.ts';
import { addLeaf, entryOf } from './leaves.ts';
import { EMPTY_ROOT, HASH_BYTES, leafHash } from './merkle.ts';
import type { SigningKey } from './note.ts';
import { partialTiles, type Tile, TreeEdge, tileWidth } from './tiles.ts';

const BATCH = 10_000;
/** Any number nobody else locks: one sequencer at a time per database. */
const SEQUENCER_LOCK = 0x150_1ed6;
export const KEY_SUBJECT = 'ledger:key';

export interface LedgerSequencerOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** The key as it is now: it may have been rotated since. */
  readonly key: () => Promise<SigningKey>;
  /** What was signed last, as it is kept where SQL does not reach. Default: nowhere. */
  readonly head?: LedgerHead;
  /** Told after each batch, and of a failure: what stands in /readyz. */
  readonly onResult?: (error: unknown) => void;
}

/** The newest checkpoint beside the database. */
export interface LedgerHead {
  /** The note; null: none was kept. */
  read(): Promise<Checkpoint | null>;
  keep(note: string): Promise<void>;
}

/**
 * Gives committed leaves their places in the one tree, in batches, and signs what it has become: writers never wait for
 * one another. Any number may run on one database; one at a time works.
 */
export class LedgerSequencer {
  readonly #options: LedgerSequencerOptions;
  readonly #sequencing: Sequencing;
  /** The key that is known to stand in the ledger. */
  #recorded: string | null = null;
  #isHeadChecked = false;

  constructor(options: LedgerSequencerOptions) {
    const { time, logger, onResult } = options;
    this.#options = options;
    this.#sequencing = new Sequencing({
      ...{ time, name: 'ledger: place leaves', batch: BATCH, place: () => this.#place() },
      onResult: (error) => {
        if (error !== null) logger.warn({ error }, 'leaves of the ledger could not be placed; they are tried again');
        onResult?.(error);
      },
    });
  }

  start(): void {
    this.#sequencing.start();
  }

  stop(): Promise<void> {
    return this.#sequencing.stop();
  }

  /** @returns how many were placed */
  placeAll(): Promise<number> {
    return this.#sequencing.placeAll();
  }

  async #place(): Promise<number> {
    const { database, head, time } = this.#options;
    const key = await this.#options.key();
    if (this.#recorded !== key.verifier.toString()) await this.#recordKey(key);
    const waiting = await database.query('SELECT FROM ledger_pending LIMIT 1');
    if (waiting.rows.length === 0) return 0;
    const latest = this.#isHeadChecked ? null : ((await head?.read()) ?? null);
    // Of another origin it is another log's.
    const kept = latest?.origin === key.name ? latest : null;
    const placed = await database.transaction(async (client) => {
      if (!(await mayPlace(client, SEQUENCER_LOCK))) return null;
      const edge = await edgeOf(client, kept);
      const { rows } = await client.query<{ kind: string; sha256: Buffer }>(PLACE, [edge.size, BATCH]);
      if (rows.length === 0) return null;
      const changed = edge.append(rows.map(({ kind, sha256 }) => leafHash(entryOf(kind, sha256))));
      await keepTiles(client, changed);
      const root = edge.root();
      const text = checkpointText({ origin: key.name, size: edge.size, root });
      const note = `${text}\n${key.signatureOf(text)}`;
      await client.query('INSERT INTO ledger_checkpoints (size, root, at, note) VALUES ($1, $2, $3, $4)', [
        ...[edge.size, root, timestamp(time.now()), note],
      ]);
      return { count: rows.length, note };
    });
    if (placed === null) return 0;
    this.#isHeadChecked = true;
    await head?.keep(placed.note);
    return placed.count;
  }

  /** A key that the ledger does not name yet becomes a leaf, before anything is signed with it. */
  async #recordKey(key: SigningKey): Promise<void> {
    const verifier = key.verifier.toString();
    const isRecorded = await this.#options.database.transaction(async (client) => {
      if (!(await mayPlace(client, SEQUENCER_LOCK))) return false;
      const { rows } = await client.query<{ content: string }>(
        `(SELECT content FROM ledger_pending WHERE subject = '${KEY_SUBJECT}' ORDER BY number DESC LIMIT 1)
         UNION ALL (SELECT content FROM ledger_leaves WHERE subject = '${KEY_SUBJECT}' ORDER BY index DESC LIMIT 1)`,
      );
      const before = rows[0] === undefined ? null : keyIn(rows[0].content);
      if (before !== verifier) {
        const content = { verifier, before, at: new Date(this.#options.time.now()).toISOString() };
        await addLeaf(effectsOf(client), { kind: 'ledger-key', subject: KEY_SUBJECT, content });
      }
      return true;
    });
    if (isRecorded) this.#recorded = verifier;
  }
}

/** The verifier key that a leaf of kind `ledger-key` names. */
export function keyIn(content: string): string {
  return (JSON.parse(content) as { content: { verifier: string } }).content.verifier;
}

/** Moves the oldest of what waits behind the leaves that have a place. */
const PLACE = `
WITH gone AS (
  DELETE FROM ledger_pending WHERE number IN (SELECT number FROM ledger_pending ORDER BY number LIMIT $2) RETURNING *
),
placed AS (
  INSERT INTO ledger_leaves (index, kind, subject, cause, sha256, content)
  SELECT $1::bigint + row_number() OVER (ORDER BY number) - 1, kind, subject, cause, sha256, content FROM gone
  RETURNING index, kind, sha256
)
SELECT kind, sha256 FROM placed ORDER BY index`;

/**
 * The edge of the tree as it was signed last. One that is not what was signed is not built upon.
 * @throws {ConflictError} LEDGER_CHANGED, LEDGER_BEHIND
 */
async function edgeOf(client: pg.ClientBase, kept: Checkpoint | null): Promise<TreeEdge> {
  const { rows } = await client.query<{ size: number; root: Buffer }>(
    'SELECT size, root FROM ledger_checkpoints ORDER BY size DESC LIMIT 1',
  );
  const { size, root } = rows[0] ?? { size: 0, root: EMPTY_ROOT };
  if (kept !== null && (kept.size > size || (kept.size === size && !kept.root.equals(root)))) {
    throw new ConflictError(
      'LEDGER_BEHIND',
      `the ledger in the database has ${size} leaves, and ${kept.size} were signed: an older backup was put back, or rows were removed; nothing is signed until isotherm ledger key --new-origin begins another log (docs/ledger.md)`,
      { size, signed: kept.size },
    );
  }
  const wanted = partialTiles(size);
  const tiles = await client.query<Tile>(
    `SELECT level, number, hashes FROM unnest($1::int[], $2::bigint[]) AS wanted (level, number)
     JOIN ledger_tiles USING (level, number) ORDER BY level`,
    [wanted.map(({ level }) => level), wanted.map(({ number }) => number)],
  );
  const edge = new TreeEdge(size, tiles.rows);
  const isWhole = tiles.rows.every((tile) => tile.hashes.length === tileWidth(tile, size) * HASH_BYTES);
  if (!isWhole || !edge.root().equals(root)) {
    throw new ConflictError(
      'LEDGER_CHANGED',
      `the tiles of the ledger are not what was signed at ${size} leaves; nothing is built upon them: isotherm ledger verify says what does not fit`,
      { size },
    );
  }
  return edge;
}

async function keepTiles(client: pg.ClientBase, tiles: readonly Tile[]): Promise<void> {
  await client.query(
    `INSERT INTO ledger_tiles (level, number, hashes) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
     ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`,
    [tiles.map(({ level }) => level), tiles.map(({ number }) => number), tiles.map(({ hashes }) => hashes)],
  );
}
