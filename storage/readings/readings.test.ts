import { describe, expect, it } from 'vitest';
import { InputError, ReadingBuilder } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistory } from './history.ts';
import { ReadingStore } from './reading-store.ts';
import { autoResolution, type ReadingPoint, Readings } from './readings.ts';

const database = await testDatabase();
const history = new PostgresHistory({ database });
const readings = new Readings({ database });
const store = new ReadingStore({ database });
const TEMPERATURE = 1;
const HUMIDITY = 2;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = Date.parse('2026-11-22T10:00:00Z');

// logger-1: every 5 minutes for 24 h, its value the number of the reading; logger-2: one humidity.
const day = new ReadingBuilder();
for (let n = 0; n < 288; n++) day.add('logger-1', TEMPERATURE, TEN + n * 5 * MINUTE, n);
day.add('logger-2', HUMIDITY, TEN, 45);
await database.transaction((client) => store.insert(effectsOf(client), day.view()));

describe('history', () => {
  it('reads a key in [from, to), oldest first, from the start of the interval where limited', async () => {
    const read = await history.read('logger-1', TEMPERATURE, TEN + 5 * MINUTE, TEN + 20 * MINUTE);
    expect(read).toEqual({
      count: 3,
      time: Float64Array.of(TEN + 5 * MINUTE, TEN + 10 * MINUTE, TEN + 15 * MINUTE),
      value: Float64Array.of(1, 2, 3),
    });
    expect((await history.read('logger-1', TEMPERATURE, 0, TEN + HOUR, 2)).value).toEqual(Float64Array.of(0, 1));
    expect((await history.read('logger-1', TEMPERATURE, TEN + 1, TEN + 2)).count).toBe(0);
    expect((await history.read('never-seen', TEMPERATURE, 0, TEN + HOUR)).count).toBe(0);
  });

  it('gives the last readings strictly before a time, oldest first', async () => {
    const before = await history.before('logger-1', TEMPERATURE, TEN + 15 * MINUTE, 2);
    expect(before.value).toEqual(Float64Array.of(1, 2));
    expect((await history.before('logger-1', TEMPERATURE, TEN, 2)).count).toBe(0);
    expect((await history.before('logger-1', TEMPERATURE, Number.POSITIVE_INFINITY, 1)).value).toEqual(
      Float64Array.of(287),
    );
  });

  it('lists every key with its last reading', async () => {
    expect(await history.keys()).toEqual([
      { device: 'logger-1', metric: TEMPERATURE, lastTime: TEN + 287 * 5 * MINUTE, lastValue: 287 },
      { device: 'logger-2', metric: HUMIDITY, lastTime: TEN, lastValue: 45 },
    ]);
  });
});

describe('readings for a chart', () => {
  const key = { device: 'logger-1', metric: TEMPERATURE };

  it('come in pages that join without a seam', async () => {
    const items: ReadingPoint[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const query = { ...key, from: TEN, to: TEN + 24 * HOUR, limit: 100, ...(cursor === null ? {} : { cursor }) };
      const page = await readings.page(query);
      items.push(...page.items);
      cursor = page.nextCursor;
      pages++;
    } while (cursor !== null);
    expect(pages).toBe(3);
    expect(items.map(({ value }) => value)).toEqual(Array.from({ length: 288 }, (_, n) => n));
  });

  it('come in buckets with count, minimum, mean and maximum', async () => {
    const { items, nextCursor } = await readings.buckets({ ...key, from: TEN, to: TEN + 2 * HOUR, limit: 10 }, '1h');
    expect(items).toEqual([
      { time: TEN, n: 12, min: 0, mean: 5.5, max: 11 },
      { time: TEN + HOUR, n: 12, min: 12, mean: 17.5, max: 23 },
    ]);
    expect(nextCursor).toBeNull();
  });

  it('come in pages of buckets, empty stretches left out', async () => {
    const first = await readings.buckets({ ...key, from: TEN, to: TEN + 24 * HOUR, limit: 12 }, '1m');
    expect(first.items.map(({ time }) => time)).toEqual([TEN, TEN + 5 * MINUTE, TEN + 10 * MINUTE]);
    const cursor = first.nextCursor ?? '';
    const second = await readings.buckets({ ...key, from: TEN, to: TEN + 24 * HOUR, limit: 12, cursor }, '1m');
    expect(second.items[0]).toEqual({ time: TEN + 15 * MINUTE, n: 1, min: 3, mean: 3, max: 3 });
  });

  it('are of days in UTC', async () => {
    const { items } = await readings.buckets({ ...key, from: 0, to: TEN + 48 * HOUR, limit: 100_000 }, '1d');
    expect(items.map(({ time, n }) => [new Date(time).toISOString(), n])).toEqual([
      ['2026-11-22T00:00:00.000Z', 168],
      ['2026-11-23T00:00:00.000Z', 120],
    ]);
  });

  it('refuse a cursor that is none', async () => {
    const page = readings.page({ ...key, from: TEN, to: TEN + HOUR, limit: 1, cursor: 'x' });
    await expect(page).rejects.toBeInstanceOf(InputError);
  });

  it('have a resolution that fits the interval', () => {
    expect([autoResolution(0, HOUR), autoResolution(0, 96 * HOUR), autoResolution(0, 9600 * HOUR)]).toEqual([
      '1m',
      '1h',
      '1d',
    ]);
  });

  it('are the latest of the devices asked for', async () => {
    expect(await readings.latest(['logger-2', 'never-seen'])).toEqual([
      { device: 'logger-2', metric: HUMIDITY, time: TEN, value: 45 },
    ]);
    expect(await readings.latest()).toHaveLength(2);
    const names = [...new Set((await readings.latest()).map(({ device }) => device))];
    expect(await readings.heardAfter('', 10)).toEqual(names);
    expect(await readings.heardAfter(names[0] ?? '', 10)).toEqual(names.slice(1));
    expect(await readings.heardAfter('', 1)).toEqual(names.slice(0, 1));
  });
});
