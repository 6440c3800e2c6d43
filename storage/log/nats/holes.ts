import type { Counter, Logger, TimeSource } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { Hole } from './options.ts';

export interface HolesOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** Label `reason`. */
  readonly found: Counter;
}

/** Most of a changed message that is kept, for whoever looks what happened to it. */
const KEPT_BYTES = 8 * 1_048_576;

/** What streams have lost, written down where operations are told of it (`log_holes`), once each. */
export class Holes {
  readonly #options: HolesOptions;

  constructor(options: HolesOptions) {
    this.#options = options;
  }

  /** Committed before anybody passes over it. */
  async report({ partition, first, last, reason, bytes }: Hole): Promise<void> {
    const { database, time, logger, found } = this.#options;
    const { rowCount } = await database.query(
      `INSERT INTO log_holes (partition, first, last, reason, found_at, bytes) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (partition, first) DO NOTHING`,
      [partition, first, last, reason, time.now(), bytes?.subarray(0, KEPT_BYTES) ?? null],
    );
    if (rowCount !== 1) return;
    found.add(last - first + 1, { reason });
    logger.error({ partition, first, last, reason }, 'readings that were acknowledged are gone from the log');
  }
}

/** A hole, for operations. */
export interface FoundHole {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly reason: Hole['reason'];
  /** Epoch ms UTC. */
  readonly foundAt: number;
}

/** Those found since a moment, the latest first. */
export async function holesSince(database: Pick<Database, 'query'>, since: number): Promise<FoundHole[]> {
  const { rows } = await database.query<FoundHole>(
    `SELECT partition, first, last, reason, found_at AS "foundAt" FROM log_holes WHERE found_at >= $1
     ORDER BY found_at DESC, partition, first DESC LIMIT 100`,
    [since],
  );
  return rows;
}
