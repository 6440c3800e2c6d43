import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DefectError, joinReadings, type KeyReadings, NO_READINGS, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { copyOut } from '../readings/copy-out.ts';
import { int2Array, int4Array, readFloat8Array, readTimestamptzArray } from '../readings/pack.ts';
import { type KeyNumbers, lowerBound, unpackedWithin } from '../readings/packed-columns.ts';
import { changed, changedOn, isOfAWeek, type Partition } from '../readings/partition.ts';
import { timestamp } from '../types.ts';
import { copyOfStretches } from './copy-stretches.ts';
import { joinLate } from './late-readings.ts';
import { NOTHING_PACKED, notePacked, type PackedAmount } from './packed-weeks.ts';
import { whilePacking } from './packing-lock.ts';
import { INLINE_BYTES, type PackedStretch, packStretches } from './stretches.ts';

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

/** Readings at once: what is in memory is some thirty bytes of each, and the process stands still for 20 ms. */
const READINGS_AT_ONCE = 200_000;

/** Of a key with more of them, so many stretches at once: some thousand readings each. */
const STRETCHES_AT_ONCE = 200;

/** The last step asks so often for the partition, each time for {@link changed}'s wait, before the week is given up for now. */
const SWAP_ATTEMPTS = 5;

/**
 * Packs a week of `readings`: its keys one after another into `packing_readings`, which nobody reads, then all of them in
 * one transaction into `packed_readings`, with which the week's partition is dropped. A reader sees each reading once at
 * every moment. Stopped anywhere, what was made is thrown away by the next that packs.
 *
 * A week that has been packed may have rows again, of readings that came late: they join what is packed of their key. What a
 * backlog was written as in many small stretches (`readings/pieces.ts`) becomes few.
 */
export class WeekPacker {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #atOnce: { readonly readings: number; readonly stretches: number };
  readonly #standsStillMs: number | undefined;

  /**
   * @param options.atOnce what is in memory at once; for tests
   * @param options.standsStillMs as {@link whilePacking}'s
   */
  constructor(options: {
    database: Database;
    time: TimeSource;
    atOnce?: { readonly readings: number; readonly stretches: number };
    standsStillMs?: number;
  }) {
    this.#database = options.database;
    this.#time = options.time;
    this.#standsStillMs = options.standsStillMs;
    this.#atOnce = options.atOnce ?? { readings: READINGS_AT_ONCE, stretches: STRETCHES_AT_ONCE };
  }

  /**
   * @param week one that nothing is written into but late readings, and whose rollups are made
   * @throws {DefectError} PACKING_NOT_A_WEEK
   * @throws {DefectError} PACKED_STRETCH_DAMAGED of one that late readings are to join
   */
  async pack(week: Partition, wishes: PackingWishes = {}): Promise<PackingOutcome> {
    if (!isOfAWeek(week)) {
      throw new DefectError('PACKING_NOT_A_WEEK', `${week.table} is no partition of a week`, { table: week.table });
    }
    const pack = (client: pg.ClientBase) => this.#pack(client, week, wishes);
    const outcome = await whilePacking(this.#database, pack, this.#standsStillMs);
    return outcome ?? 'busy';
  }

  async #pack(client: pg.ClientBase, week: Partition, wishes: PackingWishes): Promise<PackingOutcome> {
    // Whoever makes a backup has the table for as long as that takes: nothing is made that could not be put in place.
    const isFree = await changed(this.#database, (own) =>
      own.query('LOCK TABLE ONLY readings IN ACCESS EXCLUSIVE MODE'),
    );
    if (!isFree) return 'busy';
    await client.query('DELETE FROM packing_readings');
    const keys = await keysToPack(client, week);
    const of = keys.reduce((sum, { rows }) => sum + rows, 0);
    let read = 0;
    let made = NOTHING_PACKED;
    for (const block of blocksOf(keys, this.#atOnce.readings)) {
      let begun = this.#time.monotonic();
      for await (const part of this.#partsOf(client, week, block)) {
        if (wishes.signal?.aborted) return 'stopped';
        if (part === 'unfit') return 'unfit';
        read += part.read;
        made = plus(made, amountOf(part.stretches));
        const stream = client.query(copyFrom('COPY packing_readings FROM STDIN (FORMAT binary)'));
        stream.end(copyOfStretches(part.stretches));
        await finished(stream);
        await wishes.onBlock?.(read, of, this.#time.monotonic() - begun);
        begun = this.#time.monotonic();
      }
    }
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#swap(client, week, read, made);
      if (outcome === 'packed') wishes.onPacked?.(made);
      if (outcome !== 'busy' || attempt === SWAP_ATTEMPTS || wishes.signal?.aborted) return outcome;
    }
  }

  /** What the rows and stretches of some keys become, together or, of one key with many, part after part. */
  async *#partsOf(client: pg.ClientBase, week: Partition, keys: readonly KeyAmount[]): AsyncGenerator<Part | 'unfit'> {
    const [first] = keys;
    if (first !== undefined && keys.length === 1 && first.readings > this.#atOnce.readings) {
      return yield* this.#slicesOf(client, week, first);
    }
    const rows = await this.#rowsOf(week, keys);
    if (rows.some(({ isExact }) => !isExact)) return yield 'unfit';
    const packed = await packedOf(client, keys, week);
    const own = new Map(rows.map((one) => [`${one.deviceId} ${one.metric}`, one.readings]));
    yield {
      read: rows.reduce((sum, { readings }) => sum + readings.count, 0),
      stretches: keys.flatMap(({ deviceId, metric }, i) => {
        const late = own.get(`${deviceId} ${metric}`) ?? NO_READINGS;
        return packStretches(deviceId, metric, joinLate(packed[i] ?? NO_READINGS, late).readings);
      }),
    };
  }

  /** One key's week, a stretch of time after the other: a reading every 20 ms makes thirty million of them. */
  async *#slicesOf(client: pg.ClientBase, week: Partition, key: KeyNumbers): AsyncGenerator<Part | 'unfit'> {
    const { readings: mostReadings, stretches: mostStretches } = this.#atOnce;
    const { deviceId, metric } = key;
    // Of a stretch that reaches beyond where a slice ends.
    let carried = NO_READINGS;
    for (let from = week.from; from < week.to; ) {
      const [own] = await this.#rowsOf(week, [key], { from, limit: mostReadings });
      if (own?.isExact === false) return yield 'unfit';
      const rows = own?.readings ?? NO_READINGS;
      const begun = await stretchesFrom(client, key, { from, to: week.to }, mostStretches + 1);
      const to = Math.min(
        week.to,
        rows.count === mostReadings ? (rows.time[rows.count - 1] as number) + 1 : week.to,
        begun.length > mostStretches ? (begun.at(-1)?.since as number) : week.to,
      );
      const late = before(rows, to);
      const packed = unpackedOf(
        key,
        begun.filter(({ since }) => since < to),
      );
      const joined = joinLate(joinReadings(carried, packed), late).readings;
      const done = before(joined, to);
      carried = behind(joined, done.count);
      yield { read: late.count, stretches: packStretches(deviceId, metric, done) };
      from = to;
    }
  }

  /** Of keys that have rows in the week; from a time on, and no more than so many a key. */
  async #rowsOf(
    { table, from: begin }: Partition,
    keys: readonly KeyNumbers[],
    { from, limit }: { readonly from: number; readonly limit: number | null } = { from: begin, limit: null },
  ): Promise<KeyRows[]> {
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
           SELECT time, value FROM ${table} r
           WHERE r.device_id = key.device_id AND r.metric = key.metric AND r.time >= '${timestamp(from)}'
           ORDER BY time LIMIT ${limit ?? 'ALL'}
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

  /**
   * On the session that has the lock: who has lost that, to another who makes the week anew by now, puts nothing in place.
   * @param read rows of the week that went into what was made
   */
  async #swap(client: pg.ClientBase, week: Partition, read: number, made: PackedAmount): Promise<PackingOutcome> {
    const { table, from, to } = week;
    let outcome: PackingOutcome = 'busy';
    const isDone = await changedOn(client, async () => {
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

/** What a key has in a week. */
interface KeyAmount extends KeyNumbers {
  readonly rows: number;
  /** In rows and packed. */
  readonly readings: number;
}

/** What some of a week's readings become. */
interface Part {
  /** Rows that went into it. */
  readonly read: number;
  readonly stretches: readonly PackedStretch[];
}

interface KeyRows extends KeyNumbers {
  readonly readings: KeyReadings;
  /** Its times are whole milliseconds. */
  readonly isExact: boolean;
}

/** Neighbouring keys of not more than so many readings in all; one with more is alone. */
function* blocksOf(keys: readonly KeyAmount[], atOnce: number): Generator<readonly KeyAmount[]> {
  let block: KeyAmount[] = [];
  let readings = 0;
  for (const key of keys) {
    if (block.length > 0 && readings + key.readings > atOnce) {
      yield block;
      block = [];
      readings = 0;
    }
    block.push(key);
    readings += key.readings;
  }
  if (block.length > 0) yield block;
}

/**
 * Keys that have rows in the week, and keys of which a day lies in more than twice as many stretches as it fills. Those
 * without rows stay as they are where one of their stretches is damaged: nobody waits for them.
 */
async function keysToPack(client: pg.ClientBase, { table, from, to }: Partition): Promise<KeyAmount[]> {
  const { rows: ofRows } = await client.query<KeyNumbers & { count: number }>(
    `SELECT device_id AS "deviceId", metric, count(*)::bigint AS count FROM ${table} GROUP BY device_id, metric`,
  );
  const { rows: ofStretches } = await client.query<KeyNumbers & { count: number; isScattered: boolean }>(
    `SELECT key.device_id AS "deviceId", key.metric, sum(day.readings)::bigint AS count,
       bool_or(day.stretches > 2 * ceil(day.bytes / ${INLINE_BYTES}.0)) AND bool_and(day.are_whole) AS "isScattered"
     FROM reading_keys AS key CROSS JOIN LATERAL (
       SELECT count(*) AS stretches, sum(packed_count(p.packed)) AS readings, sum(length(p.packed)) AS bytes,
         bool_and(packed_stretch_is_whole(p.device_id, p.metric, p.since, p.packed)) AS are_whole
       FROM packed_readings AS p
       WHERE p.device_id = key.device_id AND p.metric = key.metric AND p.since >= $1 AND p.since < $2
       GROUP BY date_bin('1 day', p.since, 'epoch')
     ) AS day GROUP BY key.device_id, key.metric`,
    [timestamp(from), timestamp(to)],
  );
  const keys = new Map<string, KeyAmount>();
  for (const { deviceId, metric, count } of ofRows) {
    keys.set(`${deviceId} ${metric}`, { deviceId, metric, rows: count, readings: count });
  }
  for (const { deviceId, metric, count, isScattered } of ofStretches) {
    const rows = keys.get(`${deviceId} ${metric}`)?.rows ?? 0;
    if (rows > 0 || isScattered) keys.set(`${deviceId} ${metric}`, { deviceId, metric, rows, readings: rows + count });
  }
  return [...keys.values()].sort((a, b) => a.deviceId - b.deviceId || a.metric - b.metric);
}

/** The first stretches of a key that begin in an interval. */
async function stretchesFrom(
  client: pg.ClientBase,
  { deviceId, metric }: KeyNumbers,
  { from, to }: { readonly from: number; readonly to: number },
  limit: number,
): Promise<Begun[]> {
  const { rows } = await client.query<Begun>(
    `SELECT since, packed FROM packed_readings
     WHERE device_id = $1 AND metric = $2 AND since >= $3 AND since < $4 ORDER BY since LIMIT $5`,
    [deviceId, metric, timestamp(from), timestamp(to), limit],
  );
  return rows;
}

function before({ time, value }: KeyReadings, end: number): KeyReadings {
  const count = lowerBound(time, end);
  return { count, time: time.subarray(0, count), value: value.subarray(0, count) };
}

function behind({ count, time, value }: KeyReadings, first: number): KeyReadings {
  return { count: count - first, time: time.slice(first), value: value.slice(first) };
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
  const stretches = keys.map((): Begun[] => []);
  for (const { nth, ...stretch } of rows) stretches[nth - 1]?.push(stretch);
  return keys.map((key, i) => unpackedOf(key, stretches[i] ?? []));
}

/** A stretch of a key that is known. */
interface Begun {
  readonly since: number;
  readonly packed: Buffer;
}

function unpackedOf(key: KeyNumbers, stretches: readonly Begun[]): KeyReadings {
  const since = Float64Array.from(stretches, ({ since }) => since);
  const packed = stretches.map((stretch) => stretch.packed);
  return unpackedWithin(key, since, packed, { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY });
}
