/**
 * Readings packed by key and stretch (docs/decisions/0167): bytes a reading beside other forms, and, in a real embedded
 * PostgreSQL, what they cost to write, keep and ask for beside the rows of `readings`.
 *
 *   ISOTHERM_BENCH_READINGS=2000000 node bench/packed.ts
 *
 * Loggers of one reading a minute; days of them are made as they are needed, so that memory does not bound it.
 */
import { loadavg } from 'node:os';
import { finished } from 'node:stream/promises';
import { zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { joinReadings, type KeyReadings, NO_READINGS, systemTime } from '../domain/index.ts';
import { type Database, PartitionManager, PostgresHistoryScan } from '../storage/index.ts';
import { copyOfStretches } from '../storage/packed/copy-stretches.ts';
import {
  joinLate,
  packStretch,
  packStretches,
  readingsOf,
  type StretchKey,
  unpackInto,
  unpackStretch,
} from '../storage/packed/index.ts';
import { WeekPacker } from '../storage/packed/week-packer.ts';
import { copyOut } from '../storage/readings/copy-out.ts';
import { CopyRows, float8Array, timestamptzArray } from '../storage/readings/pack.ts';
import { timestamp } from '../storage/types.ts';
import { cpuMs } from './cpu.ts';
import { inEmptyDatabase } from './empty-database.ts';
import { dayOf, KINDS } from './packed-series.ts';
import { readVarints, varintsOf } from './packed-varints.ts';
import { median } from './timing.ts';

const READINGS = Number(process.env.ISOTHERM_BENCH_READINGS ?? 2_000_000);
const MINUTES_A_DAY = 1_440;
const DEVICES = 1_000;
const DAYS = Math.max(1, Math.round(READINGS / DEVICES / MINUTES_A_DAY));
const TEMPERATURE = 1;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FIRST_DAY = Date.parse('2026-09-03T00:00:00Z');
/** Rows of a transaction, as the writer takes them. */
const ROWS_AT_ONCE = 5_000;
/** A logger's backlog in one message. */
const PIECE = 100;

const [, jittering] = KINDS;
if (jittering === undefined) throw new Error('no kind of series');
const kind = jittering;
const say = (what: string, text: string) => process.stdout.write(`${what.padEnd(58)} ${text}\n`);
const load = () => `load ${loadavg()[0]?.toFixed(1)}`;
const millions = (rows: number, ms: number) => `${(rows / ms / 1_000).toFixed(2)} M readings/s`;

const ARRAYS =
  'array_send(array_agg(time ORDER BY time)) AS time, array_send(array_agg(value ORDER BY time)) AS value, count(*)::int';
const ROWS = `SELECT ${ARRAYS} FROM readings WHERE device_id = $1 AND metric = $2 AND time >= $3 AND time < $4`;
const OF_STRETCHES = `device_id = $1 AND metric = $2 AND since > $3::timestamptz - interval '1 day' AND since < $4`;
const PACKED_AS_IT_IS = `SELECT since, packed FROM bench_packed WHERE ${OF_STRETCHES} ORDER BY since`;
const PACKED_IN_SQL = `SELECT ${ARRAYS} FROM bench_packed AS d
  CROSS JOIN LATERAL unpacked_readings(d.device_id, d.metric, d.since, d.packed)
  WHERE ${OF_STRETCHES} AND time >= $3 AND time < $4`;

forms();
await inEmptyDatabase(measure);

/** In memory alone. */
function forms(): void {
  say('bytes a reading, a day of a key', `ours | with zstd | varints | with zstd | Parquet, Snappy (${load()})`);
  for (const each of KINDS) {
    let [count, ours, zstd, varints, varintsZstd] = [0, 0, 0, 0, 0];
    const all: KeyReadings[] = [];
    for (let device = 0; device < 100; device++) {
      const readings = dayOf(each, device, FIRST_DAY);
      all.push(readings);
      const packed = packStretch(keyOf(device, readings), readings);
      count += readings.count;
      ours += packed.length;
      zstd += zstdCompressSync(packed).length;
      const other = varintsOf(readings);
      varints += other.length;
      varintsZstd += zstdCompressSync(other).length;
    }
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: 'device', data: all.flatMap(({ count: n }, i) => Array.from({ length: n }, () => i)), type: 'INT32' },
        { name: 'time', data: BigInt64Array.from(all.flatMap(({ time }) => Array.from(time, BigInt))), type: 'INT64' },
        { name: 'value', data: Float64Array.from(all.flatMap(({ value }) => Array.from(value))), type: 'DOUBLE' },
      ],
    }).byteLength;
    say(
      `  ${each.name}`,
      [ours, zstd, varints, varintsZstd, parquet].map((bytes) => (bytes / count).toFixed(2)).join(' | '),
    );
  }
  for (const each of [KINDS[0], KINDS[1], KINDS[2]]) if (each !== undefined) codecSpeed(each);
}

function keyOf(deviceId: number, { time: [since = 0] }: KeyReadings): StretchKey {
  return { deviceId, metric: TEMPERATURE, since };
}

function codecSpeed(each: (typeof KINDS)[number]): void {
  const days = Array.from({ length: 100 }, (_, device) => dayOf(each, device, FIRST_DAY));
  const packed = days.map((readings) => packStretch(keyOf(1, readings), readings));
  const varints = days.map((readings) => varintsOf(readings));
  const rows = days.reduce((sum, { count }) => sum + count, 0);
  const ways: Record<string, () => void> = {
    pack: () => {
      for (const readings of days) packStretch(keyOf(1, readings), readings);
    },
    unpack: () => {
      for (const [i, bytes] of packed.entries()) unpackStretch(keyOf(1, days[i] ?? NO_READINGS), bytes);
    },
    'unpack varints': () => {
      for (const [i, bytes] of varints.entries()) readVarints(bytes, days[i]?.count ?? 0, 10, 1);
    },
  };
  for (const [name, work] of Object.entries(ways)) {
    const took: number[] = [];
    for (let round = 0; round < 15; round++) {
      const from = cpuMs();
      work();
      took.push(cpuMs() - from);
    }
    say(`${name}, ${each.name}`, `${millions(rows, median(took))} of one core`);
  }
}

async function measure(database: Database): Promise<void> {
  await database.query(`
    CREATE TABLE bench_packed (device_id integer, metric smallint, since timestamptz, packed bytea STORAGE EXTERNAL,
      PRIMARY KEY (device_id, metric, since));
    CREATE TABLE bench_pieces (device_id integer, metric smallint, since timestamptz, packed bytea STORAGE EXTERNAL);
    INSERT INTO devices (id, name) OVERRIDING SYSTEM VALUE SELECT n, 'logger-' || n FROM generate_series(0, ${DEVICES - 1}) n;
    INSERT INTO reading_keys SELECT n, ${TEMPERATURE} FROM generate_series(0, ${DEVICES - 1}) n`);
  const partitions = new PartitionManager({ database });
  for (let day = 0; day < DAYS; day++) await partitions.partitionFor(FIRST_DAY + day * DAY);
  const written = await write(database);
  await database.query('VACUUM ANALYZE readings');
  await database.query('VACUUM ANALYZE bench_packed');
  say(`${written.rows.toLocaleString('en')} readings written, ${DEVICES} loggers, ${DAYS} days`, load());
  const speed = (ms: number) => millions(written.rows, ms);
  say(
    '  rows by binary COPY, 5,000 at once',
    `${speed(written.copy)} (the driver ${speed(written.copyOurs)} of one core)`,
  );
  say(
    `  pieces of ${PIECE} readings, packed and by COPY`,
    `${speed(written.pieces)}, ${(written.copy / written.pieces).toFixed(1)} × COPY of rows`,
  );
  say(
    '  days, packed and by COPY',
    `${speed(written.days)}, ${(written.copy / written.days).toFixed(1)} × COPY of rows`,
  );
  for (const table of ['readings', 'bench_packed', 'bench_pieces']) {
    say(`bytes a reading in ${table}`, ((await bytesOf(database, table)) / written.rows).toFixed(2));
  }
  await questions(database);
  await scan(database, written.rows);
  await late(database);
  await packWeeks(database);
}

/** Rows in the order they come in, then the same as pieces and as days, a day of all loggers at a time. */
async function write(database: Database): Promise<Record<'rows' | 'copy' | 'copyOurs' | 'pieces' | 'days', number>> {
  const spent = { rows: 0, copy: 0, copyOurs: 0, pieces: 0, days: 0 };
  const client = await database.pool.connect();
  try {
    await client.query('SET synchronous_commit = off');
    for (let nth = 0; nth < DAYS; nth++) {
      const day = FIRST_DAY + nth * DAY;
      const all = Array.from({ length: DEVICES }, (_, device) => dayOf(kind, device, day));
      for (let minute = 0; minute < MINUTES_A_DAY; minute += ROWS_AT_ONCE / DEVICES) {
        const [wall, ours] = [systemTime.monotonic(), cpuMs()];
        const rows = new CopyRows(ROWS_AT_ONCE);
        for (let i = minute; i < minute + ROWS_AT_ONCE / DEVICES; i++) {
          for (const [device, { time, value }] of all.entries()) {
            rows.add(device, TEMPERATURE, time[i] as number, value[i] as number);
          }
        }
        await copy(client, 'readings (device_id, metric, time, value)', rows.finish());
        spent.rows += ROWS_AT_ONCE;
        spent.copy += systemTime.monotonic() - wall;
        spent.copyOurs += cpuMs() - ours;
      }
      spent.days += await packedInto(client, 'bench_packed', all, MINUTES_A_DAY);
      spent.pieces += await packedInto(client, 'bench_pieces', all, PIECE);
    }
  } finally {
    client.release();
  }
  return spent;
}

/** @returns ms that packing and writing took */
async function packedInto(client: pg.ClientBase, table: string, all: readonly KeyReadings[], readings: number) {
  const began = systemTime.monotonic();
  for (let first = 0; first < MINUTES_A_DAY; first += readings) {
    const stretches = all.flatMap(({ time, value }, deviceId) => {
      const piece = { time: time.subarray(first, first + readings), value: value.subarray(first, first + readings) };
      return packStretches(deviceId, TEMPERATURE, { count: piece.time.length, ...piece });
    });
    await copy(client, table, copyOfStretches(stretches));
  }
  return systemTime.monotonic() - began;
}

async function copy(client: pg.ClientBase, into: string, rows: Buffer): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${into} FROM STDIN (FORMAT binary)`));
  stream.end(rows);
  await finished(stream);
}

async function bytesOf(database: Database, table: string): Promise<number> {
  const { rows } = await database.query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), pg_total_relation_size($1::regclass))::bigint AS bytes
     FROM pg_inherits WHERE inhparent = $1::regclass AND pg_total_relation_size(inhrelid) > 0`,
    [table],
  );
  return rows[0]?.bytes ?? 0;
}

/** 24 hours of a logger that begin at noon: of two days, so more is read than asked for. */
async function questions(database: Database): Promise<void> {
  const noon = FIRST_DAY + Math.max(0, DAYS - 2) * DAY + DAY / 2;
  const range = [timestamp(noon), timestamp(noon + DAY)];
  const ways: Record<string, (device: number) => Promise<number>> = {
    rows: async (device) => count(await database.query(ROWS, [device, TEMPERATURE, ...range])),
    'packed, by SQL': async (device) => count(await database.query(PACKED_IN_SQL, [device, TEMPERATURE, ...range])),
    'packed, by us': async (device) => {
      const { rows } = await database.query<{ since: number; packed: Buffer }>(PACKED_AS_IT_IS, [
        device,
        TEMPERATURE,
        ...range,
      ]);
      const days = rows.map(({ since, packed }) =>
        unpackStretch({ deviceId: device, metric: TEMPERATURE, since }, packed),
      );
      return days.reduce((sum, { time }) => sum + time.filter((at) => at >= noon && at < noon + DAY).length, 0);
    },
  };
  const took = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  let found = 0;
  for (let round = 0; round < 120; round++) {
    for (const [name, ask] of Object.entries(ways)) {
      const from = systemTime.monotonic();
      found = await ask((round * 379) % DEVICES);
      took.get(name)?.push(systemTime.monotonic() - from);
    }
  }
  for (const [name, ms] of took) {
    ms.sort((a, b) => a - b);
    const at = (share: number) => (ms[Math.floor(ms.length * share)] ?? 0).toFixed(1);
    say(`24 h of one logger, ${name}`, `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ${found} readings (${load()})`);
  }
}

function count({ rows }: { rows: { count?: number }[] }): number {
  return rows[0]?.count ?? 0;
}

/** Every reading of every key into columns, as a backtest wants them, before any rule. */
async function scan(database: Database, expected: number): Promise<void> {
  const began = systemTime.monotonic();
  const history = new PostgresHistoryScan({ database });
  let rows = 0;
  for await (const block of history.between(await history.keys(), FIRST_DAY, FIRST_DAY + DAYS * DAY)) {
    for (const { readings } of block) rows += readings.count;
  }
  const byRows = systemTime.monotonic() - began;
  say('all readings as columns, rows', `${millions(rows, byRows)} (${load()})`);
  const from = systemTime.monotonic();
  const ours = cpuMs();
  let unpacked = 0;
  for (let device = 0; device < DEVICES; device += 100) {
    const found = await copyOut(
      database,
      `SELECT device_id, (extract(epoch FROM since) * 1000)::float8, packed FROM bench_packed
       WHERE device_id >= ${device} AND device_id < ${device + 100} ORDER BY device_id, metric, since`,
    );
    const days = found.map(([id, since, packed]) => ({
      key: { deviceId: id?.readInt32BE() ?? 0, metric: TEMPERATURE, since: since?.readDoubleBE() ?? 0 },
      packed: packed ?? Buffer.alloc(0),
    }));
    const total = days.reduce((sum, { key, packed }) => sum + readingsOf(key, packed), 0);
    const columns = { time: new Float64Array(total), value: new Float64Array(total) };
    let at = 0;
    for (const { key, packed } of days) at = unpackInto(key, packed, columns, at);
    unpacked += at;
  }
  const byDays = systemTime.monotonic() - from;
  say(
    'all readings as columns, packed',
    `${millions(unpacked, byDays)} (the driver ${millions(unpacked, cpuMs() - ours)} of one core), ${(byRows / byDays).toFixed(1)} × rows`,
  );
  if (unpacked !== expected) throw new Error(`${unpacked} readings unpacked of ${expected}`);
}

/** An hour that a logger kept to itself, into a day that is packed, beside the same into rows; as the writer commits. */
async function late(database: Database): Promise<void> {
  const hour = {
    count: 60,
    time: Float64Array.from({ length: 60 }, (_, i) => FIRST_DAY + (600 + i) * MINUTE + 30_000),
    value: new Float64Array(60).fill(5.5),
  };
  const took: Record<'packed' | 'rows', number[]> = { packed: [], rows: [] };
  const client = await database.pool.connect();
  try {
    await client.query('SET synchronous_commit = off');
    for (let device = 0; device < 200; device++) {
      const from = systemTime.monotonic();
      await client.query('BEGIN');
      await lateIntoPacked(client, device, hour);
      await client.query('COMMIT');
      const between = systemTime.monotonic();
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO readings SELECT $1, $2, time, value FROM unnest($3::timestamptz[], $4::float8[]) AS late (time, value)
         ON CONFLICT DO NOTHING`,
        [device, TEMPERATURE, timestamptzArray(hour.time), float8Array(hour.value)],
      );
      await client.query('COMMIT');
      took.packed.push(between - from);
      took.rows.push(systemTime.monotonic() - between);
    }
  } finally {
    client.release();
  }
  for (const [where, ms] of Object.entries(took)) {
    ms.sort((a, b) => a - b);
    say(`a late hour into ${where}`, `p50 ${median(ms).toFixed(1)} ms, p95 ${ms[190]?.toFixed(1)} ms (${load()})`);
  }
}

async function lateIntoPacked(client: pg.ClientBase, device: number, hour: KeyReadings): Promise<void> {
  const whose = [device, TEMPERATURE, timestamp(FIRST_DAY), timestamp(FIRST_DAY + DAY)];
  const { rows } = await client.query<{ since: number; packed: Buffer }>(
    `DELETE FROM bench_packed WHERE device_id = $1 AND metric = $2 AND since >= $3 AND since < $4 RETURNING since, packed`,
    whose,
  );
  const kept = rows
    .sort((a, b) => a.since - b.since)
    .map(({ since, packed }) => unpackStretch({ deviceId: device, metric: TEMPERATURE, since }, packed))
    .reduce(joinReadings, NO_READINGS);
  const stretches = packStretches(device, TEMPERATURE, joinLate(kept, hour).readings);
  await client.query(`INSERT INTO bench_packed SELECT $1, $2, * FROM unnest($3::timestamptz[], $4::bytea[])`, [
    device,
    TEMPERATURE,
    timestamptzArray(stretches.map(({ key }) => key.since)),
    stretches.map(({ packed }) => packed),
  ]);
}

/** What lies in rows, as upkeep would pack it; then a day of it by the function that readers are to ask. */
async function packWeeks(database: Database): Promise<void> {
  const packer = new WeekPacker({ database, time: systemTime });
  const { rows } = await database.query<{ count: number }>('SELECT count(*)::bigint AS count FROM readings');
  const readings = rows[0]?.count ?? 0;
  const partitions = (await new PartitionManager({ database }).list()).filter(({ to }) => to > FIRST_DAY);
  const [from, ours] = [systemTime.monotonic(), cpuMs()];
  for (const week of partitions) {
    const outcome = await packer.pack(week);
    if (outcome !== 'packed') throw new Error(`a week was not packed: ${outcome}`);
  }
  say(
    'weeks of rows packed and dropped',
    `${millions(readings, systemTime.monotonic() - from)} (the driver ${millions(readings, cpuMs() - ours)} of one core)`,
  );
  say('bytes a reading in packed_readings', ((await bytesOf(database, 'packed_readings')) / readings).toFixed(2));
  const took: number[] = [];
  for (let round = 0; round < 100; round++) {
    const began = systemTime.monotonic();
    await database.query(`SELECT ${ARRAYS} FROM readings_between($1, $2, $3, $4)`, [
      (round * 379) % DEVICES,
      TEMPERATURE,
      timestamp(FIRST_DAY),
      timestamp(FIRST_DAY + DAY),
    ]);
    took.push(systemTime.monotonic() - began);
  }
  took.sort((a, b) => a - b);
  say('24 h by readings_between', `p50 ${median(took).toFixed(1)} ms, p95 ${took[95]?.toFixed(1)} ms (${load()})`);
}
