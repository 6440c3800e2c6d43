import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type DeviceRange, ReadingBuilder, silentLogger, systemTime } from '../../domain/index.ts';
import { backUp, restore } from '../backup/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { checkPacked, cutPacked, PACKING_LOCK, packedWeeks, WeekPacker, WeekUnpacker } from '../packed/index.ts';
import { Deletions, Sweeper } from '../retention/index.ts';
import { testDatabase } from '../testing/database.ts';
import { timestamp } from '../types.ts';
import { latestReadings, PostgresHistory } from './history.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';

const TEMPERATURE = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Thursday: weeks of partitions begin there. */
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const NOW = FIRST + 20 * WEEK;
const packs = { now: () => NOW };

const database = await testDatabase();
const history = new PostgresHistory({ database });
const packer = new WeekPacker({ database, time: systemTime });

interface Given {
  readonly device: string;
  readonly times: readonly number[];
  readonly value?: number;
}

function columnsOf(...given: readonly Given[]) {
  const builder = new ReadingBuilder();
  for (const { device, times, value = 5 } of given) {
    for (const time of times) builder.add(device, TEMPERATURE, time, value);
  }
  return builder.view();
}

function insert(store: ReadingStore, ...given: readonly Given[]) {
  return database.transaction((client) => store.insert(effectsOf(client), columnsOf(...given)));
}

const storeOf = () => new ReadingStore({ database, packs });
const minutes = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n * MINUTE);
const pack = async (time: number) => packer.pack(await new PartitionManager({ database }).partitionFor(time));

async function placesOf(device: string): Promise<{ rows: number; stretches: number }> {
  const { rows } = await database.query<{ rows: number; stretches: number }>(
    `SELECT (SELECT count(*)::int FROM readings WHERE device_id = d.id) AS rows,
       (SELECT count(*)::int FROM packed_readings WHERE device_id = d.id) AS stretches FROM devices AS d WHERE name = $1`,
    [device],
  );
  return rows[0] ?? { rows: 0, stretches: 0 };
}

async function stored(device: string): Promise<Map<number, number>> {
  const { time, value } = await history.read(device, TEMPERATURE, FIRST - WEEK, NOW + WEEK);
  return new Map([...time].map((at, i) => [at, value[i] as number]));
}

describe('a backlog of one device', () => {
  test('is stretches at once, and what is of the last hour is rows', async () => {
    const store = storeOf();
    const times = minutes(NOW - 3 * DAY, 3 * 24 * 60);
    expect(await insert(store, { device: 'backlog', times })).toEqual({
      ...{ inserted: times.length, duplicates: 0, conflicts: [] },
    });
    expect(await placesOf('backlog')).toEqual({ rows: 60, stretches: 3 });
    expect([...(await stored('backlog')).keys()]).toEqual(times);
    expect(await latestReadings(database, ['backlog'])).toMatchObject([{ time: NOW - MINUTE, value: 5 }]);
    expect((await packedWeeks(database)).map(({ readings, rowsSince }) => [readings, rowsSince])).toEqual([
      [times.length - 60, null],
    ]);
  });

  test('that comes again changes nothing, and of two values the first stays', async () => {
    const at = FIRST;
    const times = minutes(at, 200);
    await insert(storeOf(), { device: 'again', times });
    const again = { inserted: 0, duplicates: 200, conflicts: [] };
    expect(await insert(storeOf(), { device: 'again', times })).toEqual(again);
    const { inserted, duplicates, conflicts } = await insert(storeOf(), {
      ...{ device: 'again', times: minutes(at + 100 * MINUTE, 200), value: 6 },
    });
    expect([inserted, duplicates, conflicts.length]).toEqual([100, 0, 100]);
    expect(conflicts[7]).toEqual({
      ...{ device: 'again', metric: 'temperature', time: at + 107 * MINUTE, kept: 5, refused: 6, part: 0, row: 7 },
    });
  });

  test('that comes behind newer readings, or in reverse, is stretches too', async () => {
    const at = FIRST + WEEK;
    const store = storeOf();
    await insert(store, { device: 'behind', times: [at + 3 * DAY] });
    for (const day of [2, 1, 0]) {
      expect(await insert(store, { device: 'behind', times: minutes(at + day * DAY, 1440).reverse() })).toMatchObject({
        inserted: 1440,
      });
    }
    expect(await placesOf('behind')).toEqual({ rows: 1, stretches: 3 });
    expect((await stored('behind')).size).toBe(3 * 1440 + 1);
  });

  test('goes round rows of its time, which came first', async () => {
    const at = FIRST + 2 * WEEK;
    const store = storeOf();
    await insert(store, { device: 'round', times: [at + 10 * MINUTE, at + 30_000], value: 7 });
    const { inserted, duplicates, conflicts } = await insert(store, { device: 'round', times: minutes(at, 90) });
    expect([inserted, duplicates]).toEqual([89, 0]);
    expect(conflicts).toMatchObject([{ time: at + 10 * MINUTE, kept: 7, refused: 5, row: 10 }]);
    // The last eighty are newer than the rows.
    expect(await placesOf('round')).toEqual({ rows: 12, stretches: 1 });
    const many = minutes(at - DAY, 100);
    await insert(store, { device: 'round', times: [at - DAY + 5 * MINUTE], value: 7 });
    expect(await insert(store, { device: 'round', times: many })).toMatchObject({ inserted: 99, duplicates: 0 });
    expect(await placesOf('round')).toEqual({ rows: 13, stretches: 2 });
    expect((await stored('round')).get(at - DAY + 5 * MINUTE)).toBe(7);
  });

  test('that falls into the time of a stretch is rows, which join it when the week is packed', async () => {
    const at = FIRST + 3 * WEEK;
    const store = storeOf();
    await insert(store, { device: 'between', times: minutes(at, 300) });
    const between = minutes(at + 30_000, 100);
    expect(await insert(store, { device: 'between', times: between })).toMatchObject({ inserted: 100 });
    expect(await placesOf('between')).toEqual({ rows: 100, stretches: 1 });
    expect(await pack(at)).toBe('packed');
    expect(await placesOf('between')).toEqual({ rows: 0, stretches: 1 });
    expect((await stored('between')).size).toBe(400);
  });

  test('is rows while somebody packs, and a process that starts anew goes on behind a stretch', async () => {
    const at = FIRST + 4 * WEEK;
    const store = storeOf();
    await insert(store, { device: 'anew', times: minutes(at, 120) });
    const holder = await database.pool.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [PACKING_LOCK]);
    await insert(store, { device: 'anew', times: minutes(at + 120 * MINUTE, 120) });
    await holder.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
    holder.release();
    expect(await placesOf('anew')).toEqual({ rows: 120, stretches: 1 });
    await database.query('DELETE FROM readings WHERE device_id = (SELECT id FROM devices WHERE name = $1)', ['anew']);
    // By COPY: what comes after the last stretch cannot collide.
    await insert(storeOf(), { device: 'anew', times: minutes(at + 121 * MINUTE, 3) });
    const { rows } = await database.query(
      `SELECT packed_end(since, packed) > $1 AND packed_end(since, packed) <= $2 AS fits FROM packed_readings AS p
       WHERE device_id = (SELECT id FROM devices WHERE name = 'anew')`,
      [timestamp(at + 119 * MINUTE), timestamp(at + 121 * MINUTE)],
    );
    expect(rows).toEqual([{ fits: true }]);
  });

  test('in many small stretches becomes few when its week is packed', async () => {
    const at = FIRST + 5 * WEEK;
    const store = storeOf();
    for (let hour = 0; hour < 24; hour++) {
      await insert(store, { device: 'small', times: minutes(at + hour * HOUR, 60) });
    }
    expect(await placesOf('small')).toEqual({ rows: 0, stretches: 24 });
    expect(await pack(at)).toBe('packed');
    expect(await placesOf('small')).toEqual({ rows: 0, stretches: 1 });
    expect((await stored('small')).size).toBe(1440);
    expect((await packedWeeks(database)).find(({ from }) => from === at)).toMatchObject({
      ...{ stretches: 1, readings: 1440 },
    });
  });
});

interface Run {
  readonly device: 0 | 1;
  readonly from: number;
  readonly count: number;
  readonly step: number;
  readonly value: number;
  readonly isReversed: boolean;
}

type Step =
  | { readonly do: 'write'; readonly runs: readonly Run[] }
  | { readonly do: 'die'; readonly runs: readonly Run[] }
  | { readonly do: 'pack' | 'unpack' | 'restart' }
  | {
      readonly do: 'sweep';
      readonly kept: { readonly device: 0 | 1; readonly from: number; readonly length: number } | null;
    }
  | { readonly do: 'cut'; readonly device: 0 | 1; readonly from: number; readonly length: number };

test('whatever comes, in whatever order, is stored as in the plain table: packed, cut, made rows again or rolled back', async () => {
  // Half minutes of three days, which two weeks share.
  const slot = fc.integer({ min: 0, max: 3 * 2880 });
  const device = fc.constantFrom<0 | 1>(0, 1);
  const run: fc.Arbitrary<Run> = fc.record({
    ...{ device, from: slot, step: fc.integer({ min: 1, max: 6 }), isReversed: fc.boolean() },
    ...{ count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 400 })) },
    value: fc.constantFrom(1, 2.5),
  });
  const runs = fc.array(run, { minLength: 1, maxLength: 4 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant('write' as const), runs }), weight: 8 },
    { arbitrary: fc.record({ do: fc.constant('die' as const), runs }), weight: 1 },
    {
      arbitrary: fc.record({ do: fc.constantFrom('pack' as const, 'unpack' as const, 'restart' as const) }),
      weight: 3,
    },
    {
      arbitrary: fc.record({
        ...{ do: fc.constant('cut' as const), device, from: slot },
        length: fc.integer({ min: 1, max: 3_000 }),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        do: fc.constant('sweep' as const),
        kept: fc.option(fc.record({ device, from: slot, length: fc.integer({ min: 1, max: 500 }) })),
      }),
      weight: 1,
    },
  );
  const start = FIRST + 8 * WEEK - 2 * DAY;
  const at = (nth: number) => start + nth * (MINUTE / 2);
  const timesOf = ({ from, count, step, isReversed }: Run) => {
    const times = Array.from({ length: count }, (_, n) => at(from + n * step));
    return isReversed ? times.reverse() : times;
  };
  let [round, sweeps] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      round++;
      const names = [`law-${round}-a`, `law-${round}-b`];
      const expected = names.map(() => new Map<number, number>());
      let store = storeOf();
      const given = (all: readonly Run[]) =>
        all.map((one): Given => ({ device: names[one.device] as string, times: timesOf(one), value: one.value }));
      for (const one of steps) {
        if (one.do === 'write') {
          let [news, same, other] = [0, 0, 0];
          for (const each of one.runs) {
            const values = expected[each.device] as Map<number, number>;
            for (const time of timesOf(each)) {
              const kept = values.get(time);
              if (kept === undefined) values.set(time, each.value);
              if (kept === undefined) news++;
              else if (kept === each.value) same++;
              else other++;
            }
          }
          const { inserted, duplicates, conflicts } = await insert(store, ...given(one.runs));
          expect([inserted, duplicates, conflicts.length]).toEqual([news, same, other]);
        } else if (one.do === 'die') {
          await expect(dying(store, given(one.runs))).rejects.toThrow();
        } else if (one.do === 'restart') {
          store = storeOf();
        } else if (one.do === 'cut') {
          await cut(names[one.device] as string, at(one.from), at(one.from + one.length));
          const values = expected[one.device] as Map<number, number>;
          for (const time of values.keys()) {
            if (time >= at(one.from) && time < at(one.from + one.length)) values.delete(time);
          }
          store.forget();
        } else if (one.do === 'sweep') {
          const { kept } = one;
          const range = kept && {
            device: names[kept.device] as string,
            // Never the same twice: what is swept with the same kept is not looked at again.
            ...{ from: at(kept.from) + ++sweeps, to: at(kept.from + kept.length) + sweeps },
          };
          expect(await sweep(range === null ? [] : [range])).toMatchObject({ postponed: 0 });
          for (const [i, values] of expected.entries()) {
            for (const time of values.keys()) {
              const isKept =
                range !== null && range.device === names[i] && time >= range.from - DAY && time < range.to + DAY;
              if (time < FIRST + 8 * WEEK && !isKept) values.delete(time);
            }
          }
          store.forget();
        } else {
          await (one.do === 'pack' ? packBoth() : unpackAll());
          store.forget();
        }
        for (const [i, name] of names.entries()) {
          const sorted = [...(expected[i] ?? [])].sort(([a], [b]) => a - b);
          expect([...(await stored(name))]).toEqual(sorted);
        }
      }
      expect((await checkPacked(database)).damaged).toEqual([]);
      const { rows } = await database.query<{ told: number; packed: number }>(
        `SELECT (SELECT coalesce(sum(readings), 0)::int FROM packed_weeks) AS told,
           (SELECT coalesce(sum(packed_count(packed)), 0)::int FROM packed_readings) AS packed`,
      );
      expect(rows[0]?.told).toBe(rows[0]?.packed);
    }),
    { numRuns: 15 },
  );

  /** Weeks before the second. */
  function sweep(kept: readonly DeviceRange[]) {
    const parts = { database, partitions: new PartitionManager({ database }), time: systemTime, logger: silentLogger };
    return new Sweeper({ ...parts, deletions: new Deletions({ database }) }).sweep(FIRST + 8 * WEEK, kept, 'test');
  }

  async function packBoth(): Promise<void> {
    for (const week of [FIRST + 7 * WEEK, FIRST + 8 * WEEK]) expect(await pack(week)).toBe('packed');
  }

  async function unpackAll(): Promise<void> {
    const unpacker = new WeekUnpacker({ database, partitions: new PartitionManager({ database }) });
    for (const week of await packedWeeks(database)) {
      if (week.from >= FIRST + 7 * WEEK && week.from <= FIRST + 8 * WEEK) {
        expect(await unpacker.unpack(week)).toBe('unpacked');
      }
    }
  }
}, 240_000);

test('what is stored so is restored from a backup as it was', async () => {
  const all = async (of: Database) => {
    const { rows } = await of.query<{ text: string }>(
      `SELECT concat_ws(' ', device_id, time, value) AS text FROM readings_between('-infinity', 'infinity') ORDER BY 1`,
    );
    return rows.map(({ text }) => text);
  };
  await insert(storeOf(), { device: 'backed-up', times: minutes(FIRST + 10 * WEEK, 300) });
  const target = await testDatabase();
  await target.query('DROP SCHEMA public CASCADE; DROP SCHEMA grafana CASCADE; CREATE SCHEMA public');
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-pieces-'));
  try {
    await backUp({ database, directory });
    await restore({ database: target, directory, logger: silentLogger, manifestSha256: null });
  } finally {
    await rm(directory, { recursive: true });
  }
  const before = await all(database);
  expect(before.length).toBeGreaterThan(300);
  expect(await all(target)).toEqual(before);
  expect(await packedWeeks(target)).toEqual(await packedWeeks(database));
  // The writer goes on behind it.
  const store = new ReadingStore({ database: target, packs });
  const again = columnsOf({ device: 'backed-up', times: minutes(FIRST + 10 * WEEK + HOUR, 300) });
  expect(await target.transaction((client) => store.insert(effectsOf(client), again))).toEqual({
    ...{ inserted: 60, duplicates: 240, conflicts: [] },
  });
}, 120_000);

/** All is written, and the connection is ended before it commits: as kill -9 ends it. */
function dying(store: ReadingStore, given: readonly Given[]) {
  return database.transaction(async (client: pg.PoolClient) => {
    await store.insert(effectsOf(client), columnsOf(...given));
    await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
  });
}

async function cut(device: string, from: number, to: number): Promise<void> {
  const { rows } = await database.query<{ id: number }>('SELECT id FROM devices WHERE name = $1', [device]);
  const deviceId = rows[0]?.id;
  if (deviceId === undefined) return;
  await database.transaction(async (client) => {
    await cutPacked(client, { deviceId, metric: TEMPERATURE, from, to });
    await client.query('DELETE FROM readings WHERE device_id = $1 AND time >= $2 AND time < $3', [
      ...[deviceId, timestamp(from), timestamp(to)],
    ]);
  });
}
