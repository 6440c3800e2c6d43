import type pg from 'pg';
import { FAMILIES, type Family, type LogHolder, type TimeSource, UnavailableError } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import { sqlState } from '../../failure.ts';
import type { LogMetrics } from '../metrics.ts';
import type { LogLimits } from '../options.ts';

/** Positions per segment; also in log_append (0001-storage-log.sql). Segment n holds [n * width, (n + 1) * width). */
export const SEGMENT_WIDTH = 1_048_576;

export interface SegmentsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly metrics: LogMetrics;
  readonly limits: LogLimits;
}

/** A closed segment that still exists, over all partitions of its family. */
interface Segment {
  readonly family: Family;
  readonly number: number;
  readonly bytes: number;
  /** Epoch ms UTC, of the partition that closed it last. */
  readonly closed: number;
  /** Its last position in each partition. */
  readonly ends: readonly { readonly partition: number; readonly last: number }[];
}

export interface SegmentsChange {
  readonly dropped: readonly { readonly family: Family; readonly number: number }[];
  /** Why appends must be refused now, or null. */
  readonly full: UnavailableError | null;
}

/** One process at a time changes the set of segments. */
const SEGMENTS_LOCK = 0x150d;
const LOCK_NOT_AVAILABLE = '55P03';

/** Makes the segments ahead of the heads, and drops those that nobody needs any more. */
export class Segments {
  readonly #options: SegmentsOptions;

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /** The segment every head is in, and the next one. */
  async createAhead(): Promise<void> {
    await this.#options.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SEGMENTS_LOCK]);
      const { rows } = await client.query<{ family: Family; lowest: number; highest: number }>(
        'SELECT family, min(segment) AS lowest, max(segment) AS highest FROM log_head GROUP BY family',
      );
      for (const { family, lowest, highest } of rows) {
        for (let number = lowest; number <= highest + 1; number++) await createSegment(client, family, number);
      }
    });
  }

  /**
   * Drops what no holder needs and, past the cap, what only optional ones still need, which are detached first: if the
   * dropping fails after that, they are attached again by their next checkpoint.
   *
   * @returns `full` while a mandatory consumer needs a segment past the cap
   */
  async trim(
    holders: readonly LogHolder[],
    detach: (consumers: readonly string[], family: Family) => Promise<void>,
  ): Promise<SegmentsChange> {
    const { database, time, limits } = this.#options;
    await this.createAhead();
    const now = time.now();
    const closed = await this.#closed();
    const open = await this.#openBytes();
    let bytes = open + closed.reduce((sum, segment) => sum + segment.bytes, 0);
    const dropped: { family: Family; number: number }[] = [];
    let full: UnavailableError | null = null;
    // A family's segments go oldest first and without holes.
    const blocked = new Set<Family>();
    for (const segment of closed) {
      const { family, number } = segment;
      const held = holdersOf(segment, holders);
      const isPastCap = bytes > limits.capBytes || now - segment.closed > limits.capMs;
      const mandatory = namesOf(held.filter(({ isMandatory }) => isMandatory));
      if (isPastCap && mandatory.length > 0) full ??= fullBecause(family, mandatory, bytes);
      const isFree = held.length === 0 && now - segment.closed >= limits.keepMs;
      if (blocked.has(family) || !(isFree || (isPastCap && mandatory.length === 0))) {
        blocked.add(family);
        continue;
      }
      if (held.length > 0) await detach(namesOf(held), family);
      if (!(await dropSegment(database, family, number))) {
        blocked.add(family);
        continue;
      }
      dropped.push({ family, number });
      bytes -= segment.bytes;
    }
    this.#measure(
      closed.filter(({ family, number }) => !dropped.some((gone) => gone.family === family && gone.number === number)),
    );
    return { dropped, full };
  }

  async #closed(): Promise<Segment[]> {
    const { rows } = await this.#options.database.query<Segment>(
      `SELECT s.family, s.number, sum(s.bytes)::bigint AS bytes, max(s.closed) AS closed,
              json_agg(json_build_object('partition', s.partition, 'last', s.last)) AS ends
         FROM log_segments s
        WHERE NOT EXISTS (SELECT FROM log_head h WHERE h.family = s.family AND h.segment <= s.number)
        GROUP BY s.family, s.number
        ORDER BY closed, s.family, s.number`,
    );
    return rows;
  }

  async #openBytes(): Promise<number> {
    const { rows } = await this.#options.database.query<{ bytes: number }>(
      'SELECT coalesce(sum(segment_bytes), 0)::bigint AS bytes FROM log_head',
    );
    return rows[0]?.bytes ?? 0;
  }

  #measure(closed: readonly Segment[]): void {
    const { metrics } = this.#options;
    for (const family of FAMILIES) {
      const own = closed.filter((segment) => segment.family === family);
      // The open one and the one ahead.
      metrics.segments.set(own.length + 2, { family });
      metrics.segmentBytes.set(
        own.reduce((sum, { bytes }) => sum + bytes, 0),
        { family },
      );
    }
  }
}

/** Who has not had all of a segment. */
function holdersOf({ family, ends }: Segment, holders: readonly LogHolder[]): readonly LogHolder[] {
  return holders.filter(
    (holder) =>
      holder.family === family &&
      ends.some(({ partition, last }) => partition === holder.partition && holder.position < last),
  );
}

function namesOf(holders: readonly LogHolder[]): string[] {
  return [...new Set(holders.map(({ consumer }) => consumer))].sort();
}

function fullBecause(family: Family, consumers: readonly string[], bytes: number): UnavailableError {
  const message = `the log is full: ${consumers.join(', ')} has not taken what is in ${family}`;
  return new UnavailableError('LOG_FULL', message, { family, consumers, bytes });
}

/** Made apart and then attached: that holds up neither readers nor appenders. */
async function createSegment(client: pg.ClientBase, family: Family, number: number): Promise<void> {
  const name = `log_${family}_${number}`;
  const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [name]);
  if (rows[0]?.exists === true) return;
  const from = number * SEGMENT_WIDTH;
  const to = from + SEGMENT_WIDTH;
  // Nothing is ever updated or deleted in it, and it is dropped long before its rows need freezing.
  await client.query(`
    CREATE TABLE ${name} (LIKE log_${family} INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING INDEXES,
      CONSTRAINT ${name}_positions CHECK (position >= ${from} AND position < ${to}))
      WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
    ALTER TABLE log_${family} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to});
    ALTER TABLE ${name} DROP CONSTRAINT ${name}_positions`);
}

/** @returns false if somebody is reading it just now; the next upkeep tries again */
async function dropSegment(database: Database, family: Family, number: number): Promise<boolean> {
  try {
    await database.transaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = '300ms'`);
      await client.query('SELECT pg_advisory_xact_lock($1)', [SEGMENTS_LOCK]);
      // The heads' rows first and then the table: the order in which appends take them.
      await client.query(
        `UPDATE log_head h SET floor = greatest(h.floor, s.last) FROM log_segments s
          WHERE s.family = $1 AND s.number = $2 AND h.family = s.family AND h.partition = s.partition`,
        [family, number],
      );
      await client.query('DELETE FROM log_segments WHERE family = $1 AND number = $2', [family, number]);
      await client.query(`DROP TABLE IF EXISTS log_${family}_${number}`);
    });
    return true;
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
