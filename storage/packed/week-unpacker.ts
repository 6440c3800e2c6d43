import type pg from 'pg';
import type { Database } from '../database.ts';
import { int2Array, int4Array } from '../readings/pack.ts';
import type { PartitionManager } from '../readings/partitions.ts';
import { LOST_WHERE_IT_STANDS_STILL, transactionOn } from '../session-transaction.ts';
import { timestamp } from '../types.ts';
import { NOTHING_PACKED, noteCut, type PackedAmount, type PackedWeek } from './packed-weeks.ts';
import { whilePacking } from './packing-lock.ts';

/** Keys at once: a day of one at a minute and its week are ten thousand readings, which the server alone has in hand. */
const KEYS_AT_ONCE = 50;

/**
 * What became of a packed week.
 * - `unpacked`: its readings are rows again. Stretches that are damaged stay, and are left to whoever restores them.
 * - `busy`: another process packs. Ask again later.
 * - `stopped`: nothing has changed.
 */
export type UnpackingOutcome = 'unpacked' | 'busy' | 'stopped';

export interface UnpackingWishes {
  /** Ends it between two blocks of keys; all of the week stays packed. */
  readonly signal?: AbortSignal;
  /** Between two blocks of keys. */
  readonly onBlock?: (done: number, of: number) => void;
  /** What went back, once it is committed. */
  readonly onUnpacked?: (gone: PackedAmount) => void;
}

/** Thrown inside the transaction so that it is rolled back. */
class Stopped extends Error {}

/**
 * The way back: all that is packed of a week becomes rows, in one transaction, so that each reading is in one place at
 * every moment. Where a row of the same identity came late, what is packed was first in the log and stays.
 */
export class WeekUnpacker {
  readonly #database: Database;
  readonly #partitions: PartitionManager;

  constructor(options: { database: Database; partitions: PartitionManager }) {
    this.#database = options.database;
    this.#partitions = options.partitions;
  }

  async unpack(week: PackedWeek, wishes: UnpackingWishes = {}): Promise<UnpackingOutcome> {
    const outcome = await whilePacking(this.#database, async (client) => {
      // In a transaction of its own, before this one has touched the readings.
      this.#partitions.forget();
      await this.#partitions.partitionFor(week.from);
      try {
        const gone = await transactionOn(client, () => unpackIn(client, week, wishes));
        wishes.onUnpacked?.(gone);
        return 'unpacked' as const;
      } catch (error) {
        if (error instanceof Stopped) return 'stopped' as const;
        throw error;
      }
    });
    return outcome ?? 'busy';
  }
}

async function unpackIn(
  client: pg.ClientBase,
  week: PackedWeek,
  { signal, onBlock }: UnpackingWishes,
): Promise<PackedAmount> {
  const { rows: keys } = await client.query<{ deviceId: number; metric: number }>(
    'SELECT device_id AS "deviceId", metric FROM reading_keys ORDER BY device_id, metric',
  );
  await client.query(LOST_WHERE_IT_STANDS_STILL);
  let gone = NOTHING_PACKED;
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    if (signal?.aborted) throw new Stopped();
    const block = keys.slice(at, at + KEYS_AT_ONCE);
    const { rows } = await client.query<PackedAmount>(
      `WITH gone AS (
         DELETE FROM packed_readings AS p USING unnest($1::int4[], $2::int2[]) AS key (device_id, metric)
         WHERE p.device_id = key.device_id AND p.metric = key.metric AND p.since >= $3 AND p.since < $4
           AND packed_stretch_is_whole(p.device_id, p.metric, p.since, p.packed)
         RETURNING p.*
       ), back AS (
         INSERT INTO readings AS known (device_id, metric, time, value)
         SELECT gone.device_id, gone.metric, one.time, one.value
         FROM gone CROSS JOIN LATERAL unpacked_readings(gone.device_id, gone.metric, gone.since, gone.packed) AS one
         ON CONFLICT (device_id, metric, time) DO UPDATE SET value = excluded.value
       )
       SELECT count(*)::bigint AS stretches, coalesce(sum(packed_count(packed)), 0)::bigint AS readings,
         coalesce(sum(length(packed)), 0)::bigint AS bytes FROM gone`,
      [
        int4Array(block.map(({ deviceId }) => deviceId)),
        int2Array(block.map(({ metric }) => metric)),
        timestamp(week.from),
        timestamp(week.to),
      ],
    );
    const { stretches, readings, bytes } = rows[0] ?? NOTHING_PACKED;
    gone = {
      stretches: gone.stretches + stretches,
      readings: gone.readings + readings,
      bytes: gone.bytes + bytes,
    };
    onBlock?.(gone.readings, week.readings);
  }
  await noteCut(client, week.from, gone);
  return gone;
}
