import { createHash } from 'node:crypto';
import type { DeviceRange, Logger, TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { cutPacked, dropPacked, packedWeeks, takePacking } from '../packed/index.ts';
import { newestTime } from '../readings/history.ts';
import type { Partition } from '../readings/partition.ts';
import type { PartitionManager } from '../readings/partitions.ts';
import { timestamp } from '../types.ts';
import type { Deletions } from './deletions.ts';
import { between, clipped, type Range, rangesByDevice } from './ranges.ts';

export interface SweeperOptions {
  readonly database: Database;
  readonly partitions: PartitionManager;
  readonly deletions: Deletions;
  readonly time: TimeSource;
  readonly logger: Logger;
}

export interface Swept {
  readonly deleted: number;
  /** Partitions that somebody was reading; they go at the next sweep. */
  readonly postponed: number;
}

/**
 * Kept around each range as well: a figure at its edge needs the reading that still held then, and a rule the stretch
 * before.
 */
export const MARGIN_MS = 86_400_000;

/** A row that somebody else has locked, or a table being changed: the sweep waits no longer and comes again. */
const LOCK_TIMEOUT = '2s';

/** A span of which readings are rows, packed, or both. */
interface Stored extends Range {
  /** Null where all of it is packed. */
  readonly rows: Partition | null;
  /** Readings of it that are packed. */
  readonly packed: number;
}

/** What went of a span, and whether somebody held up the rest. */
interface Result {
  readonly deleted: number;
  readonly isPostponed: boolean;
}

const POSTPONED: Result = { deleted: 0, isPostponed: true };

/**
 * Deletes readings older than a moment, but for what is kept. A partition in which nothing is kept is dropped; one in
 * which something is loses the rest, a device at a time in transactions of their own, so that nobody waits for it. It
 * is looked at again only when what is kept in it has changed. Only whole partitions before the moment are touched.
 * A week of packed readings is one of them, and goes with its rows where late readings have made it some.
 */
export class Sweeper {
  readonly #options: SweeperOptions;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /**
   * @param setting for the log of deletions
   * @param stopping ends it early: what is left goes at the next sweep
   */
  async sweep(
    before: number,
    kept: readonly DeviceRange[],
    setting: string,
    stopping: AbortSignal = new AbortController().signal,
  ): Promise<Swept> {
    const byDevice = rangesByDevice(kept, MARGIN_MS);
    let [deleted, postponed] = [0, 0];
    for (const stored of await this.#stored()) {
      if (stored.to > before || stopping.aborted) continue;
      const own = within(byDevice, stored);
      const result =
        own.size === 0 ? await this.#drop(stored, setting) : await this.#thin(stored, own, setting, stopping);
      if (result.isPostponed) postponed++;
      deleted += result.deleted;
    }
    return { deleted, postponed };
  }

  /** All there is, oldest first. */
  async #stored(): Promise<Stored[]> {
    const { database, partitions } = this.#options;
    const spans = new Map<string, Stored>();
    for (const rows of await partitions.list()) {
      spans.set(`${rows.from} ${rows.to}`, { from: rows.from, to: rows.to, rows, packed: 0 });
    }
    for (const { from, to, readings } of await packedWeeks(database)) {
      const span = `${from} ${to}`;
      spans.set(span, { from, to, rows: spans.get(span)?.rows ?? null, packed: readings });
    }
    return [...spans.values()].sort((a, b) => a.from - b.from);
  }

  /** Event time of the newest reading, epoch ms UTC; -Infinity without any. */
  newest(): Promise<number> {
    return newestTime(this.#options.database);
  }

  async #drop(stored: Stored, setting: string): Promise<Result> {
    const { partitions, deletions, time, logger } = this.#options;
    const { from, to, rows } = stored;
    const count = await this.#count(stored);
    if (count === 0 && rows !== null) return { deleted: 0, isPostponed: !(await partitions.drop(rows)) };
    // The rollups stay, and are not made again of what is gone.
    if (stored.packed > 0 && !(await partitions.retire(spanOf(stored)))) return POSTPONED;
    const entry = await deletions.begin({ what: 'readings', from, to, setting, extent: 'all' }, time.now());
    const ofPacked = stored.packed > 0 ? await this.#dropPacked(stored) : 0;
    const isDropped = ofPacked !== null && (rows === null || (await partitions.drop(rows)));
    const deleted = isDropped ? count : (ofPacked ?? 0);
    await deletions.finish(entry, { deleted, kept: count - deleted }, time.now());
    if (isDropped) {
      logger.info({ partition: nameOf(stored), readings: count, setting }, 'deleted readings past their retention');
    }
    return { deleted, isPostponed: !isDropped };
  }

  /** @returns readings that went; null while somebody packs */
  #dropPacked(stored: Stored): Promise<number | null> {
    return this.#options.database.transaction(async (client) => {
      if (!(await takePacking(client))) return null;
      return (await dropPacked(client, stored)).readings;
    });
  }

  async #thin(
    stored: Stored,
    kept: ReadonlyMap<string, Range[]>,
    setting: string,
    stopping: AbortSignal,
  ): Promise<Result> {
    const { database, deletions, time, logger } = this.#options;
    const { from, to } = stored;
    const digest = digestOf(kept);
    const { rows: known } = await database.query<{ isSame: boolean }>(
      'SELECT kept_sha256 = $2 AS "isSame" FROM retention_swept WHERE from_at = $1',
      [from, digest],
    );
    if (known[0]?.isSame === true) return { deleted: 0, isPostponed: false };
    if (!(await this.#options.partitions.retire(spanOf(stored)))) return POSTPONED;
    const entry = await deletions.begin(
      { what: 'readings', from, to, setting, extent: 'all but what is kept' },
      time.now(),
    );
    let deleted = 0;
    let isPostponed = false;
    for (const { id, name, metrics } of await this.#devices()) {
      if (stopping.aborted || isPostponed) break;
      for (const gap of between(kept.get(name) ?? [], stored)) {
        const gone = await this.#delete(id, name, metrics, gap);
        if (gone === null) isPostponed = true;
        deleted += gone ?? 0;
      }
    }
    await deletions.finish(entry, { deleted, kept: await this.#count(stored) }, time.now());
    if (stopping.aborted || isPostponed) return { deleted, isPostponed };
    await database.query(
      `INSERT INTO retention_swept (from_at, kept_sha256, swept_at) VALUES ($1, $2, $3)
       ON CONFLICT (from_at) DO UPDATE SET kept_sha256 = excluded.kept_sha256, swept_at = excluded.swept_at`,
      [from, digest, time.now()],
    );
    logger.info({ partition: nameOf(stored), readings: deleted, setting }, 'deleted readings past their retention');
    return { deleted, isPostponed: false };
  }

  /**
   * By the key, so that each goes straight to its rows.
   * @returns null while somebody packs: what is a row now may be packed when this is done
   */
  async #delete(device: number, name: string, metrics: readonly number[], { from, to }: Range): Promise<number | null> {
    const { database, logger } = this.#options;
    return database.transaction(async (client) => {
      if (!(await takePacking(client))) return null;
      await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      const { rowCount } = await client.query(
        'DELETE FROM readings WHERE device_id = $1 AND metric = ANY ($2::smallint[]) AND time >= $3 AND time < $4',
        [device, metrics, timestamp(from), timestamp(to)],
      );
      let deleted = rowCount ?? 0;
      for (const metric of metrics) {
        const cut = await cutPacked(client, { deviceId: device, metric, from, to });
        deleted += cut.deleted;
        for (const { since } of cut.damaged) {
          logger.warn({ device: name, metric, since: iso(since) }, 'damaged packed readings stay past their retention');
        }
      }
      return deleted;
    });
  }

  async #devices(): Promise<{ id: number; name: string; metrics: number[] }[]> {
    const { rows } = await this.#options.database.query<{ id: number; name: string; metrics: number[] }>(
      `SELECT id, name, array_agg(metric::int) AS metrics FROM devices JOIN reading_keys ON device_id = id
       GROUP BY id ORDER BY id`,
    );
    return rows;
  }

  async #count({ from, to }: Range): Promise<number> {
    const { database } = this.#options;
    const { rows } = await database.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM readings WHERE time >= $1 AND time < $2)
         + coalesce((SELECT readings FROM packed_weeks WHERE from_at = $1), 0) AS count`,
      [timestamp(from), timestamp(to)],
    );
    return rows[0]?.count ?? 0;
  }
}

/** As for the log: a week without a partition has the name that one would have. */
function nameOf({ rows, from }: Stored): string {
  return rows?.table ?? `the packed week of ${iso(from)}`;
}

function spanOf(stored: Stored): Partition {
  return { table: nameOf(stored), from: stored.from, to: stored.to };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function within(byDevice: ReadonlyMap<string, Range[]>, bounds: Range): Map<string, Range[]> {
  const own = new Map<string, Range[]>();
  for (const [device, ranges] of byDevice) {
    const inside = clipped(ranges, bounds);
    if (inside.length > 0) own.set(device, inside);
  }
  return own;
}

function digestOf(kept: ReadonlyMap<string, Range[]>): Buffer {
  const hash = createHash('sha256');
  for (const [device, ranges] of [...kept].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([device, ranges]));
  }
  return hash.digest();
}
