import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { ReadingBuilder, systemTime } from '../../domain/index.ts';
import { backUp } from '../backup/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { exportRecords } from '../export/index.ts';
import { type PackingOutcome, WeekPacker } from '../packed/week-packer.ts';
import { testDatabase } from '../testing/database.ts';
import { timestamp } from '../types.ts';
import { latestReadings, PostgresHistory } from './history.ts';
import { holdReadings } from './hold.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';

const TEMPERATURE = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
/** A Thursday: weeks of partitions begin there. */
const FIRST = Date.parse('2026-10-01T00:00:00Z');

const database = await testDatabase();
const packer = new WeekPacker({ database, time: systemTime });
const history = new PostgresHistory({ database });

function insert(store: ReadingStore, device: string, times: readonly number[], value = 5) {
  const builder = new ReadingBuilder();
  for (const time of times) builder.add(device, TEMPERATURE, time, value);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

const weekOf = (time: number) => new PartitionManager({ database }).partitionFor(time);
const pack = async (time: number) => packer.pack(await weekOf(time));
const minutes = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n * MINUTE);

async function times(device: string, at: number): Promise<number[]> {
  return [...(await history.read(device, TEMPERATURE, at, at + WEEK)).time];
}

/** When a statement waits for the advisory lock of this number. */
async function waitsFor(lock: number): Promise<void> {
  for (;;) {
    const { rows } = await database.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
      [lock],
    );
    if (rows.length > 0) return;
  }
}

/** A client that does something after each statement of such a text or name. */
function interrupted<C extends pg.ClientBase>(client: C, statement: string, work: () => Promise<void>): C {
  const query = async (asked: unknown, ...values: unknown[]) => {
    const result = await Reflect.apply(client.query, client, [asked, ...values]);
    const text = typeof asked === 'string' ? asked : (asked as { name?: string }).name;
    if (text?.includes(statement)) await work();
    return result;
  };
  return new Proxy(client, {
    get: (target, name) => {
      if (name !== 'query') return Reflect.get(target, name, target);
      // Streams of COPY are no promises.
      return (asked: object | string, ...values: unknown[]) =>
        typeof asked === 'object' && 'submit' in asked
          ? Reflect.apply(target.query, target, [asked])
          : query(asked, ...values);
    },
  });
}

describe('a week that is packed while somebody', () => {
  // A STABLE function looks at what was there when the statement around it began.
  test('has begun to ask a function of Grafana is in the answer', async () => {
    const at = FIRST;
    await insert(new ReadingStore({ database }), 'asked', minutes(at, 100));
    const LOCK = 7501;
    for (const [nth, asked] of [
      `(SELECT sum(n) AS n FROM grafana.readings('{asked}', 'temperature', $1, $2, '30 s'))`,
      `(SELECT count(*) AS n FROM grafana.latest('{asked}') WHERE "time" >= $1 AND "time" < $2)`,
    ].entries()) {
      await insert(new ReadingStore({ database }), 'other', [at + 3 * HOUR + nth]);
      const holder = await database.pool.connect();
      await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const answer = database.query<{ n: number }>(
        `SELECT asked.n::int AS n FROM (SELECT pg_advisory_lock_shared(${LOCK}) OFFSET 0) AS waiting CROSS JOIN LATERAL ${asked} AS asked`,
        [timestamp(at), timestamp(at + 2 * HOUR)],
      );
      await waitsFor(LOCK);
      expect(await pack(at)).toBe('packed');
      await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      holder.release();
      expect((await answer).rows[0]?.n).toBe(asked.includes('latest') ? 1 : 100);
    }
  });

  test('reads all in one snapshot waits until that is done', async () => {
    const at = FIRST + 2 * WEEK;
    await insert(new ReadingStore({ database }), 'snapshot', minutes(at, 50));
    await database.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      await holdReadings(client);
      await client.query('SELECT 1');
      expect(await pack(at)).toBe('busy');
      const { rows } = await client.query('SELECT count(*)::int AS count FROM readings_between($1, $2)', [
        timestamp(at),
        timestamp(at + WEEK),
      ]);
      expect(rows).toEqual([{ count: 50 }]);
    });
    expect(await pack(at)).toBe('packed');
    expect(await times('snapshot', at)).toEqual(minutes(at, 50));
  });

  test.each(['a backup', 'an export'])('makes %s is in it once', async (what) => {
    const at = FIRST + (what === 'a backup' ? 4 : 6) * WEEK;
    const device = what.replace(' ', '-');
    await insert(new ReadingStore({ database }), device, minutes(at, 60));
    const directory = await mkdtemp(join(tmpdir(), 'isotherm-moments-'));
    const outcomes: PackingOutcome[] = [];
    // Its first query: the snapshot is there, and nothing is read yet.
    const ours: Database = Object.create(database, {
      transaction: {
        value: <T>(work: (client: pg.PoolClient) => Promise<T>) =>
          database.transaction((client) =>
            work(
              interrupted(client, 'SELECT now() AS at', async () => {
                outcomes.push(await pack(at));
              }),
            ),
          ),
      },
    });
    try {
      if (what === 'a backup') {
        const { manifest } = await backUp({ database: ours, directory });
        const { rows } = await database.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM readings_between('-infinity', 'infinity')`,
        );
        const rowsOf = (name: string) => manifest.tables.find((table) => table.name === name)?.rows ?? 0;
        const { rows: packed } = await database.query<{ readings: number }>(
          'SELECT coalesce(sum(readings), 0)::int AS readings FROM packed_weeks',
        );
        expect(rowsOf('readings') + (packed[0]?.readings ?? 0)).toBe(rows[0]?.count);
      } else {
        await exportRecords({
          ...{ database: ours, directory, format: 'csv', from: at, to: at + WEEK, shipment: null },
        });
        const lines = (await readFile(join(directory, 'readings.csv'), 'utf8')).trim().split('\n');
        expect(lines).toHaveLength(61);
      }
      expect(outcomes).toEqual(['busy']);
    } finally {
      await rm(directory, { recursive: true });
    }
    expect(await times(device, at)).toEqual(minutes(at, 60));
  });
});

describe('the writer', () => {
  test('whose partition was dropped under it fails once, and its readings are in one of their own then', async () => {
    const at = FIRST + 8 * WEEK;
    const store = new ReadingStore({ database });
    await insert(store, 'dropped', minutes(at, 10));
    expect(await pack(at)).toBe('packed');
    await expect(insert(store, 'dropped', [at + HOUR])).rejects.toMatchObject({ code: '42P01' });
    expect(await insert(store, 'dropped', [at + HOUR])).toEqual({ inserted: 1, duplicates: 0, conflicts: [] });
    expect(await times('dropped', at)).toEqual([...minutes(at, 10), at + HOUR]);
    const { rows } = await database.query(`SELECT count(*)::int AS count FROM readings_odd WHERE time >= $1`, [
      timestamp(at),
    ]);
    expect(rows).toEqual([{ count: 0 }]);
  });

  test('takes what is packed for taken: the first in the log stays, and what is new joins the day', async () => {
    const at = FIRST + 10 * WEEK;
    await insert(new ReadingStore({ database }), 'late', minutes(at, 10));
    expect(await pack(at)).toBe('packed');
    for (const store of [new ReadingStore({ database }), new ReadingStore({ database })]) {
      expect(await insert(store, 'late', [at, at + MINUTE], 5)).toEqual({ inserted: 0, duplicates: 2, conflicts: [] });
    }
    const conflict = { device: 'late', metric: 'temperature', kept: 5, refused: 8, part: 0 };
    expect(await insert(new ReadingStore({ database }), 'late', [at + 1, at + MINUTE, at + 1, at], 8)).toEqual({
      ...{ inserted: 1, duplicates: 1 },
      conflicts: [
        { ...conflict, time: at + MINUTE, row: 1 },
        { ...conflict, time: at, row: 3 },
      ],
    });
    expect(await pack(at)).toBe('packed');
    const { time, value } = await history.read('late', TEMPERATURE, at, at + 2 * MINUTE);
    expect([...time]).toEqual([at, at + 1, at + MINUTE]);
    expect([...value]).toEqual([5, 8, 5]);
  });

  test('that has looked for what is packed is not overtaken by whoever packs', async () => {
    const at = FIRST + 12 * WEEK;
    const store = new ReadingStore({ database });
    await insert(store, 'slow', minutes(at, 10));
    const builder = new ReadingBuilder();
    builder.add('slow', TEMPERATURE, at + 1, 7);
    const outcomes: PackingOutcome[] = [];
    await database.transaction(async (client) => {
      const ours = interrupted(client, 'packed readings of days', async () => {
        outcomes.push(await pack(at));
      });
      await store.insert(effectsOf(ours), builder.view());
    });
    expect(outcomes).toEqual(['busy']);
    expect(await pack(at)).toBe('packed');
    expect(await times('slow', at)).toEqual([at, at + 1, ...minutes(at, 10).slice(1)]);
  });
});

test('a stretch that is damaged is named, and costs itself', async () => {
  const at = FIRST + 14 * WEEK;
  const day = 24 * HOUR;
  await insert(new ReadingStore({ database }), 'damaged', [...minutes(at, 10), ...minutes(at + day, 10)]);
  expect(await pack(at)).toBe('packed');
  await database.query(
    `UPDATE packed_readings SET packed = set_byte(packed, 30, get_byte(packed, 30) # 1) WHERE since = $1`,
    [timestamp(at)],
  );
  await expect(times('damaged', at)).rejects.toThrow(`the stretch from ${new Date(at).toISOString()} of device number`);
  expect([...(await history.read('damaged', TEMPERATURE, at + day, at + WEEK)).time]).toEqual(minutes(at + day, 10));
  expect(await latestReadings(database, ['damaged'])).toMatchObject([{ time: at + day + 9 * MINUTE }]);
  const store = new ReadingStore({ database });
  expect(await insert(store, 'damaged', [at + 3 * day])).toMatchObject({ inserted: 1 });
  expect(await insert(store, 'damaged', [at + day + 1])).toMatchObject({ inserted: 1 });
  // Of its own day too: it holds up no batch.
  expect(await insert(store, 'damaged', [at + 1])).toMatchObject({ inserted: 1 });
});

describe('what people ask in SQL', () => {
  const KEY = `device_id = 7 AND metric = 1`;
  const SPAN = `'2026-10-01T12:00Z', '2026-10-02T12:00Z'`;
  const cases: [string, string, RegExp][] = [
    ['of a key', `SELECT * FROM readings_between(7, 1::int2, ${SPAN})`, /since/],
    ['of all, limited to a key', `SELECT * FROM readings_between(${SPAN}) WHERE ${KEY}`, /since/],
    [
      'of some devices',
      `SELECT d.name, r.* FROM devices d CROSS JOIN LATERAL readings_between(d.id, 1::int2, ${SPAN}) r WHERE name = 'a'`,
      /since/,
    ],
    ['for the latest', 'SELECT * FROM latest_reading(7, 1::int2)', /device_id/],
    ['for the first', `SELECT * FROM first_reading(7, 1::int2, ${SPAN})`, /since/],
  ];
  test.each(cases)('%s finds rows and stretches by their keys', async (_, text, condition) => {
    const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`);
    const plan = rows.map((row) => row['QUERY PLAN']);
    const whole = plan.join('\n');
    expect(whole).not.toMatch(/Seq Scan on (readings|packed)/);
    // Unpacking itself is a function of one stretch, which is planned once (docs/decisions/0212).
    expect(whole).not.toMatch(/Function Scan on (readings|latest|first)/);
    const at = plan.findIndex((line) => line.includes('packed_readings_pkey'));
    expect(at).toBeGreaterThan(-1);
    expect(plan.slice(at, at + 2).join('\n')).toMatch(condition);
  });
});
