import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeviceRange, ManualTime, ReadingBuilder, silentLogger } from '../../domain/index.ts';
import { Archive } from '../archive/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { PACKING_LOCK, packedWeeks, WeekPacker } from '../packed/index.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { ReadingStore } from '../readings/reading-store.ts';
import { Rollups } from '../readings/rollups.ts';
import { testDatabase } from '../testing/database.ts';
import { timestamp } from '../types.ts';
import { Deletions, Retention, Sweeper } from './index.ts';

/*
 * Retention of packed weeks against that of the same readings as rows, in two databases: whatever is kept, the same
 * readings stay, and the log of deletions says the same.
 */
const DAY = 86_400_000;
const WEEK = 7 * DAY;
const HOUR = 3_600_000;
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const WEEKS = 4;
const NOW = FIRST + (WEEKS + 1) * WEEK;
const DEVICES = ['logger-7', 'logger-8'];
const time = new ManualTime(NOW);

interface Side {
  readonly database: Database;
  readonly partitions: PartitionManager;
}

async function side(): Promise<Side> {
  const database = await testDatabase();
  return { database, partitions: new PartitionManager({ database }) };
}

async function write({ database, partitions }: Side, times: readonly number[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const device of DEVICES) for (const [i, at] of times.entries()) builder.add(device, 1, at, i / 10);
  partitions.forget();
  const store = new ReadingStore({ database, partitions });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

async function pack({ database, partitions }: Side): Promise<void> {
  await new Rollups({ database }).rollUpTo(FIRST + WEEKS * WEEK);
  for (const week of await partitions.list()) {
    if (week.to > FIRST + WEEKS * WEEK) continue;
    expect(await new WeekPacker({ database, time }).pack(week)).toBe('packed');
  }
  partitions.forget();
}

function retention({ database, partitions }: Side, ranges: readonly DeviceRange[], days: number): Retention {
  const deletions = new Deletions({ database });
  return new Retention({
    ...{ deletions, time, logger: silentLogger, archive: new Archive({ database }) },
    sweeper: new Sweeper({ database, partitions, deletions, time, logger: silentLogger }),
    readings: { ms: days * DAY, text: `${days}d` },
    originals: null,
    kept: async () => ({ shipments: new Set(), ranges }),
  });
}

async function stored({ database }: Side): Promise<string[]> {
  const { rows } = await database.query<{ name: string; time: number; value: number }>(
    `SELECT d.name, one.time, one.value FROM devices d
     CROSS JOIN LATERAL readings_between(d.id, 1::int2, $1, $2) AS one ORDER BY 1, 2`,
    [timestamp(FIRST - WEEK), timestamp(NOW + WEEK)],
  );
  return rows.map(({ name, time: at, value }) => `${name} ${(at - FIRST) / HOUR} ${value}`);
}

const told = async ({ database }: Side) =>
  (await new Deletions({ database }).list({ limit: 100 })).map(({ what, from, to, extent, deleted, kept }) => ({
    ...{ what, from, to, extent, deleted, kept },
  }));

/** Every six hours, and one at the end, which says what is old. */
const TIMES = [...Array.from({ length: WEEKS * 28 }, (_, i) => FIRST + i * 6 * HOUR), NOW];
const LATE = [FIRST + HOUR, FIRST + WEEK + HOUR, FIRST + 2 * WEEK + DAY + HOUR];

const range = fc.record({
  device: fc.constantFrom(...DEVICES),
  from: fc.integer({ min: 0, max: WEEKS * 28 }),
  length: fc.integer({ min: 1, max: 20 }),
});

test('whatever is kept, packed weeks lose and keep what rows would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(range, { maxLength: 3 }), { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 7, max: 30 }),
      fc.boolean(),
      async (sweeps, days, isLate) => {
        const [rows, packed] = [await side(), await side()];
        for (const one of [rows, packed]) await write(one, TIMES);
        await pack(packed);
        if (isLate) for (const one of [rows, packed]) await write(one, LATE);
        expect((await packedWeeks(packed.database)).length).toBe(WEEKS);
        for (const kept of sweeps) {
          const ranges = kept.map(({ device, from, length }) => ({
            ...{ device, from: FIRST + from * 6 * HOUR },
            to: FIRST + (from + length) * 6 * HOUR,
          }));
          const results = [await retention(rows, ranges, days).run(), await retention(packed, ranges, days).run()];
          expect(results[1]).toEqual(results[0]);
          expect(await stored(packed)).toEqual(await stored(rows));
          expect(await told(packed)).toEqual(await told(rows));
        }
      },
    ),
    { numRuns: 4 },
  );
}, 240_000);

test('a week that is being packed is swept the next time', async () => {
  const packed = await side();
  await write(packed, TIMES);
  await pack(packed);
  const client = await packed.database.pool.connect();
  await client.query('SELECT pg_advisory_lock($1)', [PACKING_LOCK]);
  try {
    const before = await stored(packed);
    const kept = [{ device: 'logger-7', from: FIRST + WEEK, to: FIRST + WEEK + 1 }];
    expect(await retention(packed, kept, 7).run()).toMatchObject({ readings: 0, postponed: WEEKS });
    expect(await stored(packed)).toEqual(before);
    await client.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
    expect(await retention(packed, kept, 7).run()).toMatchObject({ readings: 2 * WEEKS * 28 - 9, postponed: 0 });
  } finally {
    client.release();
  }
});

test('a damaged stretch that something of is kept in stays, and all else goes', async () => {
  const packed = await side();
  await write(packed, TIMES);
  await pack(packed);
  await packed.database.query(
    `UPDATE packed_readings SET packed = set_byte(packed, 12, get_byte(packed, 12) # 1)
     WHERE since >= $1 AND since < $1::timestamptz + interval '2 days'`,
    [timestamp(FIRST)],
  );
  // Kept from noon on, with its margin: of the second day a half.
  const kept = [{ device: 'logger-7', from: FIRST + 2.5 * DAY, to: FIRST + 3 * DAY }];
  expect(await retention(packed, kept, 7).run()).toMatchObject({ postponed: 0 });
  const { rows } = await packed.database.query<{ since: number; isWhole: boolean }>(
    `SELECT since, packed_stretch_is_whole(device_id, metric, since, packed) AS "isWhole"
     FROM packed_readings WHERE since < $1 ORDER BY since`,
    [timestamp(FIRST + WEEK)],
  );
  expect(rows.map(({ since, isWhole }) => [(since - FIRST) / DAY, isWhole])).toEqual([
    [1, false],
    [2, true],
    [3, true],
  ]);
  expect(await retention(packed, [], 7).run()).toMatchObject({ postponed: 0 });
  expect(await packedWeeks(packed.database)).toEqual([]);
});
