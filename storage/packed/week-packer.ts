import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DefectError, joinReadings, type KeyReadings, NO_READINGS, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { copyOut } from '../readings/copy-out.ts';
import { int2Array, int4Array, readFloat8Array, readTimestamptzArray } from '../readings/pack.ts';
import { changed, type Partition } from '../readings/partition.ts';
import { timestamp } from '../types.ts';
import { copyOfStretches } from './copy-stretches.ts';
import { joinLate } from './late-readings.ts';
import { unpackStretch } from './packed-stretch.ts';
import { NOTHING_PACKED, notePacked, type PackedAmount } from './packed-weeks.ts';
import { whilePacking } from './packing-lock.ts';
import { type PackedStretch, packStretches } from './stretches.ts';

/**
 * What became of a week.
 * - `packed`: its rows are stretches now, and its partition is gone.
 * - `busy`: another process packs, or somebody uses the partition. Ask again later.
 * - `changed`: readings came or went meanwhile. Ask again.
 * - `unfit`: it has times between two milliseconds, which nobody wrote through us; it stays rows.
 * - `stopped`: whoever asked for it did not want it any more.
 */
export type PackingOutcome = 'packed' | 'busy' | 'changed' | 'unfit' | 'stopped';

export interface PackingWishes {
  /** Ends it between two blocks of keys; what was made is thrown away. */
  readonly signal?: AbortSignal;
  /** Between two blocks of keys: how many of the week's readings are made, and how long the last block took, ms. */
  readonly onBlock?: (done: number, of: number, tookMs: number) => Promise<void> | void;
  /** What was made, once it is committed. */
  readonly onPacked?: (made: PackedAmount) => void;
}

/** A week's own partition: neither the one for odd times nor a hypertable's chunk may be dropped by this. */
const OF_A_WEEK = /^readings_\d{8}$/;

/** Readings at once, of one key at least: what is in memory is some thirty bytes of each, and the process stands still for 20 ms. */
const READINGS_AT_ONCE = 200_000;

/** The last step asks so often for the partition, each time for {@link changed}'s wait, before the week is given up for now. */
const SWAP_ATTEMPTS = 5;

/**
 * Packs a week of `readings`: its keys one after another into `packing_readings`, which nobody reads, then all of them in
 * one transaction into `packed_readings`, with which the week's partition is dropped. A reader sees each reading once at
 * every moment. Stopped anywhere, what was made is thrown away by the next that packs.
 *
 * A week that has been packed may have rows again, of readings that came late: they join what is packed of their key.
 */
export class WeekPacker {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: { database: Database; time: TimeSource }) {
    this.#database = options.database;
    this.#time = options.time;
  }

  /**
   * @param week one that nothing is written into but late readings, and whose rollups are made
   * @throws {DefectError} PACKING_NOT_A_WEEK
   * @throws {DefectError} PACKED_STRETCH_DAMAGED of one that late readings are to join
   */
  async pack(week: Partition, wishes: PackingWishes = {}): Promise<PackingOutcome> {
    if (!OF_A_WEEK.test(week.table)) {
      throw new DefectError('PACKING_NOT_A_WEEK', `${week.table} is no partition of a week`, { table: week.table });
    }
    const outcome = await whilePacking(this.#database, (client) => this.#pack(client, week, wishes));
    return outcome ?? 'busy';
  }

  async #pack(client: pg.ClientBase, week: Partition, wishes: PackingWishes): Promise<PackingOutcome> {
    // Whoever makes a backup has the table for as long as that takes: nothing is made that could not be put in place.
    const isFree = await changed(this.#database, (own) =>
      own.query('LOCK TABLE ONLY readings IN ACCESS EXCLUSIVE MODE'),
    );
    if (!isFree) return 'busy';
    await client.query('DELETE FROM packing_readings');
    const { rows: keys } = await client.query<CountedKey>(
      `SELECT device_id AS "deviceId", metric, count(*)::bigint AS count FROM ${week.table}
       GROUP BY device_id, metric ORDER BY device_id, metric`,
    );
    const of = keys.reduce((sum, { count }) => sum + count, 0);
    let read = 0;
    let made = NOTHING_PACKED;
    for (const block of blocksOf(keys)) {
      if (wishes.signal?.aborted) return 'stopped';
      const begun = this.#time.monotonic();
      const rows = await this.#rowsOf(week, block);
      if (rows.some(({ isExact }) => !isExact)) return 'unfit';
      const packed = await packedOf(client, rows, week);
      const stretches = rows.flatMap(({ deviceId, metric, readings }, i) => {
        read += readings.count;
        return packStretches(deviceId, metric, joinLate(packed[i] ?? NO_READINGS, readings).readings);
      });
      made = plus(made, amountOf(stretches));
      const stream = client.query(copyFrom('COPY packing_readings FROM STDIN (FORMAT binary)'));
      stream.end(copyOfStretches(stretches));
      await finished(stream);
      await wishes.onBlock?.(read, of, this.#time.monotonic() - begun);
    }
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#swap(week, read, made);
      if (outcome === 'packed') wishes.onPacked?.(made);
      if (outcome !== 'busy' || attempt === SWAP_ATTEMPTS || wishes.signal?.aborted) return outcome;
    }
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
  async #swap(week: Partition, read: number, made: PackedAmount): Promise<PackingOutcome> {
    const { table, from, to } = week;
    let outcome: PackingOutcome = 'busy';
    const isDone = await changed(this.#database, async (client) => {
      // Whoever reads goes on; late readings of the week wait.
      await client.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::bigint AS count FROM ${table}`);
      outcome = rows[0]?.count === read ? 'packed' : 'changed';
      if (outcome === 'changed') return;
      const { rows: gone } = await client.query<PackedAmount>(
        `WITH gone AS (
           DELETE FROM packed_readings AS p USING (SELECT DISTINCT device_id, metric FROM packing_readings) AS made
           WHERE p.device_id = made.device_id AND p.metric = made.metric AND p.since >= $1 AND p.since < $2
           RETURNING p.packed
         )
         SELECT count(*)::bigint AS stretches, coalesce(sum(packed_count(packed)), 0)::bigint AS readings,
           coalesce(sum(length(packed)), 0)::bigint AS bytes FROM gone`,
        [timestamp(from), timestamp(to)],
      );
      await client.query('INSERT INTO packed_readings SELECT * FROM packing_readings');
      await client.query('DELETE FROM packing_readings');
      await notePacked(client, week, minus(made, gone[0] ?? NOTHING_PACKED), this.#time.now());
      await client.query(`DROP TABLE ${table}`);
    });
    return isDone ? outcome : 'busy';
  }
}

interface KeyNumbers {
  readonly deviceId: number;
  readonly metric: number;
}

interface CountedKey extends KeyNumbers {
  readonly count: number;
}

interface KeyRows extends KeyNumbers {
  readonly readings: KeyReadings;
  /** Its times are whole milliseconds. */
  readonly isExact: boolean;
}

/** Neighbouring keys of not more than {@link READINGS_AT_ONCE} in all; one with more is alone. */
function* blocksOf(keys: readonly CountedKey[]): Generator<readonly CountedKey[]> {
  let block: CountedKey[] = [];
  let readings = 0;
  for (const key of keys) {
    if (block.length > 0 && readings + key.count > READINGS_AT_ONCE) {
      yield block;
      block = [];
      readings = 0;
    }
    block.push(key);
    readings += key.count;
  }
  if (block.length > 0) yield block;
}

function amountOf(stretches: readonly PackedStretch[]): PackedAmount {
  return {
    stretches: stretches.length,
    readings: stretches.reduce((sum, { readings }) => sum + readings, 0),
    bytes: stretches.reduce((sum, { packed }) => sum + packed.length, 0),
  };
}

function plus(a: PackedAmount, b: PackedAmount): PackedAmount {
  return { stretches: a.stretches + b.stretches, readings: a.readings + b.readings, bytes: a.bytes + b.bytes };
}

function minus(a: PackedAmount, b: PackedAmount): PackedAmount {
  return { stretches: a.stretches - b.stretches, readings: a.readings - b.readings, bytes: a.bytes - b.bytes };
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
