import { beforeEach, describe, expect, test } from 'vitest';
import { ManualTime, ReadingBuilder, silentLogger, silentMeter, Troubles } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { ReadingStore } from '../readings/reading-store.ts';
import { Rollups } from '../readings/rollups.ts';
import { testDatabase } from '../testing/database.ts';
import { timestamp } from '../types.ts';
import { checkPacked } from './damaged-stretches.ts';
import { packedWeeks } from './packed-weeks.ts';
import { ReadingsPacking } from './packing.ts';
import { readyWeeks } from './ready-weeks.ts';
import { WeekUnpacker } from './week-unpacker.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const HOUR = 3_600_000;
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const NOW = FIRST + 3 * WEEK + 2 * DAY;

let database: Database;
let partitions: PartitionManager;
let time: ManualTime;
let troubles: Troubles;

beforeEach(async () => {
  database = await testDatabase();
  partitions = new PartitionManager({ database });
  time = new ManualTime(NOW);
  troubles = new Troubles();
});

const packing = (isOn = true) =>
  new ReadingsPacking({ database, partitions, time, troubles, isOn, logger: silentLogger, meter: silentMeter });

/** A round, while the clock goes on for whoever sleeps. */
async function round(one: ReadingsPacking): Promise<void> {
  let isDone = false;
  const running = one.run().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await time.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await running;
}

async function write(...times: readonly number[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const at of times) builder.add('logger-1', 1, at, (at - FIRST) / DAY);
  partitions.forget();
  await database.transaction((client) =>
    new ReadingStore({ database, partitions }).insert(effectsOf(client), builder.view()),
  );
}

/** Hourly, from the first week on to now. */
async function measured(): Promise<void> {
  await write(...Array.from({ length: (NOW - FIRST) / HOUR }, (_, i) => FIRST + i * HOUR));
}

const rollUp = () => new Rollups({ database }).rollUpTo(FIRST + 3 * WEEK + DAY);

async function stored(): Promise<string[]> {
  const { rows } = await database.query<{ time: number; value: number }>(
    'SELECT time, value FROM readings_between(1, 1::int2, $1, $2) ORDER BY time',
    [timestamp(FIRST - WEEK), timestamp(NOW + WEEK)],
  );
  return rows.map((row) => `${row.time} ${row.value}`);
}

const weeksOfRows = async () =>
  (await partitions.list()).map(({ from }) => (from - FIRST) / WEEK).filter((week) => week <= 3);

describe('packing by upkeep', () => {
  test('packs weeks that are over for a day, and each reading is there once', async () => {
    await measured();
    await rollUp();
    const before = await stored();
    await round(packing());
    expect((await packedWeeks(database)).map(({ from, readings }) => [(from - FIRST) / WEEK, readings])).toEqual([
      [0, 168],
      [1, 168],
      [2, 168],
    ]);
    expect(await weeksOfRows()).toEqual([3]);
    expect(await stored()).toEqual(before);
    expect(troubles.list()).toEqual([]);
  });

  test('packs nothing where it is off', async () => {
    await measured();
    await rollUp();
    await round(packing(false));
    expect(await packedWeeks(database)).toEqual([]);
  });

  test('leaves a week that the rollups have not passed, or one of whose days is marked', async () => {
    await measured();
    await new Rollups({ database }).rollUpTo(FIRST + 2 * WEEK + DAY);
    await database.query('INSERT INTO rollup_marks VALUES (1, 1, $1)', [timestamp(FIRST + 2 * DAY)]);
    await round(packing());
    expect((await packedWeeks(database)).map(({ from }) => (from - FIRST) / WEEK)).toEqual([1]);
  });

  test('leaves weeks that a consumer of the log may still bring readings of', async () => {
    await measured();
    await rollUp();
    await database.query(`
      INSERT INTO log_head (family, partition, position) VALUES ('readings', 0, 2);
      INSERT INTO log_consumers VALUES ('writer', true, 0, 0), ('influx', false, 0, 0);
      INSERT INTO log_checkpoints (consumer, family, partition, position) VALUES ('writer', 'readings', 0, 1), ('influx', 'readings', 0, 0);
      CREATE TABLE log_readings_0 PARTITION OF log_readings FOR VALUES FROM (0) TO (1048576);
      INSERT INTO log_readings VALUES (1, 0, 'readings', 1, 's', NULL, ${FIRST}, ''), (2, 0, 'readings', 1, 's', NULL, ${FIRST + WEEK + DAY + 1}, '')`);
    const ready = async () =>
      (await readyWeeks({ database, partitions, now: NOW }))?.map(({ from }) => (from - FIRST) / WEEK);
    expect(await ready()).toEqual([]);
    // The mirror fell behind the cap: the log does not wait for it, nor does packing.
    await database.query(`UPDATE log_checkpoints SET detached = 1 WHERE consumer = 'influx'`);
    expect(await ready()).toEqual([0]);
    await database.query(`UPDATE log_checkpoints SET position = 2 WHERE consumer = 'writer'`);
    expect(await ready()).toEqual([0, 1, 2]);
  });

  test('a week with late rows is packed again a day after they were seen', async () => {
    await measured();
    await rollUp();
    await round(packing());
    await write(FIRST + HOUR / 2);
    await database.query('DELETE FROM rollup_marks');
    const before = await stored();
    await round(packing());
    expect(await weeksOfRows()).toEqual([0, 3]);
    await time.advance(DAY + HOUR);
    await round(packing());
    expect(await weeksOfRows()).toEqual([3]);
    expect(await stored()).toEqual(before);
    expect((await packedWeeks(database))[0]).toMatchObject({ readings: 169, rowsSince: null });
  });

  test('a damaged stretch is named, and what else there is is packed and read', async () => {
    await measured();
    await rollUp();
    await round(packing());
    await database.query(
      'UPDATE packed_readings SET packed = set_byte(packed, 20, get_byte(packed, 20) # 1) WHERE since = $1',
      [timestamp(FIRST + 2 * DAY)],
    );
    expect((await checkPacked(database)).damaged).toEqual([
      { device: 'logger-1', deviceId: 1, metric: 1, since: FIRST + 2 * DAY },
    ]);
    await round(packing());
    expect(troubles.list()).toMatchObject([
      {
        ...{ part: 'packed-readings', code: 'PACKED_STRETCH_DAMAGED' },
        text: expect.stringContaining('logger-1, metric 1, from 2026-10-03T00:00:00.000Z'),
      },
    ]);
    // Late readings cannot join it: their week stays rows, told; another week's do.
    await write(FIRST + 2 * DAY + HOUR / 2, FIRST + WEEK + HOUR / 2);
    await database.query('DELETE FROM rollup_marks');
    await round(packing());
    await time.advance(DAY + HOUR);
    await round(packing());
    expect(await weeksOfRows()).toEqual([0, 3]);
    expect(troubles.list().map(({ part }) => part)).toContain('packing');
  });
});

describe('the way back', () => {
  test('makes a week rows again, and what was first in the log stays', async () => {
    await measured();
    await rollUp();
    const before = await stored();
    await round(packing());
    // By hand: of an identity that is packed, as an older writer would have done.
    await partitions.partitionFor(FIRST);
    await database.query('INSERT INTO readings VALUES (1, 1, $1, 99)', [timestamp(FIRST + HOUR)]);
    const unpacker = new WeekUnpacker({ database, partitions });
    for (const week of await packedWeeks(database)) expect(await unpacker.unpack(week)).toBe('unpacked');
    expect(await packedWeeks(database)).toEqual([]);
    expect(await stored()).toEqual(before);
    expect(await weeksOfRows()).toEqual([0, 1, 2, 3]);
    await round(packing());
    expect(await stored()).toEqual(before);
  });

  test('stopped, it has changed nothing; a damaged stretch stays packed, and the others go back', async () => {
    await measured();
    await rollUp();
    await round(packing());
    const before = await stored();
    const unpacker = new WeekUnpacker({ database, partitions });
    const [week] = await packedWeeks(database);
    if (week === undefined) throw new Error('no week is packed');
    expect(await unpacker.unpack(week, { signal: AbortSignal.abort() })).toBe('stopped');
    expect(await stored()).toEqual(before);
    await database.query(
      'UPDATE packed_readings SET packed = set_byte(packed, 20, get_byte(packed, 20) # 1) WHERE since = $1',
      [timestamp(FIRST + 2 * DAY)],
    );
    expect(await unpacker.unpack(week)).toBe('unpacked');
    expect((await packedWeeks(database))[0]).toMatchObject({ stretches: 1, readings: 24 });
    const { rows } = await database.query('SELECT FROM readings WHERE device_id = 1 AND metric = 1 AND time < $1', [
      timestamp(FIRST + WEEK),
    ]);
    expect(rows).toHaveLength(6 * 24);
  });
});
