import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DefectError, joinReadings, type KeyReadings, NO_READINGS } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { copyOut } from '../readings/copy-out.ts';
import { int2Array, int4Array, readFloat8Array, readTimestamptzArray } from '../readings/pack.ts';
import { changed, type Partition } from '../readings/partition.ts';
import { timestamp } from '../types.ts';
import { copyOfStretches } from './copy-stretches.ts';
import { joinLate } from './late-readings.ts';
import { unpackStretch } from './packed-stretch.ts';
import { packStretches } from './stretches.ts';

/**
 * What became of a week.
 * - `packed`: its rows are stretches now, and its partition is gone.
 * - `busy`: another process packs, or somebody uses the partition. Ask again later.
 * - `changed`: readings came or went meanwhile. Ask again.
 * - `unfit`: it has times between two milliseconds, which nobody wrote through us; it stays rows.
 */
export type PackingOutcome = 'packed' | 'busy' | 'changed' | 'unfit';

/** A week's own partition: neither the one for odd times nor a hypertable's chunk may be dropped by this. */
const OF_A_WEEK = /^readings_\d{8}$/;

/** Keys at once: a week of one at a minute is ten thousand readings. */
const KEYS_AT_ONCE = 50;

/** Whoever packs, or deletes of what is packed, has it. */
export const PACKING_LOCK = 0x9ac4;

/**
 * Packs a week of `readings`: its keys one after another into `packing_readings`, which nobody reads, then all of them in
 * one transaction into `packed_readings`, with which the week's partition is dropped. A reader sees each reading once at
 * every moment. Stopped anywhere, what was made is thrown away by the next that packs.
 *
 * A week that has been packed may have rows again, of readings that came late: they join what is packed of their key.
 */
export class WeekPacker {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /**
   * @param week one that nothing is written into but late readings, and whose rollups are made
   * @throws {DefectError} PACKING_NOT_A_WEEK
   * @throws {DefectError} PACKED_STRETCH_DAMAGED of one that late readings are to join
   */
  async pack(week: Partition): Promise<PackingOutcome> {
    if (!OF_A_WEEK.test(week.table)) {
      throw new DefectError('PACKING_NOT_A_WEEK', `${week.table} is no partition of a week`, { table: week.table });
    }
    const client = await this.#database.pool.connect();
    try {
      const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [PACKING_LOCK]);
      if (rows[0]?.ours !== true) return 'busy';
      try {
        return await this.#pack(client, week);
      } finally {
        await client.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
      }
    } finally {
      client.release();
    }
  }

  async #pack(client: pg.ClientBase, week: Partition): Promise<PackingOutcome> {
    await client.query('DELETE FROM packing_readings');
    const { rows: keys } = await client.query<KeyNumbers>(
      'SELECT device_id AS "deviceId", metric FROM reading_keys ORDER BY device_id, metric',
    );
    let read = 0;
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const block = await this.#rowsOf(week, keys.slice(at, at + KEYS_AT_ONCE));
      if (block.some(({ isExact }) => !isExact)) return 'unfit';
      const packed = await packedOf(client, block, week);
      const stretches = block.flatMap(({ deviceId, metric, readings }, i) => {
        read += readings.count;
        return packStretches(deviceId, metric, joinLate(packed[i] ?? NO_READINGS, readings).readings);
      });
      const stream = client.query(copyFrom('COPY packing_readings FROM STDIN (FORMAT binary)'));
      stream.end(copyOfStretches(stretches));
      await finished(stream);
    }
    return this.#swap(week, read);
  }

  /** Of keys that have rows in the week. */
  async #rowsOf({ table }: Partition, keys: readonly KeyNumbers[]): Promise<KeyRows[]> {
    const ids = keys.map(({ deviceId }) => deviceId).join();
    const metrics = keys.map(({ metric }) => metric).join();
    const rows = await copyOut(
      this.#database,
      `SELECT key.device_id, key.metric, week.time, week.value, week.is_exact
       FROM unnest('{${ids}}'::int4[], '{${metrics}}'::int2[]) WITH ORDINALITY AS key (device_id, metric, nth)
       CROSS JOIN LATERAL (
         SELECT array_agg(time) AS time, array_agg(value) AS value,
           bool_and(date_trunc('milliseconds', time) = time) AS is_exact
         FROM (
           SELECT time, value FROM ${table} r WHERE r.device_id = key.device_id AND r.metric = key.metric ORDER BY time
         ) AS r
       ) AS week
       WHERE week.time IS NOT NULL ORDER BY key.nth`,
    );
    return rows.map(([deviceId, metric, times, values, isExact]) => {
      const time = readTimestamptzArray(times ?? null);
      return {
        ...{ deviceId: deviceId?.readInt32BE() ?? 0, metric: metric?.readInt16BE() ?? 0 },
        readings: { count: time.length, time, value: readFloat8Array(values ?? null) },
        isExact: isExact?.readUInt8() === 1,
      };
    });
  }

  /** @param read rows of the week that went into what was made */
  async #swap({ table, from, to }: Partition, read: number): Promise<PackingOutcome> {
    let outcome: PackingOutcome = 'busy';
    const isDone = await changed(this.#database, async (client) => {
      // Whoever reads goes on; late readings of the week wait.
      await client.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::bigint AS count FROM ${table}`);
      outcome = rows[0]?.count === read ? 'packed' : 'changed';
      if (outcome === 'changed') return;
      await client.query(
        `DELETE FROM packed_readings AS p USING (SELECT DISTINCT device_id, metric FROM packing_readings) AS made
         WHERE p.device_id = made.device_id AND p.metric = made.metric AND p.since >= $1 AND p.since < $2`,
        [timestamp(from), timestamp(to)],
      );
      await client.query('INSERT INTO packed_readings SELECT * FROM packing_readings');
      await client.query('DELETE FROM packing_readings');
      await client.query(`DROP TABLE ${table}`);
    });
    return isDone ? outcome : 'busy';
  }
}

interface KeyNumbers {
  readonly deviceId: number;
  readonly metric: number;
}

interface KeyRows extends KeyNumbers {
  readonly readings: KeyReadings;
  /** Its times are whole milliseconds. */
  readonly isExact: boolean;
}

/** What is packed of these keys in a week, in their order. @throws {DefectError} PACKED_STRETCH_DAMAGED */
async function packedOf(
  client: pg.ClientBase,
  keys: readonly KeyNumbers[],
  { from, to }: Partition,
): Promise<KeyReadings[]> {
  const { rows } = await client.query<{ nth: number; since: number; packed: Buffer }>(
    `SELECT key.nth::int4 AS nth, p.since, p.packed
     FROM unnest($1::int4[], $2::int2[]) WITH ORDINALITY AS key (device_id, metric, nth) CROSS JOIN LATERAL (
       SELECT since, packed FROM packed_readings AS p
       WHERE p.device_id = key.device_id AND p.metric = key.metric AND p.since >= $3 AND p.since < $4 OFFSET 0
     ) AS p ORDER BY key.nth, p.since`,
    [
      int4Array(keys.map(({ deviceId }) => deviceId)),
      int2Array(keys.map(({ metric }) => metric)),
      timestamp(from),
      timestamp(to),
    ],
  );
  const readings = keys.map(() => NO_READINGS);
  for (const { nth, since, packed } of rows) {
    const { deviceId, metric } = keys[nth - 1] as KeyNumbers;
    const stretch = unpackStretch({ deviceId, metric, since }, packed);
    readings[nth - 1] = joinReadings(readings[nth - 1] ?? NO_READINGS, stretch);
  }
  return readings;
}
