/**
 * Readings at size: how fast they go in beside a bare COPY into the same table, what rollups cost, how fast the page's
 * questions are answered, and how much disk a reading takes.
 *
 *   ISOTHERM_BENCH_READINGS=10000000 node bench/series.ts
 *
 * 1,000 loggers of one reading a minute, on an embedded PostgreSQL in a directory of its own, and side by side on the
 * server of ISOTHERM_BENCH_TIMESCALE_URL (superuser; TimescaleDB in shared_preload_libraries) where it is given. A
 * nightly run asks for 100,000,000.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ReadingBuilder, type ReadingColumns, silentLogger, systemTime } from '../domain/index.ts';
import {
  type Database,
  effectsOf,
  migrate,
  openDatabase,
  PartitionManager,
  ReadingStore,
  Readings,
  Rollups,
  startEmbeddedPostgres,
  WeekPacker,
} from '../storage/index.ts';
import { CopyRows } from '../storage/readings/pack.ts';
import { copyInto, transaction } from './transaction.ts';

const READINGS = Number(process.env.ISOTHERM_BENCH_READINGS ?? 10_000_000);
const DEVICES = 1_000;
const TEMPERATURE = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Five minutes of all loggers. */
const BATCH = 5_000;
const MINUTES_A_BATCH = BATCH / DEVICES;
/** Of the first batches every second one goes in by bare COPY, as a logger nobody knows: the same table, the same moment. */
const COMPARED = Math.min(200, Math.floor(READINGS / BATCH / 4));
const COPY_DEVICE = 1_000_000_000;
const END = Math.floor(Date.now() / HOUR) * HOUR;
const BEGIN = END - (READINGS / DEVICES) * MINUTE;

const device = (n: number) => `logger-${n}`;

/** A fridge that is opened now and then. */
const valueAt = (n: number, minute: number) => Math.round((5 + 2 * Math.sin(minute / 97 + n)) * 10) / 10;

console.log(`${READINGS.toLocaleString('en')} readings of ${DEVICES} loggers, load ${loadavg()[0]?.toFixed(1)}`);
await onEmbedded();
if (process.env.ISOTHERM_BENCH_TIMESCALE_URL !== undefined) await onTimescale(process.env.ISOTHERM_BENCH_TIMESCALE_URL);

async function onEmbedded(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
  try {
    await measure('native partitions', server.url);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function onTimescale(admin: string): Promise<void> {
  const name = `isotherm_bench_${systemTime.now()}`;
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  try {
    const own = new pg.Client({ connectionString: url.href });
    await own.connect();
    await own.query('CREATE EXTENSION timescaledb');
    await own.end();
    await measure('TimescaleDB', url.href);
  } finally {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  }
}

async function measure(home: string, url: string): Promise<void> {
  const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
  try {
    await migrate(database, silentLogger);
    const version = await database.query<{ version: string }>(`SELECT split_part(version(), ' ', 2) AS version`);
    console.log(`\n${home}, PostgreSQL ${version.rows[0]?.version}`);
    await insert(database);
    await database.query('VACUUM ANALYZE');
    await rollUp(database);
    await questions(database, 'as written');
    await size(database, 'as written');
    if (home !== 'TimescaleDB') {
      await timed('pack all weeks', () => packAll(database));
      await questions(database, 'packed');
      await size(database, 'packed');
      return;
    }
    await timed('compress all chunks', () => database.query(`SELECT compress_chunk(c) FROM show_chunks('readings') c`));
    await database.query('VACUUM ANALYZE');
    await questions(database, 'compressed');
    await size(database, 'compressed');
  } finally {
    await database.close();
  }
}

/** Weeks as they are, over or not. */
async function packAll(database: Database): Promise<void> {
  const packer = new WeekPacker({ database, time: systemTime });
  for (const week of await new PartitionManager({ database }).list()) {
    const outcome = await packer.pack(week);
    if (outcome !== 'packed') throw new Error(`${week.table}: ${outcome}`);
  }
  await database.query('VACUUM (ANALYZE) packed_readings');
}

/** As the writer does: a transaction a batch that does not wait for the disk. */
async function insert(database: Database): Promise<void> {
  const store = new ReadingStore({ database, partitions: new PartitionManager({ database }) });
  const client = await database.pool.connect();
  const spent = { ours: 0, copy: 0, all: 0 };
  try {
    await client.query('SET synchronous_commit = off');
    for (let batch = 0; batch < READINGS / BATCH; batch++) {
      const columns = columnsOf(batch);
      spent.all += await transaction(client, () => store.insert(effectsOf(client), columns));
      if (batch < 20 || batch >= 20 + COMPARED) continue;
      spent.ours += await transaction(client, () => store.insert(effectsOf(client), columnsOf(batch, 'beside')));
      const rows = copyRowsOf(batch);
      spent.copy += await transaction(client, () => copyInto(client, rows));
    }
  } finally {
    client.release();
  }
  const rate = (rows: number, ms: number) => Math.round(rows / (ms / 1_000));
  console.log(`insert, all of them: ${rate(READINGS, spent.all).toLocaleString('en')} readings/s`);
  const [ours, copy] = [rate(COMPARED * BATCH, spent.ours), rate(COMPARED * BATCH, spent.copy)];
  console.log(
    `insert beside bare COPY in turn: ${ours.toLocaleString('en')} and ${copy.toLocaleString('en')} readings/s, ratio ${(ours / copy).toFixed(2)} (target 0.8), load ${loadavg()[0]?.toFixed(1)}`,
  );
}

function columnsOf(batch: number, prefix = 'logger'): ReadingColumns {
  const builder = new ReadingBuilder();
  for (let minute = batch * MINUTES_A_BATCH; minute < (batch + 1) * MINUTES_A_BATCH; minute++) {
    for (let n = 0; n < DEVICES; n++) {
      builder.add(`${prefix}-${n}`, TEMPERATURE, BEGIN + minute * MINUTE, valueAt(n, minute));
    }
  }
  return builder.view();
}

function copyRowsOf(batch: number): Buffer {
  const rows = new CopyRows(BATCH);
  for (let minute = batch * MINUTES_A_BATCH; minute < (batch + 1) * MINUTES_A_BATCH; minute++) {
    for (let n = 0; n < DEVICES; n++) {
      rows.add(COPY_DEVICE + n, TEMPERATURE, BEGIN + minute * MINUTE, valueAt(n, minute));
    }
  }
  return rows.finish();
}

async function rollUp(database: Database): Promise<void> {
  const rollups = new Rollups({ database });
  const ms = await timed('roll everything up', async () => {
    while (await rollups.advance(END + HOUR));
  });
  console.log(`  ${Math.round(READINGS / (ms / 1_000)).toLocaleString('en')} readings/s`);
  const builder = new ReadingBuilder();
  const late = END - DAY + MINUTE / 2;
  for (let n = 0; n < 480; n++) builder.add(device(7), TEMPERATURE, late + n * MINUTE, 5);
  const store = new ReadingStore({ database });
  await timed('late: insert 8 hours of one logger', () =>
    database.transaction((client) => store.insert(effectsOf(client), builder.view())),
  );
  await timed('late: repair their rollups', async () => {
    while ((await rollups.repair()) > 0);
  });
}

async function questions(database: Database, state: string): Promise<void> {
  const readings = new Readings({ database });
  const key = { metric: TEMPERATURE, limit: 10_000 };
  const of = (n: number, from: number) => ({ ...key, device: device(n), from, to: END });
  const ask = async (name: string, targetMs: number | null, work: (n: number) => Promise<number>) => {
    const took: number[] = [];
    let points = 0;
    for (let round = 0; round < 40; round++) {
      const from = systemTime.monotonic();
      points = await work((round * 379) % (DEVICES - 60));
      took.push(systemTime.monotonic() - from);
    }
    took.sort((a, b) => a - b);
    const at = (share: number) => (took[Math.floor(took.length * share)] ?? 0).toFixed(1);
    const target = targetMs === null ? '' : ` (target ${targetMs} ms)`;
    console.log(`${name}, ${state}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ${points} points${target}`);
  };
  await ask('24 h of one logger', 20, async (n) => (await readings.fitting(of(n, END - DAY))).items.length);
  const journey = Math.max(BEGIN, END - 5 * DAY);
  await ask('a journey of 5 days, 3 loggers', 100, async (n) => {
    const charts = await Promise.all([0, 1, 2].map((i) => readings.fitting(of(n + i, journey))));
    return charts.reduce((sum, { items }) => sum + items.length, 0);
  });
  await ask('all there is of one logger', null, async (n) => (await readings.fitting(of(n, BEGIN))).items.length);
  await ask('1-minute view of a site: 50 loggers, 2 h', null, async (n) => {
    const site = await Promise.all(
      Array.from({ length: 50 }, (_, i) => readings.buckets(of(n + i, END - 2 * HOUR), '1m')),
    );
    return site.reduce((sum, { items }) => sum + items.length, 0);
  });
}

async function size(database: Database, state: string): Promise<void> {
  const sizes = new Map<string, number>();
  const partitions = await new PartitionManager({ database }).list();
  const { rows: compressed } = await database.query<{ exists: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AS exists`,
  );
  if (compressed[0]?.exists) {
    const { rows } = await database.query<{ bytes: number }>(`SELECT hypertable_size('readings') AS bytes`);
    sizes.set('readings', rows[0]?.bytes ?? 0);
  } else {
    for (const { table } of partitions)
      sizes.set('readings', (sizes.get('readings') ?? 0) + (await bytesOf(database, table)));
  }
  const others = ['packed_readings', 'readings_1m', 'readings_1h', 'readings_1d'];
  for (const table of others) sizes.set(table, await bytesOf(database, table));
  const { rows } = await database.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM readings) + (SELECT coalesce(sum(readings), 0) FROM packed_weeks)::bigint AS count`,
  );
  const count = rows[0]?.count ?? 1;
  const text = [...sizes].map(([table, bytes]) => `${table} ${(bytes / count).toFixed(1)}`).join(', ');
  console.log(`bytes a reading, ${state}: ${text} (${count.toLocaleString('en')} readings)`);
}

async function bytesOf(database: Database, table: string): Promise<number> {
  const { rows } = await database.query<{ bytes: number }>('SELECT pg_total_relation_size($1::regclass) AS bytes', [
    table,
  ]);
  return rows[0]?.bytes ?? 0;
}

async function timed(name: string, work: () => Promise<unknown>): Promise<number> {
  const from = systemTime.monotonic();
  await work();
  const ms = systemTime.monotonic() - from;
  console.log(`${name}: ${ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(1)} s`}`);
  return ms;
}
