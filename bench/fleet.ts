/**
 * A fleet of ten million devices on one machine, in parts: tables that have them all, intake and writer with keys drawn from
 * all of them beside keys drawn from 10,000, devices seen for the first time, an evaluator of one share of the slots (its
 * restoring and its memory), sizes of tables, and list and search of the page with a million of them registered.
 *
 *   ISOTHERM_BENCH_DEVICES=10000000 node --expose-gc bench/fleet.ts; bounded: each part has a time, together some eleven minutes
 *
 * Rates are beside each other in one run, in turns. Registered are at most a million.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../access/index.ts';
import {
  encodeReadings,
  type Facts,
  type KeptFact,
  type LogRecord,
  ReadingBuilder,
  type ReadingColumns,
  type Rule,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { Intake } from '../ingest/index.ts';
import { Evaluator, sharesOf } from '../rules/index.ts';
import {
  effectsOf,
  migrate,
  openDatabase,
  PostgresConsumerState,
  PostgresFindings,
  PostgresHistory,
  PostgresHistoryScan,
  PostgresLog,
  ReadingStore,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';
import { spentMs } from './cpu.ts';

const DEVICES = Number(process.env.ISOTHERM_BENCH_DEVICES ?? 10_000_000);
const FEW = Math.min(10_000, DEVICES);
const REGISTERED = Math.min(1_000_000, DEVICES);
/** About as many as one evaluator of a share takes here. */
const KEYS_A_SHARE = 700_000;
const RULES_A_DEVICE = 10;
const TURN_MS = 6_000;
const TURNS = 2;
/** As long a writer takes readings of one device after the other before it is measured. */
const WARMING_MS = 90_000;
const BATCH = 5_000;
const TEMPERATURE = 1;
const MINUTE = 60_000;
const NOW = Math.floor(systemTime.now() / MINUTE) * MINUTE;

const began = systemTime.monotonic();
const say = (name: string, text: string) => {
  const at = ((systemTime.monotonic() - began) / 1_000).toFixed(0);
  process.stdout.write(`${at.padStart(4)} s  ${name.padEnd(56)} ${text}\n`);
};
const each = (count: number, ms: number) => `${Math.round((count / ms) * 1_000).toLocaleString('en')}/s`;
const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

say(`${DEVICES.toLocaleString('en')} devices`, `load ${loadavg()[0]?.toFixed(1)}`);
const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-fleet-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime, maxConnections: 8 });
try {
  await migrate(database, silentLogger);
  await fill();
  await intake();
  await writer();
  await firstSight();
  await evaluator();
  await sizes();
  await registry();
} finally {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function nameOf(device: number): string {
  return `logger-${device}`;
}

/** Every device with one reading, a minute ago. */
async function fill(): Promise<void> {
  const from = systemTime.monotonic();
  // Makes the partition.
  await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), columnsOf([0], 2)));
  for (let at = 1; at < DEVICES; at += 1_000_000) {
    const until = Math.min(DEVICES, at + 1_000_000);
    await database.query(
      `WITH added AS (INSERT INTO devices (name) SELECT 'logger-' || n FROM generate_series($1::int, $2::int - 1) n RETURNING id),
       keys AS (INSERT INTO reading_keys SELECT id, ${TEMPERATURE} FROM added)
       INSERT INTO readings SELECT id, ${TEMPERATURE}, $3::timestamptz, 5 FROM added`,
      [at, until, new Date(NOW - MINUTE)],
    );
  }
  await database.query('VACUUM (ANALYZE) devices, reading_keys, readings');
  say('tables filled with SQL', each(DEVICES, systemTime.monotonic() - from));
}

/** Messages of one reading each, decoded and in the log, durable. */
async function intake(): Promise<void> {
  const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  const intake = new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
    log,
  });
  let sent = 0;
  await beside('intake, one reading a message, acknowledged', DEVICES, async (devices, until) => {
    let done = 0;
    let failed: Error | null = null;
    while (systemTime.monotonic() < until && failed === null) {
      const group: Promise<void>[] = [];
      for (let i = 0; i < 4_000; i++) {
        const id = nameOf(Math.floor(Math.random() * devices));
        const time = new Date(NOW + (sent++ % MINUTE)).toISOString();
        const payload = Buffer.from(`{"time":"${time}","temperature":5.1}`);
        group.push(
          new Promise((resolve) => {
            const topic = `isotherm/v1/devices/${id}/readings`;
            intake.accept({ clientId: id, topic, payload, arrival: systemTime.now(), refusal: null }, (error) => {
              if (error !== undefined) failed = error;
              else done++;
              resolve();
            });
          }),
        );
      }
      await Promise.all(group);
    }
    if (failed !== null) throw failed;
    return done;
  });
  await intake.stop();
  await log.stop();
}

/** Readings into their table, as the writer does it. */
async function writer(): Promise<void> {
  const store = new ReadingStore({ database });
  // What a writer knows of its keys it looks up with the first reading of each after a start.
  const from = systemTime.monotonic();
  let known = 0;
  while (known < DEVICES && systemTime.monotonic() - from < WARMING_MS) {
    const some = Array.from({ length: Math.min(BATCH * 4, DEVICES - known) }, (_, i) => known + i);
    await database.transaction((client) => store.insert(effectsOf(client), columnsOf(some, 30)));
    known += some.length;
  }
  say(
    `writer after a start, the first reading of ${known.toLocaleString('en')} devices`,
    each(known, systemTime.monotonic() - from),
  );
  let second = 1;
  await beside('writer, 5,000 readings a transaction, stored', known, async (devices, until) => {
    let done = 0;
    while (systemTime.monotonic() < until) {
      // Drawn anew each time, in steps, so that none comes twice in a batch.
      const start = Math.floor(Math.random() * devices);
      const step = Math.max(1, Math.floor(devices / BATCH));
      const drawn = Array.from({ length: Math.min(BATCH, devices) }, (_, i) => (start + i * step) % devices);
      const columns = columnsOf([...new Set(drawn)], -second++);
      await database.transaction((client) => store.insert(effectsOf(client), columns));
      done += columns.count;
    }
    return done;
  });
  const memory = await heldBy(() => store);
  say('  memory of this process with names and times of keys', gib(memory));
}

async function firstSight(): Promise<void> {
  const store = new ReadingStore({ database });
  const from = systemTime.monotonic();
  let seen = 0;
  while (systemTime.monotonic() - from < TURN_MS) {
    const drawn = Array.from({ length: BATCH }, (_, i) => DEVICES + seen + i);
    await database.transaction((client) => store.insert(effectsOf(client), columnsOf(drawn, 2)));
    seen += BATCH;
  }
  say('devices seen for the first time, with their first reading', each(seen, systemTime.monotonic() - from));
}

/** One share of as many as the fleet needs. */
async function evaluator(): Promise<void> {
  const shares = sharesOf(Math.min(64, Math.max(1, Math.ceil(DEVICES / KEYS_A_SHARE))));
  const rules = Array.from(
    { length: RULES_A_DEVICE },
    (_, i): Rule => ({
      ...{ id: `rule-${i}`, kind: 'threshold', metric: 'temperature', severity: 'critical', gap: 'unknown' },
      ...{ above: 8 + i / 4, below: 2 - i / 4, forMs: 5 * MINUTE, keepFiringForMs: 0 },
    }),
  );
  const kept = rules.map(
    (rule, i): KeptFact => ({
      ...{ position: i + 1, arrival: 0 },
      fact: { type: 'rule', by: 'bench', version: { rule, version: 1, effectiveFrom: null } },
    }),
  );
  const facts: Facts = { keep: async () => {}, all: async () => kept };
  let keys = 0;
  const logger = { ...silentLogger, info: (fields: object) => (keys = (fields as { keys: number }).keys) };
  const [share] = shares;
  const made = new Evaluator({
    ...{ facts, time: systemTime, meter: silentMeter, logger, findings: new PostgresFindings({ database }) },
    ...{ history: new PostgresHistory({ database }), scan: new PostgresHistoryScan({ database }) },
    ...{ ready: async () => {}, storedUpTo: async () => ({}), consumerState: new PostgresConsumerState({ database }) },
    ...(shares.length === 1 || share === undefined ? {} : { share }),
  });
  const before = await heldBy(() => made);
  const from = systemTime.monotonic();
  await made.restore({ 'trace/0': kept.length, 'readings/0': 1 });
  const ms = systemTime.monotonic() - from;
  const bytes = (await heldBy(() => made)) - before;
  say(
    `an evaluator of 1 of ${shares.length} shares, ${keys.toLocaleString('en')} keys × ${RULES_A_DEVICE} rules: restored`,
    `${(ms / 1_000).toFixed(1)} s, ${each(keys, ms)}`,
  );
  say(
    '  memory for a device and rule, one reading each',
    `${Math.round(bytes / keys / RULES_A_DEVICE)} bytes (${gib(bytes)})`,
  );
  const rate = await judged(made);
  say('  judges, a reading of each of its keys', rate);
}

/** A minute of all the fleet, of which it takes its own. */
async function judged(made: Evaluator): Promise<string> {
  let position = 1;
  const from = systemTime.monotonic();
  let readings = 0;
  let spent = 0;
  for (let at = 0; at < DEVICES && systemTime.monotonic() - from < 20_000; at += BATCH * 8) {
    const builder = new ReadingBuilder();
    const count = Math.min(BATCH * 8, DEVICES - at);
    for (let i = 0; i < count; i++) builder.add(nameOf(at + i), TEMPERATURE, NOW + MINUTE, 5);
    const payload = encodeReadings(builder.view());
    const record: LogRecord = {
      ...{ family: 'readings', partition: 0, kind: 'readings', version: 1, source: 'bench', sequence: null },
      ...{ arrival: NOW, position: ++position, payload },
    };
    const started = systemTime.monotonic();
    await database.transaction((client) =>
      made.handle({ family: 'readings', partition: 0, records: [record] }, effectsOf(client)),
    );
    spent += systemTime.monotonic() - started;
    readings += count;
  }
  return `${each(readings, spent)} of the log's readings`;
}

async function sizes(): Promise<void> {
  const { rows } = await database.query<{ name: string; rows: number; bytes: number; indexes: number }>(
    `SELECT c.relname AS name, c.reltuples::bigint AS rows, pg_table_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS indexes
       FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 6`,
  );
  for (const { name, bytes, indexes } of rows) say(`  ${name}`, `${gib(bytes)} and ${gib(indexes)} of indexes`);
}

/** What a person asks of a registry of so many, of a process of its own. */
async function registry(): Promise<void> {
  const device = `json_build_object('type', 'device', 'by', 'bench', 'device', json_build_object('id', 'logger-' || n,
    'kind', 'logger', 'name', 'Fridge ' || n, 'context', json_build_object('profile', '2-8C')))`;
  await database.query(
    `INSERT INTO facts (position, arrival, type, fact, subject)
     SELECT n + 1000, now(), 'device', ${device}, 'device:logger-' || n FROM generate_series(0, $1::int - 1) n`,
    [REGISTERED],
  );
  await database.query('ANALYZE facts');
  const own = await mkdtemp(join(dataDir, 'web-'));
  const env = { DATABASE_URL: server.url, ISOTHERM_LOG_LEVEL: 'error', NODE_OPTIONS: '--max-old-space-size=8192' };
  const web = await startIsotherm({ command: 'serve', args: ['--only', 'web'], dataDir: own, env });
  try {
    const token = await new Accounts({ database, time: systemTime }).tokens.create({ name: 'bench', role: 'admin' });
    const asked = [
      '/devices?limit=50',
      '/devices?limit=50',
      '/search?q=Fridge%20777',
      '/search?q=logger-999',
      '/devices/logger-777',
    ];
    for (const path of asked) {
      const from = systemTime.monotonic();
      const signal = AbortSignal.timeout(60_000);
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${web.httpUrl}/api/v1${path}`, { headers, signal }).then(
        async (response) => `${response.status}, ${(await response.text()).length} bytes`,
        (error: Error) => error.message,
      );
      say(
        `  ${REGISTERED.toLocaleString('en')} registered: ${path}`,
        `${((systemTime.monotonic() - from) / 1_000).toFixed(2)} s, ${answer}`,
      );
    }
    const spent = await spentMs(database, web.pid);
    say('  processor time of the web process', `${(spent.ours / 1_000).toFixed(1)} s`);
  } finally {
    await web.stop();
  }
}

/** In turns with few and with the most; rates and processor time a reading, of this process and PostgreSQL. */
async function beside(
  name: string,
  most: number,
  work: (devices: number, until: number) => Promise<number>,
): Promise<void> {
  const sums = [Math.min(FEW, most), most].map((devices) => ({ devices, done: 0, ms: 0, ours: 0, database: 0 }));
  for (const sum of sums) await work(sum.devices, systemTime.monotonic() + 1_000);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const sum of sums) {
      const before = await spentMs(database);
      const from = systemTime.monotonic();
      sum.done += await work(sum.devices, from + TURN_MS);
      sum.ms += systemTime.monotonic() - from;
      const after = await spentMs(database);
      sum.ours += after.ours - before.ours;
      sum.database += after.database - before.database;
    }
  }
  for (const { devices, done, ms, ours, database } of sums) {
    const cost = `${((ours / done) * 1_000).toFixed(1)} + ${((database / done) * 1_000).toFixed(1)} µs of ours and PostgreSQL's`;
    say(`${name}, of ${devices.toLocaleString('en')}`, `${each(done, ms)}, ${cost}`);
  }
  const [few, all] = sums;
  if (few === undefined || all === undefined) return;
  const rate = all.done / all.ms / (few.done / few.ms);
  const cost = (few.ours + few.database) / few.done / ((all.ours + all.database) / all.done);
  say('  all of them beside few', `${rate.toFixed(2)} of the rate (target 0.7), ${cost.toFixed(2)} by processor time`);
}

/** Once what is dropped has gone; `what` is held meanwhile. */
async function heldBy(what: () => unknown): Promise<number> {
  for (let times = 0; times < 2; times++) {
    globalThis.gc?.();
    await systemTime.sleep('memory is given back', 50);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return what() === null ? 0 : heapUsed + arrayBuffers;
}

/** A reading of each at so many seconds before now. */
function columnsOf(drawn: readonly number[], secondsAgo: number): ReadingColumns {
  return {
    count: drawn.length,
    devices: drawn.map(nameOf),
    device: Uint32Array.from(drawn, (_, i) => i),
    metric: new Uint8Array(drawn.length).fill(TEMPERATURE),
    time: new Float64Array(drawn.length).fill(NOW - secondsAgo * 1_000),
    value: new Float64Array(drawn.length).fill(5),
  };
}
