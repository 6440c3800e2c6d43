import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyReadings } from '../../domain/index.ts';
import { testDatabase } from '../testing/database.ts';
import { readRuns } from '../testing/read-runs.ts';
import { timestamp } from '../types.ts';
import {
  MOST_READINGS,
  packStretch,
  readingsOf,
  runsOfStretch,
  type StretchKey,
  unpackStretch,
} from './packed-stretch.ts';

const DAY = Date.parse('2026-11-22T00:00:00Z');
const DAY_MS = 86_400_000;
const MINUTE = 60_000;
const KEY: StretchKey = { deviceId: 7, metric: 1, since: DAY };
/** Of readings that need not begin with the day. */
const keyOf = (rows: readonly Row[]): StretchKey => ({ ...KEY, since: DAY + (rows[0]?.[0] ?? 0) });
const database = await testDatabase();

type Row = readonly [since: number, value: number];

/** Columns that are longer than what is meant, as those of a builder are. */
function columns(rows: readonly Row[], day = DAY): KeyReadings {
  const time = new Float64Array(rows.length + 2);
  const value = new Float64Array(rows.length + 2);
  for (const [i, [since, one]] of rows.entries()) {
    time[i] = day + since;
    value[i] = one;
  }
  return { count: rows.length, time, value };
}

function rowsOf({ count, time, value }: KeyReadings, day = DAY): Row[] {
  return Array.from({ length: count }, (_, i) => [(time[i] as number) - day, value[i] as number]);
}

/** Block by block, each of them what its header says. */
function rowsOfRuns(key: StretchKey, packed: Buffer, day = DAY): Row[] {
  return readRuns(runsOfStretch(key, packed)).map(([time, value]): Row => [time - day, value]);
}

/** As PostgreSQL unpacks it, its doubles in text that gives back every bit. */
async function inSql({ deviceId, metric, since }: StretchKey, packed: Buffer, day = DAY): Promise<Row[]> {
  const { rows } = await database.query<{ since: number; value: string }>(
    `SELECT (extract(epoch FROM time - $4::timestamptz) * 1000)::float8 AS since, value::text
     FROM unpacked_readings($1::int4, $2::int2, $3::timestamptz, $5::bytea)`,
    [deviceId, metric, timestamp(since), timestamp(day), packed],
  );
  return rows.map(({ since, value }): Row => [since, Number(value)]);
}

function every(stepMs: number, count: number, valueAt: (i: number) => number, timeOf = (at: number) => at): Row[] {
  return Array.from({ length: count }, (_, i): Row => [timeOf(i * stepMs), valueAt(i)]);
}

const fridge = (i: number) => Math.round((5 + 2 * Math.sin(i / 97)) * 10) / 10;
const float32 = (i: number) => Math.fround(fridge(i));
const fahrenheit = (i: number) => (fridge(i) * 18 + 320 - 320) / 18 + i / 1e15 / 3;

describe('what comes out is what went in', () => {
  const named: Record<string, Row[]> = {
    'a clock of minutes that begins in the middle of one': every(MINUTE, 300, fridge, (at) => at + 17_345),
    'seven weeks': [
      [0, 1],
      [4_294_967_295, 2],
    ],
    'one reading': [[0, 5]],
    'the last millisecond of the day': [[DAY_MS - 1, -40]],
    'the first and the last millisecond': [
      [0, 1],
      [DAY_MS - 1, 2],
    ],
    'a day by the minute': every(MINUTE, 1440, fridge),
    'a day of floats of 32 bits': every(MINUTE, 1440, float32),
    'doubles with all their digits': every(MINUTE, 300, fahrenheit),
    'a value that never changes': every(MINUTE, 300, () => 5),
    'nothing but -0': every(MINUTE, 200, () => -0),
    '-0 among 0 and others': every(MINUTE, 200, (i) => [0, -0, 0.1, -0.1][i % 4] as number),
    '-0 among floats': every(MINUTE, 200, (i) => (i % 5 === 0 ? -0 : float32(i))),
    'what no sensor gives': every(
      MINUTE,
      200,
      (i) =>
        [
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          5e-324,
          -5e-324,
          1.7976931348623157e308,
          2 ** -1022,
          -0,
        ][i % 8] as number,
    ),
    'numbers as wide as they may be': [
      [0, -(2 ** 47) + 1],
      [1, 2 ** 47 - 1],
      [2, 2 ** 47],
      [3, 0.000_000_001],
      [4, -0],
    ],
    'nine decimals beside none': every(MINUTE, 140, (i) => (i === 70 ? 4.123_456_789 : 4)),
    'a gap of hours': [...every(MINUTE, 100, fridge), ...every(MINUTE, 60, fridge, (at) => at + 9 * 60 * MINUTE + 17)],
    'two a second': every(500, 2_000, fridge),
    'all of a second': every(1, 1_000, fridge),
  };

  /** What codecs of others gave back wrong (docs/field-cases.md, "Readings packed"). */
  const met: Record<string, Row[]> = {
    'neighbours by one bit': every(
      MINUTE,
      4,
      (i) => [1, 1.000_000_000_000_000_2, 123.456, 123.455_999_999_999_34][i] as number,
    ),
    'one double again and again, then another': every(
      MINUTE,
      7,
      (i) =>
        [-0.392_636_905_851_683_04, 0.450_762_617_155_903, -0.284_155_454_538_896][Math.max(0, i - 2) % 3] as number,
    ),
    'a thousand before one': every(MINUTE, 11, (i) => (i === 0 ? 1_000 : i)),
    'the least and the greatest of 32 bits': every(MINUTE, 40, (i) => [-(2 ** 31), 2 ** 31 - 1, 0][i % 3] as number),
    'large and negative': every(
      MINUTE,
      6,
      (i) => [-17_887_939_293_638_656, -84_742_859_065_569_280, 1][i % 3] as number,
    ),
    'one step down each time': every(MINUTE, 300, (i) => -i),
    'five minutes, 1 to 5': every(MINUTE, 5, (i) => i + 1),
    'a jump in time': [
      [0, 1],
      [1, 1],
      [5_000, 1],
    ],
    ...Object.fromEntries(
      [119, 127, 128, 129, 239, 255, 256, 257].map((count): [string, Row[]] => [
        `even for ${count} and then not`,
        [...every(1_000, count, () => 1), [count * 1_000 + 7, 2]],
      ]),
    ),
    ...Object.fromEntries(
      [8, 16, 24, 25, 26, 31, 32, 33, 47].map((bits): [string, Row[]] => [
        `numbers of ${bits} bits`,
        every(1, 150, (i) => (i % 3 === 0 ? 2 ** bits - 1 : i)),
      ]),
    ),
  };

  test.each(Object.entries({ ...named, ...met }))('%s', async (_, rows) => {
    const key = keyOf(rows);
    const packed = packStretch(key, columns(rows));
    expect(readingsOf(key, packed)).toBe(rows.length);
    expect(rowsOf(unpackStretch(key, packed))).toEqual(rows);
    expect(rowsOfRuns(key, packed)).toEqual(rows);
    expect(await inSql(key, packed)).toEqual(rows);
  });

  const value = fc.oneof(
    fc.integer({ min: -4_000, max: 9_000 }).map((n) => n / 10),
    fc.integer({ min: -4_000, max: 9_000 }).map((n) => Math.fround(n / 100)),
    fc.integer({ min: -999_999_999, max: 999_999_999 }).map((n) => n / 1e9),
    fc.float(),
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );
  /** Mostly of one kind, as a sensor's are; or of all. */
  const values = fc.oneof(
    fc.array(
      fc.integer({ min: -50, max: 90 }).map((n) => n / 10),
      { maxLength: 400 },
    ),
    fc.array(
      fc.integer({ min: -50, max: 90 }).map((n) => (n === 0 ? -0 : Math.fround(n / 10))),
      { maxLength: 400 },
    ),
    fc.array(value, { maxLength: 400 }),
  );
  const clock = fc.record({
    step: fc.constantFrom(1, 10, 500, 1_000, 5_000, MINUTE, 5 * MINUTE, 15 * MINUTE),
    jitter: fc.constantFrom(0, 0, 3, 500, 90_000),
    start: fc.integer({ min: 0, max: DAY_MS - 1 }),
    day: fc.constantFrom(DAY, 0, -DAY_MS, Date.parse('1800-01-02'), Date.parse('2199-12-31'), Date.parse('2028-02-29')),
  });

  test('whatever the clock and the sensor, by us and by PostgreSQL', async () => {
    await fc.assert(
      fc.asyncProperty(
        values,
        clock,
        fc.infiniteStream(fc.nat()),
        async (given, { step, jitter, start, day }, draws) => {
          const times = new Set<number>();
          for (let i = 0; i < given.length; i++) {
            const since = start + i * step + (jitter === 0 ? 0 : (draws.next().value as number) % jitter);
            if (since < DAY_MS) times.add(since);
          }
          const rows = [...times].sort((a, b) => a - b).map((since, i): Row => [since, given[i] as number]);
          if (rows.length === 0) return;
          const key = { deviceId: 2 ** 31 - 1, metric: 12, since: day + (rows[0]?.[0] ?? 0) };
          const packed = packStretch(key, columns(rows, day));
          expect(rowsOf(unpackStretch(key, packed), day)).toEqual(rows);
          expect(rowsOfRuns(key, packed, day)).toEqual(rows);
          expect(await inSql(key, packed, day)).toEqual(rows);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what cannot be packed', () => {
  const refused: Record<string, KeyReadings> = {
    nothing: columns([]),
    'two of one time': columns([
      [0, 5],
      [1, 5],
      [1, 5],
    ]),
    'out of order': columns([
      [0, 5],
      [2, 5],
      [1, 5],
    ]),
    'a first reading that is not the key’s': columns([[1, 5]]),
    'more than seven weeks': columns([
      [0, 5],
      [4_294_967_296, 5],
    ]),
    'between two milliseconds': columns([
      [0, 5],
      [0.5, 5],
    ]),
    'no time': columns([
      [0, 5],
      [Number.NaN, 5],
    ]),
    'too many': { count: MOST_READINGS + 1, time: new Float64Array(0), value: new Float64Array(0) },
  };
  test.each(Object.entries(refused))('%s is refused', (_, readings) => {
    expect(() => packStretch(KEY, readings)).toThrow(expect.objectContaining({ code: 'PACKED_READINGS_BAD' }));
  });
});

test.each([
  ['tenths', fridge, 0],
  ['floats of 32 bits', float32, 0],
  ['doubles with all their digits', fahrenheit, 1e-4],
  ['doubles below zero', (i: number) => -30 + fahrenheit(i), 1e-4],
  ['-0 and what is above', (i: number) => (i % 9 === 0 ? -0 : fridge(i)), 0],
])('measured, a block of %s is hardly wider than its values', (_, valueAt, wider) => {
  const rows = every(MINUTE, 300, valueAt);
  for (const run of runsOfStretch(KEY, packStretch(KEY, columns(rows)))) {
    const { value } = run.newest(run.count);
    const { least, most } = run.measure();
    expect(Math.min(...value) - least).toBeLessThanOrEqual(wider);
    expect(most - Math.max(...value)).toBeLessThanOrEqual(wider);
  }
});

describe('a damaged stretch', () => {
  const packed = packStretch(KEY, columns(every(MINUTE, 300, fridge)));

  test('is named, whichever bit it is', () => {
    fc.assert(
      fc.property(fc.nat(packed.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(packed);
        damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(() => unpackStretch(KEY, damaged)).toThrow(
          expect.objectContaining({ code: 'PACKED_STRETCH_DAMAGED', message: expect.stringContaining('2026-11-22') }),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is named where it is cut off, wherever that is', () => {
    for (let bytes = 0; bytes < packed.length; bytes++) {
      expect(() => unpackStretch(KEY, packed.subarray(0, bytes))).toThrow(
        expect.objectContaining({ code: 'PACKED_STRETCH_DAMAGED' }),
      );
    }
  });

  test.each([
    ['another device', { ...KEY, deviceId: 8 }],
    ['another metric', { ...KEY, metric: 2 }],
    ['another time', { ...KEY, since: DAY + DAY_MS }],
  ])('is what lies under %s', async (_, key) => {
    expect(() => unpackStretch(key, packed)).toThrow(expect.objectContaining({ code: 'PACKED_STRETCH_DAMAGED' }));
    await expect(inSql(key, packed)).rejects.toMatchObject({ code: 'XX001' });
  });

  test.each([
    ['times as wide as no number is', 12, 200],
    ['decimals that no value has', 13, 15],
    ['values as wide as no number is', 14, 255],
    ['numbers behind its end', 33, 255],
    ['fewer readings in a block than it says in all', 11, 3],
    ['more readings in a block than it says in all', 11, 255],
    ['more blocks than it has headers', 5, 255],
  ])('is one with %s, though its check is right', (_, at, byte) => {
    const lying = Buffer.from(packed);
    lying.writeUInt8(byte, at);
    const whose = Buffer.alloc(14);
    whose.writeInt32BE(KEY.deviceId, 0);
    whose.writeInt16BE(KEY.metric, 4);
    whose.writeBigInt64BE(BigInt(KEY.since), 6);
    const check = createHash('sha256').update(whose).update(lying.subarray(0, 7)).update(lying.subarray(11)).digest();
    check.copy(lying, 7, 0, 4);
    expect(() => unpackStretch(KEY, lying)).toThrow(expect.objectContaining({ code: 'PACKED_STRETCH_DAMAGED' }));
  });

  test('is refused by PostgreSQL, not read in part', async () => {
    for (const at of [0, 1, 4, 8, 20, 60, packed.length - 1]) {
      const damaged = Buffer.from(packed);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      await expect(inSql(KEY, damaged)).rejects.toMatchObject({ code: 'XX001' });
    }
    await expect(inSql(KEY, packed.subarray(0, 9))).rejects.toMatchObject({ code: 'XX001' });
    await expect(inSql(KEY, Buffer.alloc(0))).rejects.toMatchObject({ code: 'XX001' });
  });
});

test('unpacking is not planned into each question that may find nothing packed: that took longer than the question', async () => {
  for (const question of [
    `readings_between(1, 1::int2, '2026-10-01', '2026-10-02')`,
    `first_reading(1, 1::int2, '2026-10-01', '2026-10-02')`,
    'latest_reading(1, 1::int2)',
  ]) {
    const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN SELECT * FROM ${question}`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan, question).toContain('Function Scan on unpacked_between');
    expect(plan, question).not.toContain('generate_series');
  }
});
