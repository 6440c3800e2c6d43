import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { effectsOf, ReadingStore, Rollups } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';

const database = await testDatabase();
const store = new ReadingStore({ database });
const rollups = new Rollups({ database });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MONDAY = Date.parse('2026-11-16T00:00:00Z');

async function insert(...rows: readonly (readonly [device: string, time: number, value: number])[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const [device, time, value] of rows) builder.add(device, 1, time, value);
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

/**
 * Three days of two loggers, of which two and a half are rolled up; then something late on the second day. One of them
 * is dense on the first and second: its hours have minutes.
 */
beforeAll(async () => {
  for (const device of ['a', 'b']) {
    const times = Array.from({ length: 3 * 24 * 12 }, (_, n) => MONDAY + n * 5 * MINUTE);
    await insert(...times.map((time, n) => [device, time, (n * 7) % 31] as const));
  }
  const dense = Array.from({ length: 48 * 180 }, (_, n) => MONDAY + 10_000 + n * 20_000);
  await insert(...dense.map((time, n) => ['b', time, (n * 11) % 37] as const));
  while (await rollups.advance(MONDAY + 60 * HOUR));
  await insert(['a', MONDAY + 30 * HOUR + MINUTE, 99], ['b', MONDAY + 30 * HOUR + 2 * MINUTE, -99]);
});

it('has rollups and a day to be repaired to try it on', async () => {
  const { rows } = await database.query(
    `SELECT (SELECT count(*)::int FROM readings_1h) AS hours, (SELECT count(*)::int FROM readings_1m) AS minutes,
       (SELECT count(*)::int FROM rollup_marks) AS marks`,
  );
  expect(rows).toEqual([{ hours: expect.any(Number), minutes: expect.any(Number), marks: 2 }]);
  expect(Math.min(rows[0]?.hours, rows[0]?.minutes)).toBeGreaterThan(100);
});

it('buckets are the same from the rollups as from the readings', async () => {
  const minutes = fc.integer({ min: -120, max: 75 * 60 });
  await fc.assert(
    fc.asyncProperty(minutes, minutes, fc.constantFrom(1, 5, 30, 60, 180, 1440), async (one, other, wide) => {
      const from = new Date(MONDAY + Math.min(one, other) * MINUTE).toISOString();
      const to = new Date(MONDAY + Math.max(one, other) * MINUTE).toISOString();
      const width = `${wide} minutes`;
      const buckets = await database.query(
        `SELECT time, device, n, min, round(mean::numeric, 9)::float8 AS mean, max
         FROM grafana.readings('{a,b}', 'temperature', $1, $2, $3)`,
        [from, to, width],
      );
      const straight = await database.query(
        `SELECT date_bin($3, time, 'epoch') AS time, name AS device, count(*) AS n, min(value),
           round(avg(value)::numeric, 9)::float8 AS mean, max(value)
         FROM readings JOIN devices ON id = device_id WHERE time >= $1 AND time < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
        [from, to, width],
      );
      expect(buckets.rows).toEqual(straight.rows);
    }),
    { numRuns: 60 },
  );
});

it('buckets of half a minute come from the readings alone', async () => {
  const { rows } = await database.query<{ n: number }>(
    `SELECT n FROM grafana.readings('{a}', 'temperature', '2026-11-16T00:00Z', '2026-11-16T00:10Z', '30 s')`,
  );
  expect(rows).toEqual([{ n: 1 }, { n: 1 }]);
});
