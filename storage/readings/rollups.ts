import type pg from 'pg';
import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';
import { type Bucket, bucketed } from './bucketed.ts';
import { newestTime } from './history.ts';
import {
  float8Array,
  int2Array,
  int4Array,
  readByteaArray,
  readFloat8Array,
  readTimestamptzArray,
  timestamptzArray,
} from './pack.ts';
import { type KeyNumbers, MOST_OF_A_STRETCH, together, unpackedWithin } from './packed-columns.ts';
import { changed } from './partition.ts';
import { DAY_MS } from './rollup-marks.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How long after an hour its readings are mostly in; the later ones cost a repair each day and key. */
const SETTLE_MS = 15 * 60_000;

/**
 * An hour with at most this many readings has no minutes of its own: two readings a minute are as quickly read as one
 * bucket of them, and a logger of one a minute would else be stored twice.
 */
export const SPARSE_HOUR = 120;

/** Marks one repair takes: some hundred ms of work. */
const MARKS_AT_ONCE = 500;

const ROLLUPS_LOCK = 0x150f;

/**
 * Keeps the rollups right: a watermark that follows the newest readings, hour by hour, and repair of the days that
 * late readings have marked behind it (`rollup-marks.ts`).
 *
 * Every step is a transaction of its own under a lock that one process has, computes from the readings alone, and
 * replaces what was there: stopped anywhere or done twice it gives the same.
 */
export class Rollups {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /**
   * Moves the watermark up to the last hour that is over, for at most a day of readings.
   * @param now epoch ms UTC. Where the clock has jumped, the newest stored reading counts instead
   * @returns false when there is nothing left to do now
   */
  async advance(now: number): Promise<boolean> {
    const { marking, rolled } = await this.#state();
    // The clock was ahead and has been set right: what is stored from now on is not late.
    if (marking > now + SETTLE_MS) return this.#moveBack(hourOf(now - SETTLE_MS));
    if (rolled < marking) return this.#step();
    const target = hourOf(Math.min(now, await newestTime(this.#database)) - SETTLE_MS);
    return target > marking && (await this.#mark(target)) && this.#step();
  }

  /** @returns how many marks it took: none left where it is 0 */
  async repair(): Promise<number> {
    let taken = 0;
    await this.#locked(async (client) => {
      const marks = await client.query<{ device_id: number; metric: number; day: number }>(
        `DELETE FROM rollup_marks WHERE ctid = ANY (ARRAY(SELECT ctid FROM rollup_marks LIMIT ${MARKS_AT_ONCE}))
         RETURNING device_id, metric, day`,
      );
      taken = marks.rows.length;
      if (taken === 0) return;
      // In statements after the one that has seen the marks: they see the readings that came with them.
      const scope = `SELECT DISTINCT device_id, metric, day AS "from", least(day + interval '1 day', rolled) AS "to"
        FROM unnest($1::int4[], $2::int2[], $3::timestamptz[]) AS mark (device_id, metric, day), rollup_state
        WHERE day < rolled AND day >= kept`;
      const values = [
        marks.rows.map(({ device_id }) => device_id),
        marks.rows.map(({ metric }) => metric),
        marks.rows.map(({ day }) => timestamp(day)),
      ];
      await roll(client, scope, values);
    });
    return taken;
  }

  /** Everything before `time` is in the rollups when it resolves: before it is dropped from `readings`. */
  async rollUpTo(time: number): Promise<void> {
    const target = Math.ceil(time / HOUR_MS) * HOUR_MS;
    if ((await this.#state()).marking < target && !(await this.#mark(target))) return;
    while ((await this.#state()).rolled < target && (await this.#step()));
    while ((await this.repair()) > 0);
  }

  async #state(): Promise<{ marking: number; rolled: number }> {
    const { rows } = await this.#database.query<{ marking: number; rolled: number }>(
      'SELECT marking, rolled FROM rollup_marking, rollup_state',
    );
    return rows[0] ?? { marking: Number.NEGATIVE_INFINITY, rolled: Number.NEGATIVE_INFINITY };
  }

  /** Waits for those who store readings just now. @returns false if that took too long */
  #mark(target: number): Promise<boolean> {
    return changed(this.#database, (client) =>
      client.query('UPDATE rollup_marking SET marking = $1 WHERE marking < $1', [timestamp(target)]),
    );
  }

  #moveBack(target: number): Promise<boolean> {
    return this.#locked(async (client) => {
      await client.query('UPDATE rollup_state SET rolled = least(rolled, $1)', [timestamp(target)]);
      await client.query('UPDATE rollup_marking SET marking = $1', [timestamp(target)]);
    });
  }

  /** From the watermark to the end of the day in which the next readings are. */
  #step(): Promise<boolean> {
    return this.#locked(async (client) => {
      const { rows } = await client.query<{ marking: number; rolled: number; next: number | null }>({
        name: 'next to be rolled up',
        text: `SELECT marking, rolled, (
           SELECT min(first.time) FROM reading_keys AS key
             CROSS JOIN LATERAL first_reading(key.device_id, key.metric, rolled, 'infinity') AS first
         ) AS next FROM rollup_marking, rollup_state`,
      });
      const [{ marking, rolled, next } = { marking: 0, rolled: 0, next: null }] = rows;
      // A day that has begun is finished before days without readings are passed over: it has rollups to be made of.
      const from =
        rolled % DAY_MS === 0 || !Number.isFinite(rolled) ? Math.max(rolled, hourOf(next ?? marking)) : rolled;
      const to = Math.min(marking, (Math.floor(from / DAY_MS) + 1) * DAY_MS);
      if (from < to) {
        const scope = `SELECT device_id, metric, $1::timestamptz AS "from", $2::timestamptz AS "to" FROM reading_keys`;
        await roll(client, scope, [timestamp(from), timestamp(to)]);
      }
      await client.query('UPDATE rollup_state SET rolled = $1', [timestamp(to)]);
    });
  }

  /** @returns false if another process is at it, or a lock could not be had */
  async #locked(work: (client: pg.ClientBase) => Promise<unknown>): Promise<boolean> {
    let isOurs = false;
    const isDone = await changed(this.#database, async (client) => {
      const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS ours', [
        ROLLUPS_LOCK,
      ]);
      isOurs = rows[0]?.ours ?? false;
      if (isOurs) await work(client);
    });
    return isDone && isOurs;
  }
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS;
}

/**
 * Makes the rollups of a scope: rows (device_id, metric, from, to), whole hours of a UTC day. Hours and minutes come from
 * the readings; a day, once it is over, from its hours.
 */
async function roll(client: pg.ClientBase, scope: string, values: readonly unknown[]): Promise<void> {
  // No week is packed between the statements: each would else see its readings in another place.
  await client.query('LOCK TABLE ONLY readings IN ACCESS SHARE MODE');
  await client.query(bucketsOf('readings_1h', '1 hour', scope), [...values]);
  const dense = `SELECT h.device_id, h.metric, h.time AS "from", h.time + interval '1 hour' AS "to"
    FROM (${scope}) AS wide CROSS JOIN LATERAL (
      SELECT * FROM readings_1h WHERE readings_1h.device_id = wide.device_id AND readings_1h.metric = wide.metric
        AND readings_1h.time >= wide."from" AND readings_1h.time < wide."to"
    ) AS h WHERE n > ${SPARSE_HOUR}`;
  await client.query(bucketsOf('readings_1m', '1 minute', dense), [...values]);
  await rollPacked(client, scope, values);
  await client.query(
    `INSERT INTO readings_1d (${COLUMNS})
     SELECT scope.device_id, scope.metric, day, sum(n), sum(sum), min(min), max(max),
       (array_agg(first ORDER BY time))[1], (array_agg(last ORDER BY time DESC))[1]
     FROM (${scope}) AS scope CROSS JOIN LATERAL (SELECT date_bin('1 day', "from", 'epoch') AS day) AS whole
     JOIN readings_1h AS hour ON hour.device_id = scope.device_id AND hour.metric = scope.metric
       AND hour.time >= day AND hour.time < day + interval '1 day'
     WHERE scope."to" = day + interval '1 day'
     GROUP BY 1, 2, 3
     ${REPLACE}`,
    [...values],
  );
}

const COLUMNS = 'device_id, metric, time, n, sum, min, max, first, last';
const REPLACE = `ON CONFLICT (device_id, metric, time) DO UPDATE SET n = excluded.n, sum = excluded.sum,
  min = excluded.min, max = excluded.max, first = excluded.first, last = excluded.last`;

function bucketsOf(table: string, width: string, scope: string): string {
  return `INSERT INTO ${table} (${COLUMNS})
    SELECT scope.device_id, scope.metric, bucket.time, n, sum, min, max, values[1], values[n]
    FROM (${scope}) AS scope CROSS JOIN LATERAL (
      SELECT date_bin('${width}', time, 'epoch') AS time, count(*)::int AS n, sum(value), min(value), max(value),
        array_agg(value ORDER BY time) AS values
      FROM readings
      WHERE readings.device_id = scope.device_id AND readings.metric = scope.metric
        AND readings.time >= scope."from" AND readings.time < scope."to"
      GROUP BY 1
    ) AS bucket ${REPLACE}`;
}

/**
 * Where something of the scope is packed, its hours and minutes are made here, of rows and stretches together, in place of
 * those of rows alone. Mostly nothing is: a day is packed long after its rollups are made, and repaired if readings of it
 * come later still.
 */
async function rollPacked(client: pg.ClientBase, scope: string, values: readonly unknown[]): Promise<void> {
  const { rows } = await client.query<PackedScope>(
    `SELECT scope.device_id AS "deviceId", scope.metric, scope."from", scope."to", packed.*, own.*
     FROM (${scope}) AS scope CROSS JOIN LATERAL (
       SELECT array_send(array_agg(since ORDER BY since)) AS since, array_send(array_agg(packed ORDER BY since)) AS packed
       FROM packed_readings AS p WHERE p.device_id = scope.device_id AND p.metric = scope.metric
         AND p.since > scope."from" - ${MOST_OF_A_STRETCH} AND p.since < scope."to"
     ) AS packed CROSS JOIN LATERAL (
       SELECT array_send(array_agg(time ORDER BY time)) AS time, array_send(array_agg(value ORDER BY time)) AS value
       FROM readings WHERE packed.since IS NOT NULL AND readings.device_id = scope.device_id
         AND readings.metric = scope.metric AND readings.time >= scope."from" AND readings.time < scope."to"
     ) AS own WHERE packed.since IS NOT NULL`,
    [...values],
  );
  if (rows.length === 0) return;
  const hours: KeyBucket[] = [];
  const minutes: KeyBucket[] = [];
  for (const { deviceId, metric, from, to, ...columns } of rows) {
    const key = { deviceId, metric };
    const time = readTimestamptzArray(columns.time);
    const own = { count: time.length, time, value: readFloat8Array(columns.value) };
    const stretches = [readTimestamptzArray(columns.since), readByteaArray(columns.packed)] as const;
    const readings = together(unpackedWithin(key, ...stretches, { from, to }), own);
    const ofHours = bucketed(readings, HOUR_MS);
    const dense = new Set(ofHours.filter(({ n }) => n > SPARSE_HOUR).map(({ time }) => time));
    const ofMinutes = bucketed(readings, MINUTE_MS).filter(({ time }) => dense.has(hourOf(time)));
    hours.push(...ofHours.map((bucket) => ({ ...key, ...bucket })));
    minutes.push(...ofMinutes.map((bucket) => ({ ...key, ...bucket })));
  }
  await replace(client, 'readings_1h', hours);
  await replace(client, 'readings_1m', minutes);
}

interface PackedScope extends Record<'since' | 'packed' | 'time' | 'value', Buffer | null>, KeyNumbers {
  readonly from: number;
  readonly to: number;
}

type KeyBucket = Bucket & KeyNumbers;

async function replace(client: pg.ClientBase, table: string, buckets: readonly KeyBucket[]): Promise<void> {
  await client.query(
    `INSERT INTO ${table} (${COLUMNS})
     SELECT * FROM unnest($1::int4[], $2::int2[], $3::timestamptz[], $4::int4[], $5::float8[], $6::float8[], $7::float8[],
       $8::float8[], $9::float8[]) ${REPLACE}`,
    [
      int4Array(buckets.map(({ deviceId }) => deviceId)),
      int2Array(buckets.map(({ metric }) => metric)),
      timestamptzArray(buckets.map(({ time }) => time)),
      int4Array(buckets.map(({ n }) => n)),
      ...(['sum', 'min', 'max', 'first', 'last'] as const).map((of) =>
        float8Array(buckets.map((bucket) => bucket[of])),
      ),
    ],
  );
}
