import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import { underWay } from '../../tests/testing/under-way.ts';
import type { Partition } from '../readings/partition.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { testDatabase } from '../testing/database.ts';
import { timestamp } from '../types.ts';
import { cutPacked } from './cut.ts';
import { PACKING_LOCK } from './packing-lock.ts';
import { WeekPacker } from './week-packer.ts';

const TEMPERATURE = 1;
const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;
/** Thursdays: weeks of partitions begin there. */
const FIRST = Date.parse('2026-10-01T00:00:00Z');

const database = await testDatabase();
const packer = new WeekPacker({ database, time: systemTime });
const packerOf = {
  all: packer,
  little: new WeekPacker({ database, time: systemTime, atOnce: { readings: 3, stretches: 2 } }),
};

async function register(deviceId: number): Promise<void> {
  await database.query(
    'INSERT INTO devices (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [deviceId, `logger-${deviceId}`],
  );
  await database.query('INSERT INTO reading_keys VALUES ($1, $2) ON CONFLICT DO NOTHING', [deviceId, TEMPERATURE]);
}

/** Asked anew each time: another packs, so what is known of the partitions is not true any more. */
const weekOf = (time: number): Promise<Partition> => new PartitionManager({ database }).partitionFor(time);

/** As the writer does: a value only where there is none, of what is packed as well. */
async function write(deviceId: number, time: number, value: number): Promise<void> {
  await weekOf(time);
  await database.query(
    `INSERT INTO readings SELECT $1, $2, $3::timestamptz, $4
     WHERE NOT EXISTS (SELECT FROM readings_between($1, $2, $3, $3::timestamptz + interval '1 millisecond'))
     ON CONFLICT DO NOTHING`,
    [deviceId, TEMPERATURE, timestamp(time), value],
  );
}

async function stored(deviceId: number, from = FIRST - WEEK, to = FIRST + 10 * WEEK): Promise<[number, number][]> {
  const { rows } = await database.query<{ time: number; value: number }>(
    'SELECT time, value FROM readings_between($1, $2, $3, $4) ORDER BY time',
    [deviceId, TEMPERATURE, timestamp(from), timestamp(to)],
  );
  return rows.map(({ time, value }) => [time, value]);
}

async function rowsOf(deviceId: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM readings WHERE device_id = $1',
    [deviceId],
  );
  return rows[0]?.count ?? 0;
}

describe('a week that is packed', () => {
  test('reads as before, and its rows are gone', async () => {
    await register(1);
    for (let hour = 0; hour < 30; hour++) await write(1, FIRST + hour * HOUR, hour / 10);
    await write(1, FIRST + WEEK, 9);
    const before = await stored(1);
    expect(await packer.pack(await weekOf(FIRST))).toBe('packed');
    expect(await stored(1)).toEqual(before);
    expect(await stored(1, FIRST + 5 * HOUR, FIRST + 26 * HOUR)).toEqual(before.slice(5, 26));
    expect(await rowsOf(1)).toBe(1);
  });

  test('takes late readings into it, and the first in the log stays', async () => {
    await register(2);
    const at = FIRST + 2 * WEEK;
    for (let hour = 0; hour < 30; hour++) await write(2, at + hour * HOUR, 5);
    expect(await packer.pack(await weekOf(at))).toBe('packed');
    await write(2, at + HOUR, 8);
    await write(2, at + HOUR + 1, 6);
    expect(await rowsOf(2)).toBe(1);
    expect(await packer.pack(await weekOf(at))).toBe('packed');
    expect(await rowsOf(2)).toBe(0);
    expect((await stored(2)).slice(0, 3)).toEqual([
      [at, 5],
      [at + HOUR, 5],
      [at + HOUR + 1, 6],
    ]);
  });

  test('stays rows where a time lies between two milliseconds', async () => {
    await register(3);
    const at = FIRST + 4 * WEEK;
    await write(3, at, 5);
    await database.query(`INSERT INTO readings VALUES (3, $1, $2::timestamptz + interval '1 microsecond', 6)`, [
      TEMPERATURE,
      timestamp(at),
    ]);
    expect(await packer.pack(await weekOf(at))).toBe('unfit');
    expect(await rowsOf(3)).toBe(2);
    await database.query('DELETE FROM readings WHERE device_id = 3');
  });

  test('is left alone while another packs, or somebody writes into it', async () => {
    await register(4);
    const at = FIRST + 6 * WEEK;
    await write(4, at, 5);
    const week = await weekOf(at);
    await database.transaction(async (client) => {
      await client.query(`INSERT INTO readings VALUES (4, $1, $2, 6)`, [TEMPERATURE, timestamp(at + 1)]);
      expect(await packer.pack(week)).toBe('busy');
    });
    expect(await stored(4)).toHaveLength(2);
    expect(await packer.pack(week)).toBe('packed');
    expect(await stored(4)).toHaveLength(2);
  });

  // The connection at rest had nobody who heard that it broke: the process ended. And the last step came over another connection,
  // without the lock: what somebody else had half made by then would have been put in place.
  test('is not put in place by who has lost the lock meanwhile, and is packed by the next', async () => {
    await register(6);
    const at = FIRST + 20 * WEEK;
    for (let hour = 0; hour < 3; hour++) await write(6, at + hour * HOUR, 5 + hour);
    const before = await stored(6, at, at + WEEK);
    const onBlock = async () => {
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND database =
           (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [PACKING_LOCK],
      );
      // Half of a week that another is at.
      await database.query('DELETE FROM packing_readings');
    };
    await expect(packer.pack(await weekOf(at), { onBlock })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await stored(6, at, at + WEEK)).toEqual(before);
    expect(await packer.pack(await weekOf(at))).toBe('packed');
    expect(await stored(6, at, at + WEEK)).toEqual(before);
  });

  test('is another’s to pack where who packs it stands still', async () => {
    await register(7);
    const at = FIRST + 22 * WEEK;
    for (let hour = 0; hour < 3; hour++) await write(7, at + hour * HOUR, 5 + hour);
    const before = await stored(7, at, at + WEEK);
    const week = await weekOf(at);
    const stands = new WeekPacker({ database, time: systemTime, standsStillMs: 200 });
    const onBlock = async () => {
      await expect.poll(() => packer.pack(week)).toBe('packed');
    };
    await expect(stands.pack(week, { onBlock })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await stored(7, at, at + WEEK)).toEqual(before);
  });

  test('is packed again where a late reading came while it was made', async () => {
    await register(5);
    const at = FIRST + 8 * WEEK;
    for (let hour = 0; hour < 3; hour++) await write(5, at + hour * HOUR, 5);
    const week = await weekOf(at);
    await database.query(`
      CREATE FUNCTION comes_late() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO readings VALUES (5, 1, '${timestamp(at + 1)}', 7) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
      CREATE TRIGGER comes_late AFTER INSERT ON packing_readings EXECUTE FUNCTION comes_late()`);
    try {
      expect(await packer.pack(week)).toBe('changed');
    } finally {
      await database.query('DROP FUNCTION comes_late CASCADE');
    }
    expect(await rowsOf(5)).toBe(4);
    expect(await packer.pack(week)).toBe('packed');
    expect((await stored(5)).map(([, value]) => value)).toEqual([5, 7, 5, 5]);
  });

  test('of a reading every 20 ms is packed part after part, and so is what comes late into it', async () => {
    await register(7);
    const at = FIRST + 12 * WEEK;
    await weekOf(at);
    const count = 270_000;
    await database.query(
      `INSERT INTO readings SELECT 7, $1, $2::timestamptz + n * interval '20 milliseconds', (n % 40) / 10.0
       FROM generate_series(1, ${count}) n`,
      [TEMPERATURE, timestamp(at)],
    );
    const parts: number[] = [];
    const pack = async () => packer.pack(await weekOf(at), { onBlock: (done) => void parts.push(done) });
    expect(await pack()).toBe('packed');
    await write(7, at + 20, 9);
    await write(7, at + 30, 9);
    await write(7, at + 20 * count + 1, 8);
    expect(await pack()).toBe('packed');
    expect(parts).toEqual([200_000, count, 2]);
    const { rows } = await database.query('SELECT readings FROM packed_weeks WHERE from_at = $1', [timestamp(at)]);
    expect(rows).toEqual([{ readings: count + 2 }]);
    expect((await stored(7, at + 20 * count - 1, at + WEEK)).map(([time]) => time - at)).toEqual([
      20 * count,
      20 * count + 1,
    ]);
    expect((await stored(7, at, at + 41)).map(([time, value]) => [time - at, value])).toEqual([
      [20, 0.1],
      [30, 9],
      [40, 0.2],
    ]);
  });

  test('is none that takes odd times', async () => {
    const odd = { table: 'readings_odd', from: FIRST, to: FIRST + WEEK };
    await expect(packer.pack(odd)).rejects.toMatchObject({ code: 'PACKING_NOT_A_WEEK' });
  });

  test('gives whoever reads meanwhile each reading once', async () => {
    await register(6);
    const at = FIRST + 10 * WEEK;
    for (let hour = 0; hour < 100; hour++) await write(6, at + hour * HOUR, hour);
    const before = await stored(6, at, at + WEEK);
    let isPacking = true;
    const packRounds = async () => {
      for (let round = 0; round < 4; round++) {
        // A late one each time, so that there are rows to be packed.
        await write(6, at + 100 * HOUR + round, round);
        while ((await packer.pack(await weekOf(at))) !== 'packed');
      }
    };
    const packing = underWay(
      packRounds().finally(() => {
        isPacking = false;
      }),
    );
    while (isPacking) expect((await stored(6, at, at + 100 * HOUR)).length).toBe(before.length);
    await packing.end;
    expect(await stored(6, at, at + 100 * HOUR)).toEqual(before);
    expect(await stored(6, at + 100 * HOUR, at + WEEK)).toHaveLength(4);
  });

  test('is read by the key, rows and stretches, and by nothing else', async () => {
    const { rows } = await database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (COSTS OFF) SELECT * FROM readings_between(1, 1::int2, '2026-10-01Z', '2026-10-02Z')`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toContain('readings_between');
    expect(plan).not.toContain('unpacked_readings');
    expect(plan).toMatch(/packed_readings_pkey|Index Cond: .*since/);
  });
});

type Step =
  | { readonly do: 'write'; readonly device: number; readonly slot: number; readonly value: number }
  | { readonly do: 'pack'; readonly week: number; readonly atOnce: 'all' | 'little' }
  | { readonly do: 'die'; readonly week: number }
  | { readonly do: 'cut'; readonly device: number; readonly from: number; readonly length: number };

test('whatever is written, packed, cut and left half done, what is read is what a plain list holds', async () => {
  // A slot is five hours: 70 of them are two weeks and a bit.
  const slot = fc.integer({ min: 0, max: 69 });
  const device = fc.constantFrom(0, 1);
  const week = fc.constantFrom(0, 1, 2);
  const atOnce = fc.constantFrom('all' as const, 'little' as const);
  const write = fc.record({ do: fc.constant('write' as const), device, slot, value: fc.constantFrom(1, 2.5, -0.1) });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: write, weight: 8 },
    { arbitrary: fc.record({ do: fc.constant('pack' as const), week, atOnce }), weight: 2 },
    { arbitrary: fc.record({ do: fc.constant('die' as const), week }), weight: 1 },
    {
      arbitrary: fc.record({
        do: fc.constant('cut' as const),
        device,
        from: slot,
        length: fc.integer({ min: 1, max: 20 }),
      }),
      weight: 1,
    },
  );
  const start = FIRST + 20 * WEEK;
  const at = (nth: number) => start + nth * 5 * HOUR + 7;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      run++;
      const ids = [100 + run * 2, 101 + run * 2];
      for (const id of ids) await register(id);
      const expected = ids.map(() => new Map<number, number>());
      for (const one of steps) {
        if (one.do === 'write') {
          const values = expected[one.device];
          await writeOf(ids[one.device] as number, at(one.slot), one.value);
          if (values?.has(at(one.slot)) === false) values.set(at(one.slot), one.value);
        } else if (one.do === 'pack') {
          expect(await packerOf[one.atOnce].pack(await weekOf(start + one.week * WEEK))).toBe('packed');
        } else if (one.do === 'die') {
          await dieWhilePacking(await weekOf(start + one.week * WEEK));
        } else {
          await cut(ids[one.device] as number, at(one.from), at(one.from + one.length));
          const values = expected[one.device];
          for (const time of values?.keys() ?? []) {
            if (time >= at(one.from) && time < at(one.from + one.length)) values?.delete(time);
          }
        }
        for (const [i, id] of ids.entries()) {
          const sorted = [...(expected[i] ?? [])].sort(([a], [b]) => a - b);
          expect(await stored(id, start, start + 4 * WEEK)).toEqual(sorted);
          const [from, to] = [at(11) + 1, at(47)];
          expect(await stored(id, from, to)).toEqual(sorted.filter(([time]) => time >= from && time < to));
        }
      }
    }),
    { numRuns: 25 },
  );
}, 240_000);

const writeOf = write;

/** Retention, where something of the week is kept. */
async function cut(deviceId: number, from: number, to: number): Promise<void> {
  await database.transaction(async (client) => {
    await cutPacked(client, { deviceId, metric: TEMPERATURE, from, to });
    await client.query('DELETE FROM readings WHERE device_id = $1 AND time >= $2 AND time < $3', [
      ...[deviceId],
      timestamp(from),
      timestamp(to),
    ]);
  });
}

/** Its connection is ended when all is made and the swap has begun: as kill -9 ends it. */
async function dieWhilePacking(week: Partition): Promise<void> {
  await database.query(`INSERT INTO packing_readings VALUES (1, 1, $1, 'left by one that died')`, [
    timestamp(week.from),
  ]);
  const name = `dies_${week.from}`;
  await database.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE TRIGGER ${name} AFTER INSERT ON packed_readings EXECUTE FUNCTION ${name}()`);
  try {
    await expect(packer.pack(week)).rejects.toThrow();
  } finally {
    await database.query(`DROP FUNCTION ${name} CASCADE`);
  }
}
