import { createHash } from 'node:crypto';
import type { DeviceRange, Logger, TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
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

/**
 * Deletes readings older than a moment, but for what is kept. A partition in which nothing is kept is dropped; one in
 * which something is loses the rest, a device at a time in transactions of their own, so that nobody waits for it. It
 * is looked at again only when what is kept in it has changed. Only whole partitions before the moment are touched.
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
    const { partitions } = this.#options;
    const byDevice = rangesByDevice(kept, MARGIN_MS);
    let [deleted, postponed] = [0, 0];
    for (const partition of await partitions.list()) {
      if (partition.to > before || stopping.aborted) continue;
      const own = within(byDevice, partition);
      const result =
        own.size === 0 ? await this.#drop(partition, setting) : await this.#thin(partition, own, setting, stopping);
      if (result === null) postponed++;
      else deleted += result;
    }
    return { deleted, postponed };
  }

  /** Event time of the newest reading, epoch ms UTC; -Infinity without any. */
  newest(): Promise<number> {
    return newestTime(this.#options.database);
  }

  /** @returns readings deleted; null where somebody reads the partition */
  async #drop(partition: Partition, setting: string): Promise<number | null> {
    const { partitions, deletions, time, logger } = this.#options;
    const { from, to, table } = partition;
    const rows = await this.#count(partition);
    if (rows === 0) return (await partitions.drop(partition)) ? 0 : null;
    const entry = await deletions.begin({ what: 'readings', from, to, setting, extent: 'all' }, time.now());
    const isDropped = await partitions.drop(partition);
    await deletions.finish(entry, { deleted: isDropped ? rows : 0, kept: isDropped ? 0 : rows }, time.now());
    if (!isDropped) return null;
    logger.info({ partition: table, readings: rows, setting }, 'deleted readings past their retention');
    return rows;
  }

  async #thin(
    partition: Partition,
    kept: ReadonlyMap<string, Range[]>,
    setting: string,
    stopping: AbortSignal,
  ): Promise<number | null> {
    const { database, deletions, time, logger } = this.#options;
    const { from, to, table } = partition;
    const digest = digestOf(kept);
    const { rows: known } = await database.query<{ isSame: boolean }>(
      'SELECT kept_sha256 = $2 AS "isSame" FROM retention_swept WHERE from_at = $1',
      [from, digest],
    );
    if (known[0]?.isSame === true) return 0;
    if (!(await this.#options.partitions.retire(partition))) return null;
    const entry = await deletions.begin(
      { what: 'readings', from, to, setting, extent: 'all but what is kept' },
      time.now(),
    );
    let deleted = 0;
    for (const { id, name, metrics } of await this.#devices()) {
      if (stopping.aborted) break;
      for (const gap of between(kept.get(name) ?? [], partition)) deleted += await this.#delete(id, metrics, gap);
    }
    await deletions.finish(entry, { deleted, kept: await this.#count(partition) }, time.now());
    if (stopping.aborted) return deleted;
    await database.query(
      `INSERT INTO retention_swept (from_at, kept_sha256, swept_at) VALUES ($1, $2, $3)
       ON CONFLICT (from_at) DO UPDATE SET kept_sha256 = excluded.kept_sha256, swept_at = excluded.swept_at`,
      [from, digest, time.now()],
    );
    logger.info({ partition: table, readings: deleted, setting }, 'deleted readings past their retention');
    return deleted;
  }

  /** By the key, so that each goes straight to its rows. */
  async #delete(device: number, metrics: readonly number[], { from, to }: Range): Promise<number> {
    return this.#options.database.transaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      const { rowCount } = await client.query(
        'DELETE FROM readings WHERE device_id = $1 AND metric = ANY ($2::smallint[]) AND time >= $3 AND time < $4',
        [device, metrics, timestamp(from), timestamp(to)],
      );
      return rowCount ?? 0;
    });
  }

  async #devices(): Promise<{ id: number; name: string; metrics: number[] }[]> {
    const { rows } = await this.#options.database.query<{ id: number; name: string; metrics: number[] }>(
      `SELECT id, name, array_agg(metric::int) AS metrics FROM devices JOIN reading_keys ON device_id = id
       GROUP BY id ORDER BY id`,
    );
    return rows;
  }

  async #count({ from, to }: Partition): Promise<number> {
    const { rows } = await this.#options.database.query<{ count: number }>(
      'SELECT count(*)::bigint AS count FROM readings WHERE time >= $1 AND time < $2',
      [timestamp(from), timestamp(to)],
    );
    return rows[0]?.count ?? 0;
  }
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
