import { expect, test } from 'vitest';
import { type Key, ReadingBuilder } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistoryScan } from './history-scan.ts';
import { ReadingStore } from './reading-store.ts';

const TEMPERATURE = 1;
const HUMIDITY = 2;
const MINUTE = 60_000;
const TEN = Date.parse('2026-11-22T10:00:00Z');
/** Three weeks: more than one partition. */
const LONG_AGO = TEN - 21 * 24 * 60 * MINUTE;
const DEVICES = 70;

const database = await testDatabase();
const scan = new PostgresHistoryScan({ database });

// Each device: one reading long ago, then a minute apart, its own number of them; every other one has a humidity too.
const builder = new ReadingBuilder();
for (let device = 0; device < DEVICES; device++) {
  builder.add(`logger-${device}`, TEMPERATURE, LONG_AGO + device, -1);
  for (let n = 0; n < device; n++) builder.add(`logger-${device}`, TEMPERATURE, TEN + n * MINUTE, device + n / 100);
  if (device % 2 === 0) builder.add(`logger-${device}`, HUMIDITY, TEN, 45.5);
}
await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), builder.view()));

async function all<T>(blocks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const block of blocks) items.push(...block);
  return items;
}

test('every key has its newest readings, oldest first, and the time of its very first one', async () => {
  const tails = await all(scan.newest(3, null));
  expect(tails).toHaveLength(DEVICES + DEVICES / 2);
  expect(tails.find(({ device, metric }) => device === 'logger-5' && metric === TEMPERATURE)).toEqual({
    ...{ device: 'logger-5', metric: TEMPERATURE, firstTime: LONG_AGO + 5 },
    readings: {
      count: 3,
      time: Float64Array.of(TEN + 2 * MINUTE, TEN + 3 * MINUTE, TEN + 4 * MINUTE),
      value: Float64Array.of(5.02, 5.03, 5.04),
    },
  });
  expect(tails.find(({ device }) => device === 'logger-1')).toMatchObject({
    readings: { count: 2, value: Float64Array.of(-1, 1) },
  });
});

test('of some devices alone, names are read page by page', async () => {
  const few = new PostgresHistoryScan({ database, keysAPage: 7 });
  const isOwn = (device: string) => device.endsWith('4');
  const tails = await all(few.newest(3, null, isOwn));
  const wanted = (await all(scan.newest(3, null))).filter(({ device }) => isOwn(device));
  const byKey = (a: Key, b: Key) => a.device.localeCompare(b.device) || a.metric - b.metric;
  expect(wanted.length).toBeGreaterThan(7);
  expect(tails.toSorted(byKey)).toEqual(wanted.toSorted(byKey));
});

test('of the keys asked for, those that have readings are read', async () => {
  const keys = [3, 4].map((n) => ({ device: `logger-${n}`, metric: HUMIDITY }));
  const tails = await all(scan.newest(100, [...keys, { device: 'unheard-of', metric: HUMIDITY }]));
  expect(tails.map(({ device, readings }) => [device, readings.count])).toEqual([['logger-4', 1]]);
});

test('an interval holds its start and not its end, key by key in the order they were asked for', async () => {
  const wanted = Array.from({ length: DEVICES }, (_, i) => DEVICES - 1 - i).map((n) => ({
    device: `logger-${n}`,
    metric: TEMPERATURE,
  }));
  const stretches = await all(scan.between([...wanted, { device: 'unheard-of', metric: 1 }], TEN, TEN + 2 * MINUTE));
  // logger-0 has only the reading of long ago.
  expect(stretches.map(({ device }) => device)).toEqual(wanted.slice(0, -1).map(({ device }) => device));
  expect(stretches.at(0)?.readings).toEqual({
    count: 2,
    time: Float64Array.of(TEN, TEN + MINUTE),
    value: Float64Array.of(69, 69.01),
  });
  expect(stretches.at(-1)?.readings.count).toBe(1);
});

test('whoever stops in the middle leaves nothing running', async () => {
  for await (const block of scan.newest(1, null)) {
    expect(block.length).toBeGreaterThan(0);
    break;
  }
  expect(database.pool.waitingCount).toBe(0);
});
