import type { HistoryScan, Key, KeyReadings, KeyRuns, KeyStretch, KeyTail } from '../../domain/index.ts';
import type { ReadDatabase } from '../database.ts';
import { timestamp } from '../types.ts';
import { copyOut } from './copy-out.ts';
import { readByteaArray, readFloat8Array, readTimestamptzArray } from './pack.ts';
import {
  type KeyNumbers,
  lastOf,
  MOST_OF_A_STRETCH,
  runsWithin,
  stretchesUntil,
  together,
  unpackedWithin,
} from './packed-columns.ts';

/** Of the newest readings one statement brings, about. */
const READINGS_AT_ONCE = 100_000;
/** Of readings between two times one statement brings, about; a key is never divided. */
const BYTES_AT_ONCE = 1_600_000;
const MOST_KEYS_AT_ONCE = 4_000;
const FIRST_KEYS = 32;
const KEYS_A_PAGE = 200_000;
/** Statements under way: while one is judged the next two are read, on connections of their own. */
const AHEAD = 2;

/**
 * Many keys' readings in a few statements: one index range a key, its readings as two arrays a row and its stretches as
 * they are, unpacked here, in binary (`npm run bench -- backtest` puts it beside COPY of the table in the order it lies there).
 */
export class PostgresHistoryScan implements HistoryScan {
  readonly #database: ReadDatabase;
  readonly #keysAPage: number;

  /** @param options.keysAPage names read at once where it is all keys that are wanted */
  constructor(options: { readonly database: ReadDatabase; readonly keysAPage?: number }) {
    this.#database = options.database;
    this.#keysAPage = options.keysAPage ?? KEYS_A_PAGE;
  }

  async keys(): Promise<readonly Key[]> {
    return (await this.#allKeys()).map(({ device, metric }) => ({ device, metric }));
  }

  async *newest(
    count: number,
    wanted: readonly Key[] | null,
    isOwn: ((device: string) => boolean) | null = null,
  ): AsyncGenerator<readonly KeyTail[]> {
    const size = Math.min(MOST_KEYS_AT_ONCE, Math.ceil(READINGS_AT_ONCE / count));
    const lists = wanted === null ? this.#pagesOfKeys(isOwn) : [await this.#known(wanted)];
    for await (const keys of lists) {
      const blocks = function* () {
        for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
      };
      yield* readAhead(blocks(), (block) => this.#tails(block, count));
    }
  }

  async *between(wanted: readonly Key[], from: number, to: number): AsyncGenerator<readonly KeyStretch[]> {
    yield* this.#inBlocks(wanted, from, to, ({ key, own, since, packed }) => {
      const readings = together(unpackedWithin(key, since, packed, { from, to }), own);
      const bytes = columnBytes(readings);
      return readings.count === 0 ? null : { made: { device: key.device, metric: key.metric, readings }, bytes };
    });
  }

  async *runsBetween(wanted: readonly Key[], from: number, to: number): AsyncGenerator<readonly KeyRuns[]> {
    yield* this.#inBlocks(wanted, from, to, ({ key, own, since, packed }) => {
      const runs = runsWithin(key, since, packed, own, { from, to });
      const bytes = packed.reduce((sum, { length }) => sum + length, columnBytes(own));
      return runs.length === 0 ? null : { made: { device: key.device, metric: key.metric, runs }, bytes };
    });
  }

  /** What is made of each key that is stored in [from, to), null left out; some keys' a statement, as many as their bytes allow. */
  async *#inBlocks<T>(
    wanted: readonly Key[],
    from: number,
    to: number,
    make: (stored: StoredParts) => { readonly made: T; readonly bytes: number } | null,
  ): AsyncGenerator<readonly T[]> {
    const keys = await this.#known(wanted);
    let size = FIRST_KEYS;
    const blocks = function* () {
      for (let at = 0; at < keys.length; ) {
        const block = keys.slice(at, at + size);
        at += block.length;
        yield block;
      }
    };
    yield* readAhead(blocks(), async (block) => {
      const made = (await this.#stored(block, from, to)).flatMap((stored) => make(stored) ?? []);
      const bytes = made.reduce((sum, each) => sum + each.bytes, 0);
      const fitting = Math.floor((block.length * BYTES_AT_ONCE) / Math.max(1, bytes));
      size = Math.max(1, Math.min(fitting, 2 * block.length, MOST_KEYS_AT_ONCE));
      return made.map((each) => each.made);
    });
  }

  /** Newest first, as the index is read; turned round here, which is cheaper than a sort a key. */
  async #tails(block: readonly StoredKey[], count: number): Promise<KeyTail[]> {
    const beyond = `CASE WHEN cardinality(newest.time) = ${count} THEN newest.time[${count}] - ${MOST_OF_A_STRETCH} ELSE '-infinity' END`;
    const rows = await copyOut(
      this.#database,
      `SELECT key.nth::int4, newest.time, newest.value, packed.since, packed.packed, ARRAY[first.time]
       FROM ${keysOf(block)}
       CROSS JOIN LATERAL (
         SELECT least((SELECT time FROM ${OF_KEY} ORDER BY r.time LIMIT 1),
           (SELECT since FROM ${PACKED_OF_KEY} ORDER BY p.since LIMIT 1)) AS time
       ) AS first
       CROSS JOIN LATERAL (
         SELECT array_agg(time) AS time, array_agg(value) AS value
         FROM (SELECT time, value FROM ${OF_KEY} ORDER BY r.time DESC LIMIT ${count}) AS newest
       ) AS newest
       CROSS JOIN LATERAL (
         SELECT array_agg(since ORDER BY since) AS since, array_agg(packed ORDER BY since) AS packed
         FROM (${stretchesUntil(`p.device_id = key.device_id AND p.metric = key.metric AND p.since > ${beyond}`, 'DESC', String(count))}) AS p
       ) AS packed
       WHERE first.time IS NOT NULL`,
    );
    const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    return rows.map((row): KeyTail => {
      const { key, own, since, packed } = partsOf(block, row);
      const newest = { count: own.count, time: own.time.reverse(), value: own.value.reverse() };
      const [firstTime = Number.POSITIVE_INFINITY] = readTimestamptzArray(row[5] ?? null);
      const unpacked = unpackedWithin(key, since, packed, all);
      return { device: key.device, metric: key.metric, firstTime, readings: lastOf(together(unpacked, newest), count) };
    });
  }

  /** Rows and stretches in one statement, which sees a week before it is packed or after. */
  async #stored(block: readonly StoredKey[], from: number, to: number): Promise<StoredParts[]> {
    const rows = await copyOut(
      this.#database,
      `SELECT key.nth::int4, stretch.time, stretch.value, packed.since, packed.packed
       FROM ${keysOf(block)}
       CROSS JOIN LATERAL (
         SELECT array_agg(time) AS time, array_agg(value) AS value
         FROM (
           SELECT time, value FROM ${OF_KEY} AND r.time >= '${timestamp(from)}' AND r.time < '${timestamp(to)}'
           ORDER BY r.time
         ) AS stretch
       ) AS stretch
       CROSS JOIN LATERAL (
         SELECT array_agg(since) AS since, array_agg(packed) AS packed
         FROM (
           SELECT since, packed FROM ${PACKED_OF_KEY}
             AND p.since > timestamptz '${timestamp(from)}' - ${MOST_OF_A_STRETCH} AND p.since < '${timestamp(to)}'
           ORDER BY p.since
         ) AS packed
       ) AS packed
       WHERE stretch.time IS NOT NULL OR packed.since IS NOT NULL ORDER BY key.nth`,
    );
    return rows.map((row) => partsOf(block, row));
  }

  /** All keys of some devices, by and by: of ten million names not all are in memory at once. */
  async *#pagesOfKeys(isOwn: ((device: string) => boolean) | null): AsyncGenerator<readonly StoredKey[]> {
    let after: readonly [number, number] = [0, 0];
    for (;;) {
      const { rows } = await this.#database.query<StoredKey>(
        `SELECT devices.id, devices.name AS device, key.metric
         FROM (
           SELECT device_id, metric FROM reading_keys WHERE (device_id, metric) > ($1::int4, $2::int2)
           ORDER BY device_id, metric LIMIT $3
         ) AS key JOIN devices ON devices.id = key.device_id ORDER BY key.device_id, key.metric`,
        [...after, this.#keysAPage],
      );
      const own = isOwn === null ? rows : rows.filter(({ device }) => isOwn(device));
      if (own.length > 0) yield own;
      const last = rows.at(-1);
      if (last === undefined || rows.length < this.#keysAPage) return;
      after = [last.id, last.metric];
    }
  }

  async #allKeys(): Promise<StoredKey[]> {
    const { rows } = await this.#database.query<StoredKey>(
      `SELECT devices.id, devices.name AS device, key.metric
       FROM reading_keys key JOIN devices ON devices.id = key.device_id ORDER BY key.device_id, key.metric`,
    );
    return rows;
  }

  /** Keys whose device ever had a reading. */
  async #known(wanted: readonly Key[]): Promise<StoredKey[]> {
    const { rows } = await this.#database.query<{ id: number; name: string }>(
      'SELECT id, name FROM devices WHERE name = ANY ($1)',
      [[...new Set(wanted.map(({ device }) => device))]],
    );
    const ids = new Map(rows.map(({ id, name }) => [name, id]));
    return wanted.flatMap(({ device, metric }) => {
      const id = ids.get(device);
      return id === undefined ? [] : [{ id, device, metric }];
    });
  }
}

interface StoredKey extends Key {
  readonly id: number;
}

const OF_KEY = 'readings r WHERE r.device_id = key.device_id AND r.metric = key.metric';
const PACKED_OF_KEY = 'packed_readings p WHERE p.device_id = key.device_id AND p.metric = key.metric';

/** Numbers of ours, so they may stand in the statement as they are. */
function keysOf(keys: readonly StoredKey[]): string {
  const ids = keys.map(({ id }) => id).join();
  const metrics = keys.map(({ metric }) => metric).join();
  return `unnest('{${ids}}'::int4[], '{${metrics}}'::int2[]) WITH ORDINALITY AS key (device_id, metric, nth)`;
}

/** Of one key. */
interface StoredParts {
  readonly key: StoredKey & KeyNumbers;
  /** In rows. */
  readonly own: KeyReadings;
  /** When each stretch begins, ascending. */
  readonly since: Float64Array;
  readonly packed: readonly Buffer[];
}

/** A row that begins with which of the keys it is, from 1, and the arrays of its times and values, and of its stretches. */
function partsOf(
  keys: readonly StoredKey[],
  [nth, times, values, since, packed]: readonly (Buffer | null)[],
): StoredParts {
  const key = keys[(nth?.readInt32BE() ?? 0) - 1] as StoredKey;
  const time = readTimestamptzArray(times ?? null);
  return {
    key: { ...key, deviceId: key.id },
    own: { count: time.length, time, value: readFloat8Array(values ?? null) },
    since: readTimestamptzArray(since ?? null),
    packed: readByteaArray(packed ?? null),
  };
}

function columnBytes({ count }: KeyReadings): number {
  return 2 * Float64Array.BYTES_PER_ELEMENT * count;
}

/** What `read` makes of each block, in order, with {@link AHEAD} of them under way. */
async function* readAhead<B, T>(blocks: Iterable<B>, read: (block: B) => Promise<T>): AsyncGenerator<T> {
  const source = blocks[Symbol.iterator]();
  const underWay: Promise<T>[] = [];
  try {
    for (;;) {
      while (underWay.length < AHEAD) {
        const next = source.next();
        if (next.done) break;
        const reading = read(next.value);
        // One that fails while another is waited for is reported when its turn comes.
        reading.catch(() => {});
        underWay.push(reading);
      }
      const first = underWay.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    // Whoever stops early leaves no statement behind.
    await Promise.allSettled(underWay);
  }
}
