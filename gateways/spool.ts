import { existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { UnavailableError } from '../domain/index.ts';
import { makeFolder, syncFolder } from './synced-folder.ts';

export interface SpooledBatch {
  readonly sequence: number;
  /** When it was made, epoch ms UTC. */
  readonly at: number;
  readonly payload: Uint8Array;
  /** The disk gave back other bytes than it took: what was in it is lost. */
  readonly isDamaged?: true;
}

export interface KeptReads {
  /** Oldest first. */
  readonly payloads: readonly Uint8Array[];
  /** More that are not what the disk took. */
  readonly damaged: number;
}

/** In the gateway's `dataDir`. */
export const SPOOL_FILE = 'spool.sqlite';

const PAGE_BYTES = 4096;
/** The file itself may grow to this many times its size limit (pages are not filled), and never beyond. */
const HARD_LIMIT = 2;
const LEAST_PAGES = 32;

/** `ok`; `full`: over its size, reads are refused; `broken`: the disk does not take writes. */
export type SpoolState = 'ok' | 'full' | 'broken';

/**
 * Store and forward on disk: batches until the platform has acknowledged them, and before that the reads they will be
 * made of. Sequence numbers run from 1 without holes, across restarts.
 *
 * `node:sqlite` in WAL mode with synchronous=FULL: a commit returns when the disk has it, so that what was taken from a
 * reader survives a power cut; gathering (`gatherMs`) keeps it at a few commits a second per gateway. Each payload has its
 * checksum (CRC-32), since SQLite has none and an EPC with a bit changed is another good's.
 */
export class Spool {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #statements: Statements;
  #batchBytes: number;
  #readBytes: number;
  #pending: number;
  #isBroken = false;
  /** Where a file went that was no whole spool any more: this one began empty. */
  readonly laidAside: string | null;

  /** @param directory is made where it is missing; `:memory:` keeps nothing and is for trying things */
  constructor(directory: string, maxBytes: number) {
    this.#maxBytes = maxBytes;
    const { database, laidAside } = open(directory, maxBytes);
    this.#database = database;
    this.laidAside = laidAside;
    this.#statements = prepare(this.#database);
    const row = this.#statements.sizes.get();
    this.#batchBytes = number(row, 'batches');
    this.#readBytes = number(row, 'reads');
    this.#pending = number(row, 'pending');
  }

  get state(): SpoolState {
    if (this.#isBroken) return 'broken';
    return this.bytes >= this.#maxBytes ? 'full' : 'ok';
  }

  get bytes(): number {
    return this.#batchBytes + this.#readBytes;
  }

  /** How full, 0 to 1 and over. */
  get fill(): number {
    return this.bytes / this.#maxBytes;
  }

  /** Batches not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  /** When the oldest of them was made, or null. */
  get oldest(): number | null {
    const row = this.#statements.oldest.get();
    return row === undefined ? null : number(row, 'at');
  }

  /** When the last batch was made, acknowledged or not. */
  get lastAt(): number | null {
    const value = this.meta('lastAt');
    return value === null ? null : Number(value);
  }

  /** Number the next batch will have. */
  get nextSequence(): number {
    return Number(this.meta('nextSequence') ?? 1);
  }

  /**
   * Reads, before anything is made of them.
   * @throws {UnavailableError} SPOOL_BROKEN the disk does not take them
   */
  keepReads(payload: Uint8Array): void {
    this.#write(() => this.#statements.keepReads.run(payload, crc32(payload)));
    this.#readBytes += payload.length;
  }

  /**
   * A batch made of the reads kept so far.
   * @param open where given, the reads kept are forgotten and this stands for the sightings still growing: everything
   *   else is in batches
   * @throws {UnavailableError} SPOOL_BROKEN
   */
  add(batch: SpooledBatch, complete: ReadonlyMap<string, number>, open: Uint8Array | null): void {
    this.#transaction(() => {
      const { sequence, at, payload } = batch;
      this.#statements.add.run(sequence, at, Number(complete.size > 0), payload, checksum(sequence, at, payload));
      this.setMeta('nextSequence', String(batch.sequence + 1));
      this.setMeta('lastAt', String(batch.at));
      for (const [reader, at] of complete) this.setMeta(`complete ${reader}`, String(at));
      if (open === null) return;
      this.#statements.forgetReads.run();
      this.#statements.keepReads.run(open, crc32(open));
    });
    this.#batchBytes += batch.payload.length;
    this.#pending++;
    if (open !== null) this.#readBytes = open.length;
  }

  /**
   * Lets the reads go without a batch: `open` holds all that has been made of them and is in none.
   * @throws {UnavailableError} SPOOL_BROKEN
   */
  forgetReads(open: Uint8Array): void {
    this.#transaction(() => {
      this.#statements.forgetReads.run();
      this.#statements.keepReads.run(open, crc32(open));
    });
    this.#readBytes = open.length;
  }

  /** What was kept since the last batch that forgot, oldest first: what a restart must take up again. */
  keptReads(): KeptReads {
    const rows = this.#statements.keptReads.all();
    const whole = rows.filter((row) => row.sum === null || row.sum === crc32(bytesOf(row.payload)));
    return { payloads: whole.map((row) => bytesOf(row.payload)), damaged: rows.length - whole.length };
  }

  /** Batches after `sequence`, oldest first, damaged ones too. */
  after(sequence: number, limit: number): SpooledBatch[] {
    return this.#statements.after.all(sequence, limit).map(batchOf);
  }

  /** Batches that wait and were made after a moment, oldest first. */
  since(at: number): SpooledBatch[] {
    return this.#statements.since.all(at).map(batchOf).filter(isWhole);
  }

  /** The newest batches that say nothing of completeness (those must not overtake older ones), newest first. */
  newest(limit: number): SpooledBatch[] {
    return this.#statements.newest.all(limit).map(batchOf).filter(isWhole);
  }

  /** The platform has them. A crash before this only sends them again, which the platform recognises. */
  remove(sequences: readonly number[]): void {
    let bytes = 0;
    let removed = 0;
    this.#transaction(() => {
      for (const sequence of sequences) {
        const row = this.#statements.remove.get(sequence);
        if (row === undefined) continue;
        bytes += number(row, 'bytes');
        removed++;
      }
    });
    this.#batchBytes -= bytes;
    this.#pending -= removed;
  }

  /** Event time up to which a reader had been complete when its last batch was made. */
  completeUntil(reader: string): number | null {
    const value = this.meta(`complete ${reader}`);
    return value === null ? null : Number(value);
  }

  meta(key: string): string | null {
    const row = this.#statements.meta.get(key);
    return typeof row?.value === 'string' ? row.value : null;
  }

  setMeta(key: string, value: string): void {
    this.#statements.setMeta.run(key, value);
  }

  /** Tries whether the disk takes writes again. @throws {UnavailableError} SPOOL_BROKEN */
  probe(): void {
    this.#write(() => this.setMeta('probe', ''));
  }

  close(): void {
    this.#database.close();
  }

  #transaction(work: () => void): void {
    this.#write(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        work();
        this.#database.exec('COMMIT');
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #write(work: () => void): void {
    try {
      work();
      this.#isBroken = false;
    } catch (error) {
      this.#isBroken = true;
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError('SPOOL_BROKEN', `the spool cannot be written: ${reason}`, {}, error);
    }
  }
}

interface Statements {
  readonly add: StatementSync;
  readonly remove: StatementSync;
  readonly after: StatementSync;
  readonly since: StatementSync;
  readonly newest: StatementSync;
  readonly oldest: StatementSync;
  readonly sizes: StatementSync;
  readonly keepReads: StatementSync;
  readonly keptReads: StatementSync;
  readonly forgetReads: StatementSync;
  readonly meta: StatementSync;
  readonly setMeta: StatementSync;
}

function open(directory: string, maxBytes: number): { database: DatabaseSync; laidAside: string | null } {
  try {
    if (directory !== ':memory:') makeFolder(directory);
    const file = directory === ':memory:' ? directory : join(directory, SPOOL_FILE);
    try {
      return { database: openFile(file, maxBytes), laidAside: null };
    } catch (error) {
      if (!isMalformed(error)) throw error;
    }
    // It can be looked at there; until somebody does, the readers go on.
    const laidAside = layAside(file);
    return { database: openFile(file, maxBytes), laidAside };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the spool in ${directory} cannot be opened: ${reason}`;
    throw new UnavailableError('SPOOL_UNOPENABLE', message, { directory }, error);
  }
}

function openFile(file: string, maxBytes: number): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // One gateway a directory: a second one fails here instead of sending the same numbers.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA max_page_count = ${Math.max(LEAST_PAGES, Math.ceil((maxBytes * HARD_LIMIT) / PAGE_BYTES))};
      CREATE TABLE IF NOT EXISTS batches (sequence INTEGER PRIMARY KEY, at REAL NOT NULL,
        complete INTEGER NOT NULL, payload BLOB NOT NULL, sum INTEGER);
      CREATE TABLE IF NOT EXISTS reads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL, sum INTEGER);
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    `);
    // A spool of a gateway before there were checksums has none, and what is in it is taken as it is.
    for (const table of ['batches', 'reads']) {
      const columns = database.prepare(`PRAGMA table_info(${table})`).all();
      if (!columns.some(({ name }) => name === 'sum')) database.exec(`ALTER TABLE ${table} ADD COLUMN sum INTEGER`);
    }
    const [found] = database.prepare('PRAGMA quick_check(1)').all();
    if (found?.quick_check !== 'ok') throw new Malformed(String(found?.quick_check));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class Malformed extends Error {}

/** SQLite result codes SQLITE_CORRUPT and SQLITE_NOTADB, whatever they are extended by. */
const MALFORMED = [11, 26];

function isMalformed(error: unknown): boolean {
  if (error instanceof Malformed) return true;
  return error instanceof Error && 'errcode' in error && MALFORMED.includes(Number(error.errcode) & 0xff);
}

/**
 * With its log, which belongs to it. On the disk under the new names before another is made under the old one.
 * @returns the file's new name
 */
function layAside(file: string): string {
  let number = 1;
  while (existsSync(`${file}.damaged-${number}`)) number++;
  const aside = `${file}.damaged-${number}`;
  for (const part of ['-wal', '-shm', '']) if (existsSync(file + part)) renameSync(file + part, aside + part);
  syncFolder(dirname(file));
  return aside;
}

function prepare(database: DatabaseSync): Statements {
  return {
    add: database.prepare('INSERT INTO batches (sequence, at, complete, payload, sum) VALUES (?, ?, ?, ?, ?)'),
    remove: database.prepare('DELETE FROM batches WHERE sequence = ? RETURNING length(payload) AS bytes'),
    after: database.prepare(
      'SELECT sequence, at, payload, sum FROM batches WHERE sequence > ? ORDER BY sequence LIMIT ?',
    ),
    since: database.prepare('SELECT sequence, at, payload, sum FROM batches WHERE at > ? ORDER BY sequence'),
    newest: database.prepare(
      'SELECT sequence, at, payload, sum FROM batches WHERE complete = 0 ORDER BY sequence DESC LIMIT ?',
    ),
    oldest: database.prepare('SELECT at FROM batches ORDER BY sequence LIMIT 1'),
    sizes: database.prepare(`SELECT
      (SELECT count(*) FROM batches) AS pending,
      (SELECT coalesce(sum(length(payload)), 0) FROM batches) AS batches,
      (SELECT coalesce(sum(length(payload)), 0) FROM reads) AS reads`),
    keepReads: database.prepare('INSERT INTO reads (payload, sum) VALUES (?, ?)'),
    keptReads: database.prepare('SELECT payload, sum FROM reads ORDER BY id'),
    forgetReads: database.prepare('DELETE FROM reads'),
    meta: database.prepare('SELECT value FROM meta WHERE key = ?'),
    setMeta: database.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),
  };
}

type Row = Record<string, unknown>;

function batchOf(row: Row): SpooledBatch {
  const [sequence, at, payload] = [number(row, 'sequence'), number(row, 'at'), bytesOf(row.payload)];
  const isDamaged = row.sum !== null && row.sum !== checksum(sequence, at, payload);
  return { sequence, at, payload, ...(isDamaged && { isDamaged }) };
}

function isWhole({ isDamaged }: SpooledBatch): boolean {
  return isDamaged !== true;
}

/** Over its number and moment too: a batch must not come back as another. */
function checksum(sequence: number, at: number, payload: Uint8Array): number {
  return crc32(payload, crc32(`${sequence} ${at}`));
}

function number(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}
