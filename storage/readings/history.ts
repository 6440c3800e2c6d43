import { type History, type KeyReadings, NO_READINGS } from '../../domain/index.ts';
import type { ReadDatabase } from '../database.ts';
import { timestamp } from '../types.ts';
import { DeviceIds } from './device-ids.ts';
import { readByteaArray, readFloat8Array, readTimestamptzArray } from './pack.ts';
import {
  firstOf,
  type KeyNumbers,
  lastOf,
  MOST_OF_A_STRETCH,
  stretchesUntil,
  together,
  unpackedWithin,
} from './packed-columns.ts';

/** Readings as they are stored, by key: what a rewind replays and a chart draws. */
export class PostgresHistory implements History {
  readonly #database: ReadDatabase;
  readonly #devices: DeviceIds;

  constructor(options: { database: ReadDatabase }) {
    this.#database = options.database;
    this.#devices = new DeviceIds(options);
  }

  async read(device: string, metric: number, from: number, to: number, limit?: number): Promise<KeyReadings> {
    const id = await this.#devices.find(device);
    if (id === undefined) return NO_READINGS;
    const key = { deviceId: id, metric };
    const values = [id, metric, timestamp(from), timestamp(to)];
    if (limit === undefined) {
      return (await this.#columns('readings in an interval', IN_INTERVAL, values, key, { from, to })).readings;
    }
    const name = 'first readings in an interval';
    return firstOf(await this.#asMany(name, FIRST_IN_INTERVAL, values, limit, key, { from, to }), limit);
  }

  async before(device: string, metric: number, before: number, count: number): Promise<KeyReadings> {
    const id = await this.#devices.find(device);
    if (id === undefined) return NO_READINGS;
    const span = { from: Number.NEGATIVE_INFINITY, to: before };
    const values = [id, metric, timestamp(before)];
    const found = await this.#asMany('readings before a time', BEFORE, values, count, { deviceId: id, metric }, span);
    return lastOf(found, count);
  }

  async keys(): Promise<{ device: string; metric: number; lastTime: number; lastValue: number }[]> {
    const latest = await latestReadings(this.#database, null);
    return latest.map(({ device, metric, time, value }) => ({ device, metric, lastTime: time, lastValue: value }));
  }

  /**
   * As {@link #columns}, of a query whose last parameters are how many readings it gives and how many stretches it looks at.
   * Some hold a day and some a minute: what few of them do not hold is asked for anew, or of a key with a thousand small
   * ones all would be read for the first two.
   */
  async #asMany(
    name: string,
    text: string,
    values: readonly unknown[],
    count: number,
    key: KeyNumbers,
    span: { readonly from: number; readonly to: number },
  ): Promise<KeyReadings> {
    const most = count + 1;
    for (let looked = FIRST_LOOKED_AT; ; looked *= LOOKED_AT_MORE) {
      const found = await this.#columns(name, text, [...values, count, Math.min(looked, most)], key, span);
      if (found.stretches < looked || looked >= most) return found.readings;
    }
  }

  /**
   * Rows and stretches as arrays in one row: a chart of a year is a hundred thousand readings, and a row each would be as
   * many objects. In one statement, which sees a week before it is packed or after. Prepared by name: planning over 59
   * partitions takes three times as long as reading (measured 1.5 and 0.4 ms).
   */
  async #columns(
    name: string,
    text: string,
    values: unknown[],
    key: KeyNumbers,
    span: { readonly from: number; readonly to: number },
  ): Promise<{ readonly readings: KeyReadings; readonly stretches: number }> {
    const { rows: found } = await this.#database.read((client) =>
      client.query<Record<'time' | 'value' | 'since' | 'packed', Buffer | null>>({ name, text, values }),
    );
    const [row = { time: null, value: null, since: null, packed: null }] = found;
    const time = readTimestamptzArray(row.time);
    const own = { count: time.length, time, value: readFloat8Array(row.value) };
    const stretches = readByteaArray(row.packed);
    const packed = unpackedWithin(key, readTimestamptzArray(row.since), stretches, span);
    return { readings: together(packed, own), stretches: stretches.length };
  }
}

/** Stretches that are looked at at first, and how many times more each time they were too few. */
const FIRST_LOOKED_AT = 64;
const LOOKED_AT_MORE = 8;

const OF_KEY = 'device_id = $1 AND metric = $2';
const ROWS_IN_INTERVAL = `SELECT time, value FROM readings WHERE ${OF_KEY} AND time >= $3 AND time < $4`;
/**
 * From the last that begins before the interval: a key's stretches follow each other, and of those before it none reaches in.
 * Where readings are counted from the first on, one that holds none of them must not be counted.
 */
const STRETCHES_FROM = `${OF_KEY} AND since < $4 AND since >= coalesce((
       SELECT since FROM packed_readings WHERE ${OF_KEY} AND since <= $3 AND since > $3::timestamptz - ${MOST_OF_A_STRETCH}
       ORDER BY since DESC LIMIT 1), $3)`;
const STRETCHES_IN_INTERVAL = `${OF_KEY} AND since > $3::timestamptz - ${MOST_OF_A_STRETCH} AND since < $4`;

/** @param own of `time` and `value` @param stretches of `since` and `packed`; may name the rows, as `own` */
function columnsOf(own: string, stretches: string): string {
  return `
    WITH own AS MATERIALIZED (${own})
    SELECT own.time, own.value, stretches.since, stretches.packed FROM (
      SELECT array_send(array_agg(time ORDER BY time)) AS time, array_send(array_agg(value ORDER BY time)) AS value FROM own
    ) AS own CROSS JOIN (
      SELECT array_send(array_agg(since ORDER BY since)) AS since, array_send(array_agg(packed ORDER BY since)) AS packed
      FROM (${stretches}) AS stretches
    ) AS stretches`;
}

const IN_INTERVAL = columnsOf(
  ROWS_IN_INTERVAL,
  `SELECT since, packed FROM packed_readings WHERE ${STRETCHES_IN_INTERVAL}`,
);
const FIRST_IN_INTERVAL = columnsOf(
  `${ROWS_IN_INTERVAL} ORDER BY time LIMIT $5`,
  stretchesUntil(STRETCHES_FROM, 'ASC', '$5::bigint', '$6::bigint'),
);
/** Where there are rows enough, stretches are asked for only if they may end after the first of those. */
const BEFORE = columnsOf(
  `SELECT time, value FROM readings WHERE ${OF_KEY} AND time < $3 ORDER BY time DESC LIMIT $4`,
  stretchesUntil(
    `${OF_KEY} AND since < $3 AND since > (
       SELECT CASE WHEN count(*) = $4::bigint THEN min(time) - ${MOST_OF_A_STRETCH} ELSE '-infinity' END FROM own)`,
    'DESC',
    '$4::bigint',
    '$5::bigint',
  ),
);

export interface LatestReading {
  readonly device: string;
  /** Metric code. */
  readonly metric: number;
  /** Event time, epoch ms UTC. */
  readonly time: number;
  readonly value: number;
}

/** The latest reading of each key, of some devices or (null) of all; an index probe or two a key, by device, then metric. */
export async function latestReadings(
  database: ReadDatabase,
  devices: readonly string[] | null,
): Promise<LatestReading[]> {
  return devices === null
    ? ask(database, 'latest readings', latestOf(''))
    : ask(database, 'latest readings of devices', latestOf('WHERE devices.name = ANY ($1)'), [devices]);
}

/** Names of devices that have readings, by name: the next ones after a name. */
export async function heardAfter(database: ReadDatabase, name: string, limit: number): Promise<readonly string[]> {
  const rows = await ask<{ name: string }>(database, 'devices heard after', HEARD_AFTER, [name, limit]);
  return rows.map((row) => row.name);
}

/** Event time of the newest stored reading, epoch ms UTC; -Infinity without any. An index probe or two a key. */
export async function newestTime(database: ReadDatabase): Promise<number> {
  const [row] = await ask<{ newest: number | null }>(database, 'newest reading', NEWEST);
  return row?.newest ?? Number.NEGATIVE_INFINITY;
}

function latestOf(which: string): string {
  return `SELECT devices.name AS device, key.metric, latest.time, latest.value
     FROM devices JOIN reading_keys AS key ON key.device_id = devices.id CROSS JOIN LATERAL
       latest_reading(key.device_id, key.metric) AS latest
     ${which} ORDER BY devices.name, key.metric`;
}

const HEARD_AFTER = `SELECT devices.name FROM devices
     WHERE devices.name > $1 AND EXISTS (
       SELECT FROM reading_keys AS key CROSS JOIN LATERAL latest_reading(key.device_id, key.metric) AS latest
       WHERE key.device_id = devices.id
     ) ORDER BY devices.name LIMIT $2`;

const NEWEST = `SELECT max(latest.time) AS newest FROM reading_keys AS key CROSS JOIN LATERAL
       latest_reading(key.device_id, key.metric) AS latest`;

/** Prepared by name: no bound of time prunes what is planned, and all partitions of it are milliseconds. */
async function ask<Row extends object>(
  database: ReadDatabase,
  name: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const { rows } = await database.read((client) => client.query<Row>({ name, text, values }));
  return rows;
}
