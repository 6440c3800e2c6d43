import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadingBuilder, type ReadingColumns } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistory } from './history.ts';
import { type ReadingConflict, ReadingStore } from './reading-store.ts';

const database = await testDatabase();
const history = new PostgresHistory({ database });
const TEMPERATURE = 1;
const HUMIDITY = 2;
const TEN = Date.parse('2026-11-22T10:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;

type Row = readonly [device: string, metric: number, time: number, value: number];

function columns(...rows: readonly Row[]): ReadingColumns {
  const builder = new ReadingBuilder();
  for (const [device, metric, time, value] of rows) builder.add(device, metric, time, value);
  return builder.view();
}

function insert(store: ReadingStore, readings: ReadingColumns | readonly ReadingColumns[]) {
  return database.transaction((client) => store.insert(effectsOf(client), readings));
}

async function stored(device: string, metric = TEMPERATURE): Promise<[number, number][]> {
  const { time, value } = await history.read(device, metric, 0, TEN + 1000 * DAY);
  return Array.from(time, (at, i) => [at, value[i] as number]);
}

describe('the reading store', () => {
  it('keeps readings of several devices and metrics, exact to the bit', async () => {
    const store = new ReadingStore({ database });
    const result = await insert(
      store,
      columns(
        ['exact-1', TEMPERATURE, TEN + 1, 0.1 + 0.2],
        ['exact-2', TEMPERATURE, TEN + 1, -40],
        ['exact-1', HUMIDITY, TEN + 1, 45],
        ['exact-1', TEMPERATURE, TEN + 2, Number.MIN_VALUE],
      ),
    );
    expect(result).toEqual({ inserted: 4, duplicates: 0, conflicts: [] });
    expect(await stored('exact-1')).toEqual([
      [TEN + 1, 0.1 + 0.2],
      [TEN + 2, Number.MIN_VALUE],
    ]);
    expect(await stored('exact-2')).toEqual([[TEN + 1, -40]]);
    expect(await stored('exact-1', HUMIDITY)).toEqual([[TEN + 1, 45]]);
  });

  it('changes nothing when the same columns come again, to this process or to the next', async () => {
    const store = new ReadingStore({ database });
    const readings = columns(['again', TEMPERATURE, TEN, 5], ['again', TEMPERATURE, TEN + MINUTE, 6]);
    await insert(store, readings);
    const again = { inserted: 0, duplicates: 2, conflicts: [] };
    expect(await insert(store, readings)).toEqual(again);
    expect(await insert(new ReadingStore({ database }), readings)).toEqual(again);
    expect(await stored('again')).toEqual([
      [TEN, 5],
      [TEN + MINUTE, 6],
    ]);
  });

  it('lets the first of two values for one identity stay and names the refused one', async () => {
    const store = new ReadingStore({ database });
    await insert(store, columns(['twice', TEMPERATURE, TEN, 5], ['twice', TEMPERATURE, TEN + MINUTE, 5]));
    const { inserted, duplicates, conflicts } = await insert(store, [
      columns(['twice', TEMPERATURE, TEN, 5], ['twice', TEMPERATURE, TEN, 9]),
      // Two values for a time not seen before, both late; and two for a new one.
      columns(
        ['twice', TEMPERATURE, TEN + 1, 7],
        ['twice', TEMPERATURE, TEN + 1, 8],
        ['twice', TEMPERATURE, TEN + 2 * MINUTE, 1],
        ['twice', TEMPERATURE, TEN + 2 * MINUTE, 2],
      ),
    ]);
    expect({ inserted, duplicates }).toEqual({ inserted: 2, duplicates: 1 });
    const conflict = (time: number, kept: number, refused: number, part: number, row: number): ReadingConflict => ({
      ...{ device: 'twice', metric: 'temperature', time, kept, refused, part, row },
    });
    expect(conflicts).toEqual([
      conflict(TEN, 5, 9, 0, 1),
      conflict(TEN + 1, 7, 8, 1, 1),
      conflict(TEN + 2 * MINUTE, 1, 2, 1, 3),
    ]);
    expect(await stored('twice')).toEqual([
      [TEN, 5],
      [TEN + 1, 7],
      [TEN + MINUTE, 5],
      [TEN + 2 * MINUTE, 1],
    ]);
  });

  it('takes a backlog of more than a year, newest part first', async () => {
    const store = new ReadingStore({ database });
    const times = Array.from({ length: 58 }, (_, week) => TEN - week * 7 * DAY);
    const result = await insert(store, columns(...times.map((time): Row => ['backlog', TEMPERATURE, time, 4])));
    expect(result).toMatchObject({ inserted: 58, duplicates: 0 });
    expect((await stored('backlog')).map(([time]) => time)).toEqual(times.toReversed());
  });

  it('stores after a rollback what the rolled back transaction would have stored', async () => {
    const store = new ReadingStore({ database });
    const readings = columns(['undone', TEMPERATURE, TEN + 900 * DAY, 5]);
    const failed = database.transaction(async (client) => {
      await store.insert(effectsOf(client), readings);
      throw new Error('the checkpoint had moved');
    });
    await expect(failed).rejects.toThrow('the checkpoint had moved');
    expect(await stored('undone')).toEqual([]);
    expect(await insert(store, readings)).toMatchObject({ inserted: 1 });
  });

  it('recovers when another process has written its keys, failing one transaction at most', async () => {
    const store = new ReadingStore({ database });
    const other = new ReadingStore({ database });
    await insert(store, columns(['shared', TEMPERATURE, TEN, 5]));
    await insert(other, columns(['shared', TEMPERATURE, TEN + MINUTE, 6]));
    const readings = columns(['shared', TEMPERATURE, TEN + MINUTE, 6]);
    await expect(insert(store, readings)).rejects.toMatchObject({ code: '23505' });
    expect(await insert(store, readings)).toEqual({ inserted: 0, duplicates: 1, conflicts: [] });
  });

  it('holds, whatever the order and the batches, the first value of each identity, and counts every row once', async () => {
    const row = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom(TEMPERATURE, HUMIDITY),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 3 }),
    );
    const batches = fc.array(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 3 }), { maxLength: 4 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(batches, fc.boolean(), async (given, isRestarted) => {
        run++;
        let store = new ReadingStore({ database });
        const expected = new Map<string, number>();
        for (const batch of given) {
          const parts = batch.map((rows) =>
            columns(...rows.map(([d, m, t, v]): Row => [`law-${run}-${d}`, m, TEN + t * 3 * DAY, v])),
          );
          let [news, same, other] = [0, 0, 0];
          for (const [d, m, t, v] of batch.flat()) {
            const identity = `${d} ${m} ${t}`;
            const kept = expected.get(identity);
            if (kept === undefined) expected.set(identity, v);
            if (kept === undefined) news++;
            else if (kept === v) same++;
            else other++;
          }
          const { inserted, duplicates, conflicts } = await insert(store, parts);
          expect([inserted, duplicates, conflicts.length]).toEqual([news, same, other]);
          if (isRestarted) store = new ReadingStore({ database });
        }
        const found = new Map<string, number>();
        for (const d of ['a', 'b', 'c']) {
          for (const m of [TEMPERATURE, HUMIDITY]) {
            for (const [time, value] of await stored(`law-${run}-${d}`, m)) {
              found.set(`${d} ${m} ${(time - TEN) / (3 * DAY)}`, value);
            }
          }
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
