/**
 * Durable readings per second through MQTT QoS 1, with one and with 100 readings a message: the whole platform as
 * `isotherm serve` runs it, beside a bare aedes without a database (the front door's limit) and beside COPY of the same
 * rows into the same table (the database's limit). Then how long an alert takes from publish to a browser's socket at
 * half the load.
 *
 * node bench/durable.ts [seconds a measurement] [backlog]; bounded, ends by itself. With `backlog` the readings are of three
 * days ago, 100 a message, into an installation that packs (`readings.pack`), and there is no latency.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, PartitionManager, runningEmbeddedUrl } from '../storage/index.ts';
import { CopyRows } from '../storage/readings/pack.ts';
import { type IsothermProcess, startIsotherm } from '../tests/isotherm-process.ts';
import { alertLatency } from './alert-latency.ts';
import { spentMs } from './cpu.ts';
import type { Load, Order, Report, Request } from './publisher.ts';

const CONNECTIONS = 8;
/** Messages under way a connection, the same for every contender: enough to fill the time a commit takes on a busy disk. */
const WINDOW = { 1: 1_500, 100: 24 } as const;
/** More than either side takes in a second, so that a measurement never runs dry. */
const MESSAGES_A_SECOND = { 1: 120_000, 100: 9_000 } as const;

type Readings = keyof typeof WINDOW;

/** A rule that opens a finding at once, for the latency; the others are what an installation runs with. */
const RULES = `rules:
  - { id: too-warm, kind: threshold, metric: temperature, above: 8, for: 10m, severity: critical }
  - { id: too-cold, kind: threshold, metric: temperature, below: 2, for: 10m, severity: critical }
  - { id: at-once, kind: threshold, metric: temperature, above: 40, severity: warning }
  - { id: silent, kind: silence, metric: temperature, after: 30m }
`;

/** Counts loads, so that each has devices of its own. */
let generation = 0;

/** Loggers that come back: what they bring is old, and is packed. */
const isBacklog = process.argv[3] === 'backlog';
const DAY = 86_400_000;

async function measure(seconds: number): Promise<void> {
  const results: Record<string, number> = {};
  const say = (name: string, value: number, unit: string) => {
    results[name] = Math.round(value * 100) / 100;
    process.stdout.write(
      `${name.padEnd(58)} ${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)} ${unit}\n`,
    );
  };
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-bench-'));
  writeFileSync(join(dataDir, 'rules.yaml'), RULES);
  const platform = await startIsotherm({
    command: 'serve',
    dataDir,
    env: {
      ...{ ISOTHERM_RULES_FILE: 'rules.yaml', ISOTHERM_LOG_LEVEL: 'error' },
      ISOTHERM_READINGS_PACK: String(isBacklog),
    },
  });
  const url = await runningEmbeddedUrl(dataDir);
  if (url === null) throw new Error('the platform runs without its database');
  const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
  try {
    const accounts = new Accounts({ database, time: systemTime });
    for (const readings of isBacklog ? ([100] as const) : ([1, 100] as const)) {
      const load = await loadFor(accounts, readings, seconds);
      const bare = await againstBareAedes(load, readings, seconds);
      say(`bare aedes, ${readings} a message, acknowledged`, bare * readings, 'readings/s');
      const before = await spentMs(database, platform.pid);
      const own = await againstPlatform(platform, load, readings, seconds);
      const after = await spentMs(database, platform.pid);
      say(`isotherm, ${readings} a message, acknowledged`, own.acknowledged, 'readings/s');
      say(`isotherm, ${readings} a message, stored`, own.stored, 'readings/s');
      say(`isotherm, ${readings} a message, in all`, own.readings, 'readings');
      say(`acknowledged / bare aedes, ${readings} a message`, own.acknowledged / (bare * readings), '');
      // Where the machine is busy, rates say what was left of it, and processor time what it took.
      const perReading = (ms: number) => (1_000 * ms) / own.readings;
      say(`processor time, ${readings} a message, the platform`, perReading(after.ours - before.ours), 'us/reading');
      say(
        `processor time, ${readings} a message, PostgreSQL`,
        perReading(after.database - before.database),
        'us/reading',
      );
    }
    const copy = await copyRate(database);
    say('COPY of the same rows, 5,000 a batch', copy, 'readings/s');
    say('acknowledged / COPY, 100 a message', (results['isotherm, 100 a message, acknowledged'] ?? 0) / copy, '');
    say('stored / COPY, 100 a message', (results['isotherm, 100 a message, stored'] ?? 0) / copy, '');

    if (isBacklog) return say('packed of what was stored', await packedShare(database), '');
    const rate = (results['isotherm, 1 a message, acknowledged'] ?? 0) / 2;
    const load = await loadFor(accounts, 1, seconds);
    const publisher = await publisherWith(load);
    const publishing = run(publisher, {
      port: portOf(platform.mqttUrl),
      seconds: seconds + 2,
      window: WINDOW[1],
      rate,
    });
    const latency = await alertLatency({ platform, accounts, seconds });
    const { acknowledged, seconds: taken } = await publishing;
    publisher.disconnect();
    say('load beside the latency, 1 a message', acknowledged / taken, 'readings/s');
    say(`publish to browser socket of an alert, p50 of ${latency.count}`, latency.p50, 'ms');
    say('publish to browser socket of an alert, p99', latency.p99, 'ms');
  } finally {
    await database.close();
    await platform.stop();
    rmSync(dataDir, { recursive: true, force: true });
    process.stdout.write(`${JSON.stringify(results)}\n`);
  }
}

/** Of the platform's own readings, those in stretches. */
async function packedShare(database: Awaited<ReturnType<typeof openDatabase>>): Promise<number> {
  const { rows } = await database.query<{ packed: number; rows: number }>(
    `SELECT (SELECT coalesce(sum(readings), 0) FROM packed_weeks)::bigint AS packed,
       (SELECT count(*) FROM readings WHERE device_id < ${COPY_DEVICE})::bigint AS rows`,
  );
  const { packed, rows: asRows } = rows[0] ?? { packed: 0, rows: 1 };
  return packed / (packed + asRows);
}

/** Devices of their own for each measurement, so that every row is new. */
async function loadFor(accounts: Accounts, readings: Readings, seconds: number): Promise<Load> {
  generation += 1;
  const ids = Array.from({ length: CONNECTIONS }, (_, i) => `bench-${generation}-${i}`);
  const credentials = await Promise.all(
    ids.map(async (id) => ({ id, password: await accounts.credentials.create(id) })),
  );
  const messagesEach = Math.ceil((MESSAGES_A_SECOND[readings] * seconds) / CONNECTIONS);
  const end = Date.now() - (isBacklog ? 3 * DAY : 0);
  return { credentials, messagesEach, readingsAMessage: readings, from: end - messagesEach * readings * 10 };
}

async function againstBareAedes(load: Load, readings: Readings, seconds: number): Promise<number> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'bare-aedes.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<number>((resolve) => server.stdout.once('data', (text) => resolve(Number(text))));
    const publisher = await publisherWith(load);
    const report = await run(publisher, { port, seconds, window: WINDOW[readings], rate: null });
    publisher.disconnect();
    return report.acknowledged / report.seconds;
  } finally {
    server.kill();
  }
}

async function againstPlatform(
  platform: IsothermProcess,
  load: Load,
  readings: Readings,
  seconds: number,
): Promise<{ acknowledged: number; stored: number; readings: number }> {
  const publisher = await publisherWith(load);
  const start = performance.now();
  const order = { port: portOf(platform.mqttUrl), seconds, window: WINDOW[readings], rate: null };
  const report = await run(publisher, order);
  publisher.disconnect();
  await writerCaughtUp(platform);
  const total = report.acknowledged * readings;
  const stored = total / ((performance.now() - start) / 1_000);
  return { acknowledged: total / report.seconds, stored, readings: total };
}

interface Lag {
  readonly consumer: string;
  readonly family: string;
  readonly records: number;
}

/** Until everything acknowledged is in the readings table. */
async function writerCaughtUp(platform: IsothermProcess): Promise<void> {
  for (;;) {
    const { lag } = (await (await fetch(`${platform.httpUrl}/readyz`)).json()) as { lag: readonly Lag[] };
    if (lag.every(({ consumer, records }) => consumer !== 'writer' || records === 0)) return;
    await sleep(20);
  }
}

const COPY_BATCH = 5_000;
const COPY_ROWS = 1_000_000;
/** Beyond every device id the platform has given. */
const COPY_DEVICE = 1_000_000_000;

/** Plain binary COPY of rows like those published into the platform's own table: buffers made before the clock starts. */
async function copyRate(database: Awaited<ReturnType<typeof openDatabase>>): Promise<number> {
  const from = Date.now() - COPY_ROWS * 10;
  const partitions = new PartitionManager({ database });
  for (let time = from; time < Date.now(); time += 3_600_000) await partitions.partitionFor(time);
  const batches = Array.from({ length: COPY_ROWS / COPY_BATCH }, (_, batch) => {
    const rows = new CopyRows(COPY_BATCH);
    for (let i = 0; i < COPY_BATCH; i++)
      rows.add(COPY_DEVICE + (i % CONNECTIONS), 1, from + (batch * COPY_BATCH + i) * 10, 5);
    return rows.finish();
  });
  const start = performance.now();
  await database.transaction(async (client) => {
    for (const [i, batch] of batches.entries()) {
      const stream = client.query(
        copyFrom('COPY readings (device_id, metric, time, value) FROM STDIN (FORMAT binary)'),
      );
      stream.end(batch);
      await finished(stream);
      // One transaction a batch, as the platform commits them.
      if (i < batches.length - 1) await client.query('COMMIT AND CHAIN');
    }
  });
  return COPY_ROWS / ((performance.now() - start) / 1_000);
}

async function publisherWith(load: Load): Promise<ChildProcess> {
  const publisher = fork(new URL('publisher.ts', import.meta.url));
  const ready = new Promise<void>((resolve) => publisher.once('message', () => resolve()));
  publisher.send({ prepare: load } satisfies Request);
  await ready;
  return publisher;
}

function run(publisher: ChildProcess, order: Order): Promise<Report> {
  return new Promise((resolve) => {
    publisher.once('message', (report: Report) => resolve(report));
    publisher.send({ publish: order } satisfies Request);
  });
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

await measure(Number(process.argv[2] ?? 8));
