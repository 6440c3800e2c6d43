import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { RESOLUTIONS, type ReadingBucket } from './buckets.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';
import { Readings } from './readings.ts';
import { Rollups } from './rollups.ts';

const database = await testDatabase();
const store = new ReadingStore({ database });
const readings = new Readings({ database });
const rollups = new Rollups({ database });
const TEMPERATURE = 1;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONDAY = Date.parse('2026-11-16T00:00:00Z');

interface Row {
  readonly device: string;
  readonly time: number;
  readonly value: number;
}

function insert(rows: readonly Row[]) {
  const builder = new ReadingBuilder();
  for (const { device, time, value } of rows) builder.add(device, TEMPERATURE, time, value);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

const every = (device: string, step: number, from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({ device, time: from + n * step, value: n }));

async function settle(now: number): Promise<void> {
  while (await rollups.advance(now));
  while ((await rollups.repair()) > 0);
}

/** The slow obvious way: one pass over everything stored, grouped here. */
async function straight(device: string, from: number, to: number, width: number): Promise<ReadingBucket[]> {
  const { items } = await readings.page({ device, metric: TEMPERATURE, from, to, limit: 100_000 });
  const groups = Map.groupBy(items, ({ time }) => Math.floor(time / width) * width);
  return [...groups].map(([time, group]) => {
    const values = group.map(({ value }) => value);
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    return { time, n, min: Math.min(...values), mean, max: Math.max(...values) };
  });
}

/** What stands in a rollup table, first and last among it. */
async function stored(table: string, device: string): Promise<unknown[]> {
  const { rows } = await database.query(
    `SELECT time, n, sum, min, max, first, last FROM ${table} JOIN devices ON id = device_id WHERE name = $1 ORDER BY time`,
    [device],
  );
  return rows;
}

it('an hour and a day are rolled up once they are over, with first and last', async () => {
  await insert(every('logger-1', 20 * MINUTE, MONDAY, 80));
  await settle(MONDAY + 30 * HOUR);
  expect((await stored('readings_1h', 'logger-1')).slice(0, 2)).toEqual([
    { time: MONDAY, n: 3, sum: 3, min: 0, max: 2, first: 0, last: 2 },
    { time: MONDAY + HOUR, n: 3, sum: 12, min: 3, max: 5, first: 3, last: 5 },
  ]);
  expect(await stored('readings_1d', 'logger-1')).toEqual([
    { time: MONDAY, n: 72, sum: 2556, min: 0, max: 71, first: 0, last: 71 },
  ]);
  // Three readings an hour are their own minutes.
  expect(await stored('readings_1m', 'logger-1')).toEqual([]);
});

it('only an hour with many readings has minutes of its own', async () => {
  await insert(every('logger-3', 10 * SECOND, MONDAY, 400));
  await settle(MONDAY + 30 * HOUR);
  const minutes = await stored('readings_1m', 'logger-3');
  expect(minutes).toHaveLength(60);
  expect(minutes[1]).toEqual({ time: MONDAY + MINUTE, n: 6, sum: 51, min: 6, max: 11, first: 6, last: 11 });
});

it('a late reading changes the rollup of its day, and the answer at once', async () => {
  const late = { device: 'logger-1', time: MONDAY + 5 * MINUTE, value: 99 };
  await insert([late]);
  const query = { device: 'logger-1', metric: TEMPERATURE, from: MONDAY, to: MONDAY + DAY, limit: 100 };
  expect((await readings.buckets(query, '1d')).items).toEqual([
    { time: MONDAY, n: 73, min: 0, mean: 2655 / 73, max: 99 },
  ]);
  expect(await stored('readings_1d', 'logger-1')).toMatchObject([{ n: 72, max: 71 }]);
  await settle(MONDAY + 30 * HOUR);
  expect(await stored('readings_1d', 'logger-1')).toMatchObject([{ n: 73, max: 99, first: 0, last: 71 }]);
});

// The mark of an open transaction is not seen yet: the repair must not take the hour for done.
it('a repair beside a writer that has not committed loses nothing', async () => {
  const device = 'logger-1';
  const builder = new ReadingBuilder();
  builder.add(device, TEMPERATURE, MONDAY + 7 * MINUTE, 120);
  await insert([{ device, time: MONDAY + 6 * MINUTE, value: 110 }]);
  await database.transaction(async (client) => {
    await store.insert(effectsOf(client), builder.view());
    expect(await rollups.repair()).toBe(1);
    expect(await stored('readings_1d', device)).toMatchObject([{ max: 110 }]);
  });
  expect(await rollups.repair()).toBe(1);
  expect(await stored('readings_1d', device)).toMatchObject([{ max: 120 }]);
});

it('the watermark waits for a writer that began before it moved', async () => {
  const builder = new ReadingBuilder();
  builder.add('logger-2', TEMPERATURE, MONDAY + 31 * HOUR, 7);
  await insert(every('logger-1', MINUTE, MONDAY + 40 * HOUR, 1));
  await database.transaction(async (client) => {
    await store.insert(effectsOf(client), builder.view());
    expect(await rollups.advance(MONDAY + 41 * HOUR)).toBe(false);
  });
  await settle(MONDAY + 41 * HOUR);
  expect(await stored('readings_1h', 'logger-2')).toMatchObject([{ time: MONDAY + 31 * HOUR, n: 1 }]);
});

it('a clock that jumps years ahead and back moves nothing out of order', async () => {
  const device = 'logger-4';
  const now = MONDAY + 42 * HOUR;
  await insert(every(device, HOUR, MONDAY + 30 * HOUR, 10));
  await settle(now + 5 * 365 * DAY);
  // Stamped by the clock while it was wrong; then it is set right, and life goes on.
  await insert([{ device, time: now + 5 * 365 * DAY, value: 1 }]);
  await settle(now + 5 * 365 * DAY + DAY);
  await settle(now);
  await insert([{ device, time: now - 5 * MINUTE, value: 50 }]);
  expect((await database.query('SELECT FROM rollup_marks')).rowCount).toBe(0);
  await settle(now + 2 * HOUR);
  const query = { device, metric: TEMPERATURE, from: MONDAY, to: now + 6 * 365 * DAY, limit: 5_000 };
  expect((await readings.buckets(query, '1d')).items).toEqual(await straight(device, query.from, query.to, DAY));
});

it('the buckets of any interval are those of the readings, whatever came late, twice or otherwise', async () => {
  const device = fc.constantFrom('a', 'a', 'b');
  const value = fc.integer({ min: -80, max: 80 }).map((eighths) => eighths / 8);
  const time = fc.integer({ min: 0, max: 3 * 24 * 60 - 1 }).map((minute) => MONDAY + 7 * DAY + minute * MINUTE);
  const few = fc.array(fc.record({ device, time, value }), { minLength: 1, maxLength: 30 });
  // A logger of one a second for some minutes: enough for minutes of their own.
  const dense = fc
    .record({ device, time, value })
    .map((first) =>
      Array.from({ length: 150 }, (_, n) => ({ ...first, time: first.time + n * 2 * SECOND, value: n / 8 })),
    );
  const tick = fc.record({ now: fc.integer({ min: 24, max: 80 }) });
  const step = fc.oneof(
    { weight: 3, arbitrary: few },
    dense,
    { weight: 2, arbitrary: tick },
    fc.constant('repair' as const),
  );
  const interval = fc.tuple(fc.integer({ min: 0, max: 4_400 }), fc.integer({ min: 1, max: 4_400 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), interval, async (steps, [from, length]) => {
      for (const table of ['readings', 'readings_1m', 'readings_1h', 'readings_1d', 'rollup_marks']) {
        await database.query(`DELETE FROM ${table}`);
      }
      await database.query(`UPDATE rollup_state SET rolled = '-infinity', kept = '-infinity'`);
      await database.query(`UPDATE rollup_marking SET marking = '-infinity'`);
      store.forget();
      for (const one of steps) {
        if (one === 'repair') await rollups.repair();
        else if (!('now' in one)) await insert(one);
        else while (await rollups.advance(MONDAY + 7 * DAY + one.now * HOUR));
      }
      const start = MONDAY + 7 * DAY + from * MINUTE - 20 * SECOND;
      const cut = { from: start, to: start + length * MINUTE };
      for (const span of [cut, { from: MONDAY, to: MONDAY + 14 * DAY }]) {
        for (const resolution of ['1m', '1h', '1d'] as const) {
          const query = { device: 'a', metric: TEMPERATURE, ...span, limit: 100_000 };
          const expected = await straight('a', span.from, span.to, RESOLUTIONS[resolution]);
          expect((await readings.buckets(query, resolution)).items).toEqual(expected);
        }
      }
    }),
    { numRuns: 50 },
  );
});

it('what has been dropped stays in the charts', async () => {
  const device = 'logger-9';
  const first = Date.parse('2026-01-01T00:00:00Z');
  await insert([...every(device, HOUR, first, 48), { device, time: MONDAY, value: 3 }]);
  const partitions = new PartitionManager({ database });
  expect(await partitions.dropBefore(Date.parse('2026-02-01T00:00:00Z'))).toBeGreaterThan(0);
  const query = { device, metric: TEMPERATURE, from: first + 90 * MINUTE, to: MONDAY + DAY, limit: 5_000 };
  const { items, resolution } = await readings.fitting(query);
  expect([items[0], resolution, items.length]).toEqual([{ time: first, n: 24, min: 0, mean: 11.5, max: 23 }, '1d', 3]);
});
