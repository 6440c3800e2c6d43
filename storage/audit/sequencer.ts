import type { Logger, TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { mayPlace, Sequencing } from '../sequencing.ts';
import { sha256 } from './leaf.ts';

const BATCH = 5_000;
/** Any number nobody else locks: one sequencer at a time per database. */
const SEQUENCER_LOCK = 0x150_a0d1;
export const BEFORE_FIRST: Buffer = Buffer.alloc(32);

/** The last place given. `chain` is hexadecimal. */
export interface AuditHead {
  readonly place: number;
  readonly chain: string;
}

export interface AuditSequencerOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** Keeps the head where SQL does not reach, so that rows cut off the end are missed too. Default: nowhere. */
  readonly keepHead?: (head: AuditHead) => Promise<void>;
}

/**
 * Gives committed entries of the audit trail their places in one order and chains their hashes, in batches: writers
 * never wait for one another. Any number may run on one database; one at a time works.
 */
export class AuditSequencer {
  readonly #options: AuditSequencerOptions;
  readonly #sequencing: Sequencing;

  constructor(options: AuditSequencerOptions) {
    const { time, logger } = options;
    this.#options = options;
    this.#sequencing = new Sequencing({
      ...{ time, name: 'audit: place entries', batch: BATCH, place: () => this.#place() },
      onResult: (error) => {
        if (error !== null) logger.warn({ error }, 'audit entries could not be placed; they are tried again');
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
    const { database, keepHead } = this.#options;
    const waiting = await database.query('SELECT FROM audit_unplaced LIMIT 1');
    if (waiting.rows.length === 0) return 0;
    const placed = await database.transaction(async (client) => {
      if (!(await mayPlace(client, SEQUENCER_LOCK))) return null;
      const { rows: last } = await client.query<{ place: number; chain: Buffer }>(
        'SELECT place, chain FROM audit_places ORDER BY place DESC LIMIT 1',
      );
      const { rows } = await client.query<{ number: number; id: string; sha256: Buffer }>(
        `SELECT number, id, sha256 FROM audit_unplaced JOIN audit_entries USING (number) ORDER BY number LIMIT ${BATCH}`,
      );
      if (rows.length === 0) return null;
      let { place, chain } = last[0] ?? { place: 0, chain: BEFORE_FIRST };
      const places = rows.map(({ id, sha256: hash }) => {
        place += 1;
        chain = sha256(chain, hash);
        return { place, id, chain };
      });
      await client.query(
        'INSERT INTO audit_places (place, entry, chain) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])',
        [places.map((one) => one.place), places.map(({ id }) => id), places.map((one) => one.chain)],
      );
      await client.query('DELETE FROM audit_unplaced WHERE number = ANY ($1)', [rows.map(({ number }) => number)]);
      return { count: rows.length, head: { place, chain: chain.toString('hex') } };
    });
    if (placed === null) return 0;
    await keepHead?.(placed.head);
    return placed.count;
  }
}
