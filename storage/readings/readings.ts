import { InputError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { cursorOf, type Page, readCursor } from '../page.ts';
import { timestamp } from '../types.ts';
import { DeviceIds } from './device-ids.ts';
import { type LatestReading, latestReadings, PostgresHistory } from './history.ts';

/** Which readings: of one key, event times [from, to), epoch ms UTC. */
export interface ReadingQuery {
  readonly device: string;
  /** Metric code. */
  readonly metric: number;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cursor?: string;
}

export interface ReadingPoint {
  readonly time: number;
  readonly value: number;
}

/** What a key measured in one bucket [time, time + width). */
export interface ReadingBucket {
  readonly time: number;
  readonly n: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Widths in ms, aligned to the epoch (days are UTC days). */
export const RESOLUTIONS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
export type Resolution = keyof typeof RESOLUTIONS;

/** As many points as a wide screen has columns. */
const AUTO_POINTS = 2_000;

/** The finest resolution that shows an interval in at most {@link AUTO_POINTS} buckets. Times epoch ms UTC. */
export function autoResolution(from: number, to: number): Resolution {
  if (to - from <= AUTO_POINTS * RESOLUTIONS['1m']) return '1m';
  return to - from <= AUTO_POINTS * RESOLUTIONS['1h'] ? '1h' : '1d';
}

/** Stored readings as the API and charts ask for them. */
export class Readings {
  readonly #database: Database;
  readonly #history: PostgresHistory;
  readonly #devices: DeviceIds;

  constructor(options: { database: Database }) {
    this.#database = options.database;
    this.#history = new PostgresHistory(options);
    this.#devices = new DeviceIds(options);
  }

  /** Ascending. @throws {InputError} CURSOR_BAD */
  async page({ device, metric, from, to, limit, cursor }: ReadingQuery): Promise<Page<ReadingPoint>> {
    const start = startOf(from, cursor);
    const { count, time, value } = await this.#history.read(device, metric, start, to, limit + 1);
    const items = Array.from({ length: Math.min(count, limit) }, (_, i) => ({
      time: time[i] as number,
      value: value[i] as number,
    }));
    return { items, nextCursor: count > limit ? cursorOf([time[limit] as number]) : null };
  }

  /**
   * Ascending; buckets without a reading are left out. The first and last bucket hold only what lies in [from, to).
   * @throws {InputError} CURSOR_BAD
   */
  async buckets(query: ReadingQuery, resolution: Resolution): Promise<Page<ReadingBucket>> {
    const { device, metric, from, to, limit, cursor } = query;
    const id = await this.#devices.find(device);
    if (id === undefined) return { items: [], nextCursor: null };
    const width = RESOLUTIONS[resolution];
    // The first page begins at a reading as every other does: years before it would be pages of nothing.
    const first = await this.#history.read(device, metric, startOf(from, cursor), to, 1);
    if (first.count === 0) return { items: [], nextCursor: null };
    const start = first.time[0] as number;
    // As many buckets as the page could show, so that a page reads no more than it needs where readings are dense.
    const end = Math.min(to, (Math.floor(start / width) + limit) * width);
    const { rows } = await this.#database.query<ReadingBucket>(
      `SELECT date_bin($5::int * interval '1 millisecond', time, 'epoch') AS time,
         count(*)::int AS n, min(value), avg(value) AS mean, max(value)
       FROM readings WHERE device_id = $1 AND metric = $2 AND time >= $3 AND time < $4
       GROUP BY 1 ORDER BY 1`,
      [id, metric, timestamp(start), timestamp(end), width],
    );
    if (end >= to) return { items: rows, nextCursor: null };
    const next = await this.#history.read(device, metric, end, to, 1);
    return { items: rows, nextCursor: next.count === 0 ? null : cursorOf([next.time[0] as number]) };
  }

  /** The latest reading of each key, of some devices or of all; by device, then metric. */
  latest(devices?: readonly string[]): Promise<LatestReading[]> {
    return latestReadings(this.#database, devices ?? null);
  }
}

/** A cursor is the event time of the next reading. */
function startOf(from: number, cursor: string | undefined): number {
  if (cursor === undefined) return from;
  const [at = 0] = readCursor(cursor, 1);
  if (at < from) throw new InputError('CURSOR_BAD', 'cursor: it is from a list with an earlier from');
  return at;
}
