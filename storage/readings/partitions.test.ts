import { expect, it } from 'vitest';
import { ManualTime, ReadingBuilder, silentLogger, silentMeter } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistory } from './history.ts';
import { changed } from './partition.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';
import { Rollups } from './rollups.ts';
import { ReadingsUpkeep } from './upkeep.ts';

const database = await testDatabase();
const history = new PostgresHistory({ database });
const TEMPERATURE = 1;
const WEEK = 7 * 86_400_000;
const TEN = Date.parse('2026-11-22T10:00:00Z');

function insert(store: ReadingStore, device: string, ...times: number[]) {
  const builder = new ReadingBuilder();
  for (const time of times) builder.add(device, TEMPERATURE, time, 5);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

async function times(device: string): Promise<number[]> {
  return [...(await history.read(device, TEMPERATURE, Date.parse('1900-01-01'), TEN + 200 * WEEK)).time];
}

/** The tables in which a device's readings lie, by time. */
async function tables(device: string): Promise<string[]> {
  const { rows } = await database.query<{ table: string }>(
    `SELECT readings.tableoid::regclass::text AS table FROM readings JOIN devices ON id = device_id
      WHERE name = $1 ORDER BY time`,
    [device],
  );
  return rows.map(({ table }) => table);
}

it('a partition is made once, whoever needs it first', async () => {
  const managers = Array.from({ length: 4 }, () => new PartitionManager({ database }));
  const [first, ...others] = await Promise.all(managers.map((manager) => manager.partitionFor(TEN + 20 * WEEK)));
  expect(others).toEqual([first, first, first]);
  expect(first).toMatchObject({ from: expect.any(Number), to: (first?.from ?? 0) + WEEK });
  expect(first?.from).toBeLessThanOrEqual(TEN + 20 * WEEK);
  expect(first?.to).toBeGreaterThan(TEN + 20 * WEEK);
});

it('partitions are there before anybody needs them, and a clock that jumps fills no catalogue', async () => {
  const partitions = new PartitionManager({ database });
  const time = new ManualTime(Date.parse('2031-01-08T00:00:00Z'));
  const upkeep = new ReadingsUpkeep({
    ...{ partitions, rollups: new Rollups({ database }), time, logger: silentLogger, meter: silentMeter },
  });
  const before = (await partitions.list()).length;
  await upkeep.start();
  expect(await partitions.list()).toHaveLength(before + 5);
  await upkeep.stop();
  expect(await partitions.makeAhead(time.now() + WEEK)).toBe(1);
  expect(await partitions.makeAhead(Date.parse('2150-01-01T00:00:00Z'))).toBe(0);
});

it('old partitions are dropped whole, and a writer that knew them goes on', async () => {
  const store = new ReadingStore({ database });
  const retention = new PartitionManager({ database });
  await insert(store, 'logger-1', TEN - 4 * WEEK, TEN);
  expect(await retention.dropBefore(TEN - 2 * WEEK)).toBe(1);
  expect(await times('logger-1')).toEqual([TEN]);
  // A late reading into the dropped week: one transaction may fail, the next makes the partition again.
  await insert(store, 'logger-1', TEN - 4 * WEEK).catch(() => {});
  expect(await insert(store, 'logger-1', TEN - 4 * WEEK + 1)).toMatchObject({ inserted: 1 });
});

it('a long reader puts off the dropping, nobody else', async () => {
  const retention = new PartitionManager({ database });
  await insert(new ReadingStore({ database }), 'logger-2', TEN - 30 * WEEK);
  await database.transaction(async (client) => {
    await client.query('SELECT count(*) FROM readings');
    expect(await retention.dropBefore(TEN - 29 * WEEK)).toBe(0);
    expect(await times('logger-2')).toHaveLength(1);
  });
  expect(await retention.dropBefore(TEN - 29 * WEEK)).toBe(1);
});

// A process that was stopped there (Ctrl-Z, a machine that slept) kept everybody from the readings for as long as it was.
it('who stands still while partitions are changed is put out, and others read again', async () => {
  const stood = changed(database, async (client) => {
    await client.query('LOCK TABLE ONLY readings IN ACCESS EXCLUSIVE MODE');
    const { rows } = await client.query('SHOW idle_in_transaction_session_timeout');
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
    // A minute is more than a test should take.
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = '100ms'`);
    expect(await times('logger-1')).toContain(TEN);
  });
  await expect(stood).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

it('times that no week is made for lie in the default partition and are found like any other', async () => {
  const odd = Date.parse('1970-01-01T00:00:03Z');
  await insert(new ReadingStore({ database }), 'logger-3', odd, TEN);
  expect(await times('logger-3')).toEqual([odd, TEN]);
  expect((await tables('logger-3'))[0]).toBe('readings_odd');
});

// A default partition has to be locked for every new one: whoever reads must not stop the writer by that.
it('the writer does not wait for a reader to make a partition: its rows move into it later', async () => {
  const partitions = new PartitionManager({ database });
  const store = new ReadingStore({ database, partitions });
  const at = TEN + 50 * WEEK;
  await database.transaction(async (client) => {
    await client.query('SELECT count(*) FROM readings');
    await insert(store, 'logger-4', at, at + 1);
    expect(await tables('logger-4')).toEqual(['readings_odd', 'readings_odd']);
  });
  expect(await partitions.makeAhead(TEN)).toBeGreaterThan(0);
  const [own = ''] = await tables('logger-4');
  expect(own).toMatch(/^readings_2027/);
  expect(await insert(store, 'logger-4', at, at + 2)).toMatchObject({ inserted: 1, duplicates: 1 });
  expect(await tables('logger-4')).toEqual([own, own, own]);
});

it('a time no clock can show is refused', async () => {
  const beyond = insert(new ReadingStore({ database }), 'logger-1', Date.parse('2300-01-01T00:00:00Z'));
  await expect(beyond).rejects.toMatchObject({ code: 'READING_TIME_BEYOND' });
});
