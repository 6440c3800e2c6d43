import { InputError } from '../../domain/index.ts';
import type { ReadDatabase } from '../database.ts';
import { cursorOf, type Page, readCursor } from '../page.ts';
import { Buckets, RESOLUTIONS, type ReadingBucket, type Resolution } from './buckets.ts';
import { DeviceIds } from './device-ids.ts';
import { heardAfter, type LatestReading, latestReadings, PostgresHistory } from './history.ts';

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

/** As many points as a chart takes in: some for each column of a wide screen, and a line over its whole width. */
const AUTO_POINTS = 4_000;
/** So many stored buckets of one key are read to draw a chart: 30 days of minutes, or 5 years of hours. */
const DRAWN_FROM = 43_200;
/** So many readings are read to draw a stretch of which minutes would be too coarse. */
const DRAWN_RAW = 30_000;
/** So few readings are shown as they are. */
const RAW_POINTS = 3_000;

/** The finest resolution that shows an interval in at most {@link AUTO_POINTS} buckets. Times epoch ms UTC. */
export function autoResolution(from: number, to: number): Resolution {
  if (to - from <= AUTO_POINTS * RESOLUTIONS['1m']) return '1m';
  return to - from <= AUTO_POINTS * RESOLUTIONS['1h'] ? '1h' : '1d';
}

/** Stored readings as the API and charts ask for them. */
export class Readings {
  readonly #database: ReadDatabase;
  readonly #history: PostgresHistory;
  readonly #devices: DeviceIds;
  readonly #buckets: Buckets;

  constructor(options: { database: ReadDatabase }) {
    this.#database = options.database;
    this.#history = new PostgresHistory(options);
    this.#devices = new DeviceIds(options);
    this.#buckets = new Buckets(options);
  }

  /** Ascending. @throws {InputError} CURSOR_INVALID */
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
   * @throws {InputError} CURSOR_INVALID
   */
  async buckets(query: ReadingQuery, resolution: Resolution): Promise<Page<ReadingBucket>> {
    const { device, metric, from, to, limit, cursor } = query;
    const id = await this.#devices.find(device);
    if (id === undefined) return NOTHING;
    const width = RESOLUTIONS[resolution];
    // A page begins at a reading: years before it would be pages of nothing.
    const start = await this.#buckets.first(id, metric, { from: startOf(from, cursor), to });
    if (start === null) return NOTHING;
    // As many buckets as the page could show, so that a page reads no more than it needs where readings are dense.
    const end = Math.min(to, (Math.floor(start / width) + limit) * width);
    const items = await this.#buckets.read(id, metric, { from: start, to: end }, resolution);
    const next = end >= to ? null : await this.#buckets.first(id, metric, { from: end, to });
    return { items, nextCursor: next === null ? null : cursorOf([next]) };
  }

  /**
   * What a chart of [from, to) shows: the readings themselves, each a bucket of its own, where they are few and none has
   * been dropped; else the finest buckets that are not too many. Minimum and maximum are of all readings, always.
   * @throws {InputError} CURSOR_INVALID
   */
  async fitting(query: ReadingQuery): Promise<Page<ReadingBucket> & { readonly resolution: Resolution | 'raw' }> {
    const { device, metric, from, to, limit, cursor } = query;
    const id = await this.#devices.find(device);
    if (id === undefined) return { ...NOTHING, resolution: 'raw' };
    const { kept } = await this.#buckets.state(id, metric, { from, to });
    if (cursor === undefined && limit >= RAW_POINTS && from >= kept) {
      const few = await this.page({ ...query, limit: RAW_POINTS });
      const items = few.items.map(({ time, value }) => ({ time, n: 1, min: value, mean: value, max: value }));
      if (few.nextCursor === null) return { items, nextCursor: null, resolution: 'raw' };
    }
    // Of an interval that reaches back for years, only the part that has readings counts.
    const first = await this.#buckets.first(id, metric, { from, to });
    const fine = autoResolution(first ?? from, to);
    const resolution = fine === '1m' && from < kept ? '1h' : fine;
    return { ...(await this.buckets(query, resolution)), resolution };
  }

  /**
   * What a chart of [from, to) is drawn from, all in one: the readings themselves where they are few, else the finest
   * buckets that can be read at once. Who draws joins neighbours, so that no extreme is lost.
   *
   * @param points as many as are wanted: minutes that would be fewer are read as readings
   */
  async drawn(
    query: Omit<ReadingQuery, 'limit' | 'cursor'>,
    points: number,
  ): Promise<{ readonly items: readonly ReadingBucket[]; readonly resolution: Resolution | 'raw' }> {
    const { device, metric, from, to } = query;
    const id = await this.#devices.find(device);
    if (id === undefined) return { items: [], resolution: 'raw' };
    const first = await this.#buckets.first(id, metric, { from, to });
    if (first === null) return { items: [], resolution: 'raw' };
    const { kept } = await this.#buckets.state(id, metric, { from, to });
    if (from >= kept) {
      const isClose = (to - first) / RESOLUTIONS['1m'] < points;
      const few = await this.page({ ...query, limit: isClose ? DRAWN_RAW : RAW_POINTS });
      const items = few.items.map(({ time, value }) => ({ time, n: 1, min: value, mean: value, max: value }));
      if (few.nextCursor === null) return { items, resolution: 'raw' };
    }
    const isFine = to - first <= DRAWN_FROM * RESOLUTIONS['1m'] && from >= kept;
    const resolution = isFine ? '1m' : to - first <= DRAWN_FROM * RESOLUTIONS['1h'] ? '1h' : '1d';
    return { items: await this.#buckets.read(id, metric, { from: first, to }, resolution), resolution };
  }

  /** Names of devices that have readings, by name: the next ones after a name. */
  async heardAfter(name: string, limit: number): Promise<readonly string[]> {
    return heardAfter(this.#database, name, limit);
  }

  /** The latest reading of each key, of some devices or of all; by device, then metric. */
  latest(devices?: readonly string[]): Promise<LatestReading[]> {
    return latestReadings(this.#database, devices ?? null);
  }
}

const NOTHING = { items: [], nextCursor: null };

/** A cursor is the event time of the next reading. */
function startOf(from: number, cursor: string | undefined): number {
  if (cursor === undefined) return from;
  const [at] = readCursor(cursor, ['time']);
  if (at < from) throw new InputError('CURSOR_INVALID', 'cursor: it is from a list with an earlier from');
  return at;
}
