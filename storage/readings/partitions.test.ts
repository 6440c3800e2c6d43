import { expect, it } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistory } from './history.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';

const database = await testDatabase();
const TEMPERATURE = 1;
const WEEK = 7 * 86_400_000;
const TEN = Date.parse('2026-11-22T10:00:00Z');

function insert(store: ReadingStore, ...times: number[]) {
  const builder = new ReadingBuilder();
  for (const time of times) builder.add('logger-1', TEMPERATURE, time, 5);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

it('a partition is made once, whoever needs it first', async () => {
  const managers = Array.from({ length: 4 }, () => new PartitionManager({ database }));
  const [first, ...others] = await Promise.all(managers.map((manager) => manager.partitionFor(TEN + 20 * WEEK)));
  expect(others).toEqual([first, first, first]);
  expect(first).toMatchObject({ from: expect.any(Number), to: (first?.from ?? 0) + WEEK });
  expect(first?.from).toBeLessThanOrEqual(TEN + 20 * WEEK);
  expect(first?.to).toBeGreaterThan(TEN + 20 * WEEK);
});

it('old partitions are dropped whole, and a writer that knew them goes on', async () => {
  const store = new ReadingStore({ database });
  const retention = new PartitionManager({ database });
  await insert(store, TEN - 4 * WEEK, TEN);
  expect(await retention.dropBefore(TEN - 2 * WEEK)).toBe(1);
  const { time } = await new PostgresHistory({ database }).read('logger-1', TEMPERATURE, 0, TEN + WEEK);
  expect([...time]).toEqual([TEN]);
  // A late reading into the dropped week: one transaction may fail, the next makes the partition again.
  await insert(store, TEN - 4 * WEEK).catch(() => {});
  expect(await insert(store, TEN - 4 * WEEK + 1)).toMatchObject({ inserted: 1 });
});

it('a time no clock can show is refused', async () => {
  await expect(insert(new ReadingStore({ database }), Date.parse('2300-01-01T00:00:00Z'))).rejects.toMatchObject({
    code: 'READING_TIME_BEYOND',
  });
});
