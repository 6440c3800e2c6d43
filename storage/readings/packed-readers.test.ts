import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadingBuilder, systemTime } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { exportRecords } from '../export/index.ts';
import { cutPacked } from '../packed/cut.ts';
import { WeekPacker } from '../packed/week-packer.ts';
import { testDatabase } from '../testing/database.ts';
import { readRuns } from '../testing/read-runs.ts';
import { timestamp } from '../types.ts';
import { AcceptedReadings } from './accepted.ts';
import { Buckets, RESOLUTIONS, type Resolution } from './buckets.ts';
import { latestReadings, newestTime, PostgresHistory } from './history.ts';
import { PostgresHistoryScan } from './history-scan.ts';
import { PartitionManager } from './partitions.ts';
import { ReadingStore } from './reading-store.ts';
import { Rollups } from './rollups.ts';
import { storedValues } from './stored-values.ts';

const TEMPERATURE = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Thursday: weeks of partitions begin there. */
const START = Date.parse('2026-10-01T00:00:00Z');
/** Behind everything that is written here. */
const NOW = START + 4 * WEEK;

const database = await testDatabase();
const packer = new WeekPacker({ database, time: systemTime });
const history = new PostgresHistory({ database });
const scan = new PostgresHistoryScan({ database });
const rollups = new Rollups({ database });
const buckets = new Buckets({ database });

/** What was written, by device, time and value: the plain table. */
type Plain = Map<string, Map<number, number>>;

interface Row {
  readonly device: string;
  readonly time: number;
  readonly value: number;
}

async function write(store: ReadingStore, rows: readonly Row[]) {
  const builder = new ReadingBuilder();
  for (const { device, time, value } of rows) builder.add(device, TEMPERATURE, time, value);
  return database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

/** Twice, as the ingest's consumer does it: a partition that was dropped under it costs one try. */
async function writeAgain(store: ReadingStore, rows: readonly Row[]) {
  return write(store, rows).catch(() => write(store, rows));
}

const pack = async (time: number) => packer.pack(await new PartitionManager({ database }).partitionFor(time));

/** Its connection is ended when the swap has begun, as kill -9 ends it. */
async function dieWhilePacking(time: number): Promise<void> {
  await database.query(`
    CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE TRIGGER dies AFTER INSERT ON packed_readings EXECUTE FUNCTION dies()`);
  try {
    await expect(pack(time)).rejects.toThrow();
  } finally {
    await database.query('DROP FUNCTION dies CASCADE');
  }
}

/** Retention, where something of a week is kept; the days are to be rolled up anew. */
async function cut(device: string, from: number, to: number): Promise<void> {
  const { rows } = await database.query<{ id: number }>('SELECT id FROM devices WHERE name = $1', [device]);
  const id = rows[0]?.id;
  if (id === undefined) return;
  await database.transaction(async (client) => {
    await cutPacked(client, { deviceId: id, metric: TEMPERATURE, from, to });
    const key = [id, TEMPERATURE, timestamp(from), timestamp(to)];
    await client.query('DELETE FROM readings WHERE device_id = $1 AND metric = $2 AND time >= $3 AND time < $4', key);
    const days = `date_bin('1 day', $3::timestamptz, 'epoch'), $4::timestamptz`;
    for (const table of ['readings_1m', 'readings_1h', 'readings_1d']) {
      await client.query(
        `DELETE FROM ${table} WHERE device_id = $1 AND metric = $2 AND time >= date_bin('1 day', $3::timestamptz, 'epoch') AND time < $4`,
        key,
      );
    }
    await client.query(`INSERT INTO rollup_marks SELECT $1, $2, generate_series(${days}, interval '1 day')`, key);
  });
}

const sortedOf = (plain: Plain, device: string) => [...(plain.get(device) ?? [])].sort(([a], [b]) => a - b);

async function exported(from: number, to: number): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-packed-'));
  try {
    await exportRecords({ database, directory, format: 'csv', from, to, shipment: null });
    const text = await readFile(join(directory, 'readings.csv'), 'utf8');
    return text.trim().split('\n').slice(1).sort();
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Each reader beside the plain table; `span` is of whole minutes, in part out of what is written. */
async function compare(plain: Plain, devices: readonly string[], span: { from: number; to: number }): Promise<void> {
  const { from, to } = span;
  const within = (rows: [number, number][]) => rows.filter(([time]) => time >= from && time < to);
  for (const device of devices) {
    const all = sortedOf(plain, device);
    const inside = within(all);
    const read = async (...args: Parameters<PostgresHistory['read']>) => {
      const { count, time, value } = await history.read(...args);
      return Array.from({ length: count }, (_, i) => [time[i], value[i]]);
    };
    expect(await read(device, TEMPERATURE, from, to)).toEqual(inside);
    expect(await read(device, TEMPERATURE, from, to, 3)).toEqual(inside.slice(0, 3));
    const { time: before, value } = await history.before(device, TEMPERATURE, to, 4);
    expect([...before].map((time, i) => [time, value[i]])).toEqual(all.filter(([time]) => time < to).slice(-4));
    const { rows } = await database.query<{ id: number }>('SELECT id FROM devices WHERE name = $1', [device]);
    const id = rows[0]?.id ?? 0;
    expect(await buckets.first(id, TEMPERATURE, span)).toBe(inside[0]?.[0] ?? null);
    for (const resolution of Object.keys(RESOLUTIONS) as Resolution[]) {
      expect(await bucketsOf(id, span, resolution), resolution).toEqual(plainBuckets(inside, RESOLUTIONS[resolution]));
    }
    const { rows: grafana } = await database.query<{ n: number }>(
      `SELECT time, n, min, max FROM grafana.readings($1, 'temperature', $2, $3, '1 minute')`,
      [[device], timestamp(from), timestamp(to)],
    );
    const plainMinutes = plainBuckets(inside, MINUTE).map(({ time, n, min, max }) => ({ time, n, min, max }));
    expect(grafana).toEqual(plainMinutes);
  }
  const lasts = devices.flatMap((device) => {
    const last = sortedOf(plain, device).at(-1);
    return last === undefined ? [] : [{ device, metric: TEMPERATURE, time: last[0], value: last[1] }];
  });
  expect(await latestReadings(database, devices)).toEqual(lasts);
  const { rows: ofGrafana } = await database.query(
    'SELECT device, time, value FROM grafana.latest($1) ORDER BY device',
    [devices],
  );
  expect(ofGrafana).toEqual(lasts.map(({ device, time, value }) => ({ device, time, value })));
  await compareScans(plain, devices, span);
}

/** What backtests, starts, the mirror and the check of the archive ask. */
async function compareScans(plain: Plain, devices: readonly string[], span: { from: number; to: number }) {
  const keys = devices.map((device) => ({ device, metric: TEMPERATURE }));
  const pairs = ({ count, time, value }: { count: number; time: Float64Array; value: Float64Array }) =>
    Array.from({ length: count }, (_, i) => [time[i], value[i]]);
  const stretches = new Map<string, unknown>();
  for await (const block of scan.between(keys, span.from, span.to)) {
    for (const { device, readings } of block) stretches.set(device, pairs(readings));
  }
  const runs = new Map<string, unknown>();
  for await (const block of scan.runsBetween(keys, span.from, span.to)) {
    for (const one of block) runs.set(one.device, readRuns(one.runs));
  }
  const tails = new Map<string, unknown>();
  for await (const block of scan.newest(3, keys)) {
    for (const { device, firstTime, readings } of block) tails.set(device, [firstTime, pairs(readings)]);
  }
  for (const device of devices) {
    const all = sortedOf(plain, device);
    const inside = all.filter(([time]) => time >= span.from && time < span.to);
    expect(stretches.get(device)).toEqual(inside.length === 0 ? undefined : inside);
    expect(runs.get(device)).toEqual(inside.length === 0 ? undefined : inside);
    expect(tails.get(device)).toEqual(all.length === 0 ? undefined : [all[0]?.[0], all.slice(-3)]);
    const asked = [...all.map(([time]) => time), START - 1, START + 1];
    const values = asked.map((time) => plain.get(device)?.get(time) ?? null);
    expect(
      await storedValues(
        database,
        asked.map((time) => ({ device, metric: TEMPERATURE, time })),
      ),
    ).toEqual(values);
    const builder = new ReadingBuilder();
    for (const time of asked) builder.add(device, TEMPERATURE, time, 0);
    const accepted = await new AcceptedReadings({ database }).values(builder.view());
    expect([...accepted]).toEqual(values.map((value) => value ?? Number.NaN));
  }
}

async function bucketsOf(id: number, span: { from: number; to: number }, resolution: Resolution) {
  const found = await buckets.read(id, TEMPERATURE, span, resolution);
  return found.map(({ time, n, min, mean, max }) => ({ time, n, min, mean: rounded(mean), max }));
}

function plainBuckets(rows: readonly [number, number][], width: number) {
  const starts = [...new Set(rows.map(([time]) => Math.floor(time / width) * width))];
  return starts.map((time) => {
    const values = rows.filter(([at]) => at >= time && at < time + width).map(([, value]) => value);
    const mean = rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
    return { time, n: values.length, min: Math.min(...values), mean, max: Math.max(...values) };
  });
}

const rounded = (value: number) => Math.round(value * 1e9) / 1e9;

type Step =
  | { readonly do: 'write'; readonly rows: readonly { device: number; slot: number; value: number }[] }
  | { readonly do: 'dense'; readonly device: number; readonly slot: number }
  | { readonly do: 'pack'; readonly week: number }
  | { readonly do: 'die'; readonly week: number }
  | { readonly do: 'cut'; readonly device: number; readonly from: number; readonly length: number }
  | { readonly do: 'roll' }
  | { readonly do: 'restart' };

test('whatever is written, packed, cut, rolled up and left half done, each reader reads what a plain table holds', async () => {
  // A slot is five hours and 11 minutes: 70 of them are two weeks and a bit.
  const slot = fc.integer({ min: 0, max: 69 });
  const device = fc.constantFrom(0, 1);
  const week = fc.constantFrom(0, 1, 2);
  const row = fc.record({ device, slot, value: fc.constantFrom(1, 2.5, -0.1) });
  const one = <T extends Step['do']>(what: T) => fc.constant(what);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: fc.record({ do: one('write'), rows: fc.array(row, { minLength: 1, maxLength: 6 }) }), weight: 8 },
    { arbitrary: fc.record({ do: one('dense'), device, slot }), weight: 2 },
    { arbitrary: fc.record({ do: one('pack'), week }), weight: 4 },
    { arbitrary: fc.record({ do: one('die'), week }), weight: 1 },
    { arbitrary: fc.record({ do: one('roll') }), weight: 2 },
    { arbitrary: fc.record({ do: one('restart') }), weight: 1 },
    {
      arbitrary: fc.record({ do: one('cut'), device, from: slot, length: fc.integer({ min: 1, max: 20 }) }),
      weight: 1,
    },
  );
  const at = (nth: number) => START + nth * (5 * HOUR + 11 * MINUTE) + 7;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), slot, slot, async (steps, one, other) => {
      run++;
      const devices = [`run-${run}-a`, `run-${run}-b`];
      const plain: Plain = new Map(devices.map((name) => [name, new Map()]));
      const span = { from: START + Math.min(one, other) * 6 * HOUR, to: START + Math.max(one, other) * 6 * HOUR + DAY };
      let store = new ReadingStore({ database });
      const taken = async (rows: readonly Row[]) => {
        const result = await writeAgain(store, rows);
        const expected = { inserted: 0, duplicates: 0, conflicts: [] as unknown[] };
        for (const [index, { device, time, value }] of rows.entries()) {
          const values = plain.get(device) as Map<number, number>;
          const kept = values.get(time);
          if (kept === undefined) values.set(time, value);
          if (kept === undefined) expected.inserted++;
          else if (kept === value) expected.duplicates++;
          else {
            const conflict = { device, metric: 'temperature', time, kept, refused: value, part: 0, row: index };
            expected.conflicts.push(conflict);
          }
        }
        expect(result).toEqual(expected);
      };
      for (const each of steps) {
        if (each.do === 'write') {
          const rows = each.rows.map(({ device, slot, value }) => ({
            device: devices[device] as string,
            time: at(slot),
            value,
          }));
          await taken(rows);
        } else if (each.do === 'dense') {
          // An hour with minutes of its own.
          const name = devices[each.device] as string;
          const rows = Array.from({ length: 200 }, (_, n) => ({
            ...{ device: name, time: at(each.slot) + n * 15_000, value: n % 7 },
          }));
          await taken(rows);
        } else if (each.do === 'pack') expect(await pack(START + each.week * WEEK)).toBe('packed');
        else if (each.do === 'die') await dieWhilePacking(START + each.week * WEEK);
        else if (each.do === 'roll') {
          while (await rollups.advance(NOW));
          while ((await rollups.repair()) > 0);
        } else if (each.do === 'restart') store = new ReadingStore({ database });
        else {
          const name = devices[each.device] as string;
          const [from, to] = [at(each.from), at(each.from + each.length)];
          await cut(name, from, to);
          for (const time of plain.get(name)?.keys() ?? []) {
            if (time >= from && time < to) plain.get(name)?.delete(time);
          }
        }
        await compare(plain, devices, span);
      }
      const lines = devices.flatMap((device) =>
        sortedOf(plain, device).map(
          ([time, value]) => `${device},temperature,${new Date(time).toISOString()},${value}`,
        ),
      );
      const ours = (await exported(START, NOW)).filter((line) => devices.includes(line.split(',')[0] ?? ''));
      expect(ours).toEqual(lines.sort());
    }),
    { numRuns: 8 },
  );
  expect(await newestTime(database)).toBeGreaterThan(START);
}, 240_000);
