import { describe, expect, it } from 'vitest';
import { ReadingBuilder, silentLogger, systemTime } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { migrate } from '../migrate.ts';
import { WeekPacker } from '../packed/index.ts';
import { bareDatabase, testDatabase } from '../testing/database.ts';
import { hasColumnstore, timescaleUrl } from '../testing/timescale.ts';
import { PostgresHistory } from './history.ts';
import { moveToTimescale } from './move-to-timescale.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';

const url = timescaleUrl();
const isWhole = url !== null && (await hasColumnstore(url));
const TEMPERATURE = 1;
const MINUTE = 60_000;
const WEEK = 7 * 86_400_000;
const TEN = Date.parse('2026-11-22T10:00:00Z');

async function open({ hasExtension }: { hasExtension: boolean }): Promise<Database> {
  const database = await bareDatabase(url ?? '');
  if (hasExtension) await database.query('CREATE EXTENSION timescaledb');
  await migrate(database, silentLogger);
  return database;
}

function insert(database: Database, store: ReadingStore, times: readonly number[], value = 5) {
  const builder = new ReadingBuilder();
  for (const time of times) builder.add('logger-1', TEMPERATURE, time, value);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

const minutes = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n * MINUTE);

async function times(database: Database): Promise<number[]> {
  return [...(await new PostgresHistory({ database }).read('logger-1', TEMPERATURE, 0, TEN + 9 * WEEK)).time];
}

describe.skipIf(url === null)('with TimescaleDB', () => {
  it.skipIf(!isWhole)(
    'a new installation keeps readings in a hypertable with a columnstore, and no settings to make',
    async () => {
      const database = await open({ hasExtension: true });
      const { rows } = await database.query(
        `SELECT segmentby, orderby FROM timescaledb_information.hypertable_columnstore_settings
        WHERE hypertable = 'readings'::regclass`,
      );
      expect(rows).toEqual([{ segmentby: 'device_id,metric', orderby: '"time"' }]);
    },
  );

  it.skipIf(!isWhole)('the first value of an identity stays, in a compressed chunk too', async () => {
    const database = await open({ hasExtension: true });
    const store = new ReadingStore({ database });
    await insert(database, store, minutes(TEN, 500));
    await database.query(`SELECT compress_chunk(c) FROM show_chunks('readings') c`);
    expect(await insert(database, store, minutes(TEN, 2))).toMatchObject({ inserted: 0, duplicates: 2 });
    const between = TEN + MINUTE / 2;
    expect(await insert(database, store, [TEN, between], 6)).toMatchObject({
      inserted: 1,
      conflicts: [{ time: TEN, kept: 5, refused: 6 }],
    });
    expect((await times(database)).slice(0, 3)).toEqual([TEN, between, TEN + MINUTE]);
  });

  it('old chunks are dropped whole, and a writer goes on', async () => {
    const database = await open({ hasExtension: true });
    const store = new ReadingStore({ database });
    await insert(database, store, [TEN - 4 * WEEK, TEN]);
    const partitions = new PartitionManager({ database });
    expect(await partitions.dropBefore(TEN - 2 * WEEK)).toBe(1);
    expect(await times(database)).toEqual([TEN]);
    await insert(database, store, [TEN - 4 * WEEK]);
    expect(await partitions.list()).toHaveLength(2);
  });

  it('weeks that were packed before the move stay packed, and what comes afterwards is rows, also a backlog', async () => {
    const database = await open({ hasExtension: false });
    const packs = { now: () => TEN };
    const [old, later] = [minutes(TEN - 3 * WEEK, 200), minutes(TEN - 3 * WEEK + 200 * MINUTE, 200)];
    await insert(database, new ReadingStore({ database, packs }), old);
    const week = await new PartitionManager({ database }).partitionFor(TEN - 3 * WEEK);
    expect(await new WeekPacker({ database, time: systemTime }).pack(week)).toBe('packed');
    await moveToTimescale(database, () => {});
    const store = new ReadingStore({ database, packs });
    expect(await insert(database, store, [...old.slice(-10), ...later])).toMatchObject({
      inserted: 200,
      duplicates: 10,
    });
    expect(await times(database)).toEqual([...old, ...later]);
    const { rows } = await database.query<{ rows: number; packed: number }>(
      `SELECT (SELECT count(*)::int FROM readings) AS rows, (SELECT sum(readings)::int FROM packed_weeks) AS packed`,
    );
    expect(rows).toEqual([{ rows: 200, packed: 200 }]);
  });

  it('a running installation moves over: nothing is lost that was written before, between and after', async () => {
    const database = await open({ hasExtension: false });
    const store = new ReadingStore({ database });
    await insert(database, store, [Date.parse('1999-12-31T23:00:00Z'), ...minutes(TEN - 3 * WEEK, 50)]);
    expect(await moveToTimescale(database, () => {})).toBe(true);
    expect(await moveToTimescale(database, () => {})).toBe(false);
    // The writer's transaction fails on the partition that is gone; the log hands it the same batch again.
    await expect(insert(database, store, [TEN - 3 * WEEK + 100 * MINUTE])).rejects.toMatchObject({ code: '42P01' });
    await insert(database, store, [TEN - 3 * WEEK + 100 * MINUTE, TEN]);
    expect(await times(database)).toHaveLength(53);
  });

  it('a move that was stopped goes on, and takes along what was written meanwhile', async () => {
    const database = await open({ hasExtension: false });
    const store = new ReadingStore({ database });
    await insert(database, store, minutes(TEN - 3 * WEEK, 50));
    await insert(database, store, minutes(TEN, 50));
    const stopped = moveToTimescale(database, (text) => {
      if (text === 'comparing') throw new Error('stopped');
    });
    await expect(stopped).rejects.toThrow('stopped');
    // Late into what has been copied, into a week of its own, and one that was there already.
    await insert(database, store, [TEN - 3 * WEEK - MINUTE, TEN + 2 * WEEK, TEN]);
    expect(await moveToTimescale(database, () => {})).toBe(true);
    const stored = await times(database);
    expect(stored).toHaveLength(102);
    expect([stored.at(0), stored.at(-1)]).toEqual([TEN - 3 * WEEK - MINUTE, TEN + 2 * WEEK]);
    const { rows } = await database.query(`SELECT count(*) FROM pg_class WHERE relname ~ '^readings_(mov|odd|2)'`);
    expect(rows).toEqual([{ count: 0 }]);
  });
});

it('a server without TimescaleDB is told from one that is away', async () => {
  const database = await testDatabase();
  await expect(moveToTimescale(database, () => {})).rejects.toMatchObject({ code: 'TIMESCALE_ABSENT' });
});
