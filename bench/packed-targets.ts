/**
 * What packed readings have to show (issue 21), one line a target with the figure beside it: bytes, writing beside COPY,
 * questions, a backtest, a late hour. A real embedded PostgreSQL; then the whole platform, which takes a backlog by MQTT.
 *
 *   ISOTHERM_BENCH_READINGS=100000000 npm run bench -- packed
 *
 * That is the size the issue asks for: some 2 GB of disk, and a quarter of an hour at most on two quiet cores. Each line says of how
 * many readings it is.
 *
 * 1,000 loggers of a reading a minute within a second. They bring it as a backlog, 100 readings a message, which the writer
 * packs as it comes; then its weeks are packed, as upkeep would. Each line says the load of the machine: where it is not
 * quiet, ratios say more than times.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type HistoryScan,
  type Key,
  type KeyReadings,
  ReadingBuilder,
  type ReadingColumns,
  type Rule,
  systemTime,
} from '../domain/index.ts';
import { backtestHistory } from '../rules/index.ts';
import {
  type Database,
  effectsOf,
  PartitionManager,
  PostgresHistory,
  PostgresHistoryScan,
  ReadingStore,
  WeekPacker,
} from '../storage/index.ts';
import { CopyRows } from '../storage/readings/pack.ts';
import { cpuMs } from './cpu.ts';
import { eachReading } from './each-reading.ts';
import { inEmptyDatabase } from './empty-database.ts';
import { dayOf, KINDS } from './packed-series.ts';
import { copyInto, transaction } from './transaction.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TEMPERATURE = 1;
const READINGS = Number(process.env.ISOTHERM_BENCH_READINGS ?? 2_000_000);
const DEVICES = Math.min(1_000, Math.max(20, Math.round(READINGS / 7 / 1_440)));
const DAYS = Math.max(1, Math.round(READINGS / DEVICES / 1_440));
const STORED = DEVICES * DAYS * 1_440;
/** A Thursday, where a week of partitions begins. */
const FIRST = Date.parse('2026-09-03T00:00:00Z') - Math.ceil(DAYS / 7) * 7 * DAY;
const END = FIRST + DAYS * DAY;
/** Of a message; of a batch of the writer. */
const MESSAGE = 100;
const BATCH = 5_000;
/**
 * Batches that go into the plain table as well, in turn: spread over all that come once every device is known, since a
 * fleet is registered once. Those of the first day, which register it, are told apart.
 */
const COMPARED = 60;
/** Of the first day, however many come later. */
const COMPARED_AT_FIRST = 10;
/** Beyond every device's number. */
const COPY_DEVICE = 1_000_000_000;
const ROUNDS = 200;
/** Loggers that a backtest judges reading by reading too, beside. */
const BESIDE = 100;
/** The platform takes a backlog for so long. */
const PLATFORM_SECONDS = 8;

const RULE: Rule = {
  ...{ id: 'outside', kind: 'threshold', metric: 'temperature', severity: 'critical', above: 8, below: 2 },
  ...{ forMs: 10 * MINUTE, gap: 'unknown', keepFiringForMs: 0 },
};
const EVERYWHERE = { spans: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, context: {} }] };

const [, jittering] = KINDS;
if (jittering === undefined) throw new Error('no kind of series');
const kind = jittering;
const load = () => (loadavg()[0] ?? 0).toFixed(1);
const began = systemTime.monotonic();
const since = () => `${((systemTime.monotonic() - began) / 1_000).toFixed(0)} s`;
/** @param of how many readings there were */
const say = (what: string, figure: string, target: string, of = STORED) =>
  process.stdout.write(
    `${what.padEnd(58)} ${figure.padEnd(46)} ${target.padEnd(10)} of ${millions(of)}, load ${load()}, after ${since()}\n`,
  );
const note = (what: string, text: string) => process.stdout.write(`  ${what.padEnd(56)} ${text}\n`);
const millions = (readings: number) => `${(readings / 1e6).toFixed(readings < 1e6 ? 2 : 1)} M`;
const nameOf = (device: number) => `logger-${device}`;

process.stdout.write(`${millions(STORED)} readings of ${DEVICES} loggers, ${DAYS} days\n`);
await inEmptyDatabase(measure);
await platform();

async function measure(database: Database): Promise<void> {
  const partitions = new PartitionManager({ database });
  for (let day = FIRST; day < END; day += 7 * DAY) await partitions.partitionFor(day);
  await write(database, partitions);
  await packWeeks(database);
  await database.query('VACUUM ANALYZE packed_readings');
  await sizes(database);
  await questions(database);
  await backtest(database);
  await late(database);
}

async function write(database: Database, partitions: PartitionManager): Promise<void> {
  const store = new ReadingStore({ database, partitions, packs: systemTime });
  const client = await database.pool.connect();
  const spent = { rows: 0, ours: 0 };
  const compared = { first: { rows: 0, ours: 0, copy: 0 }, later: { rows: 0, ours: 0, copy: 0 } };
  const oneIn = (readings: number, of: number) => Math.max(1, Math.floor(readings / BATCH / of));
  const every = oneIn(STORED, COMPARED);
  const everyOfFirst = Math.min(every, oneIn(STORED / DAYS, COMPARED_AT_FIRST));
  try {
    await client.query('SET synchronous_commit = off');
    let batches = 0;
    for (let day = FIRST; day < END; day += DAY) {
      for (const batch of batchesOf(day)) {
        const rows = batch.reduce((sum, { count }) => sum + count, 0);
        // What comes first has code to compile besides.
        const isCompared = ++batches > 20 && batches % (day === FIRST ? everyOfFirst : every) === 0;
        const copy = isCompared ? copyRowsOf(batch) : null;
        const ms = await transaction(client, () => store.insert(effectsOf(client), batch));
        spent.rows += rows;
        spent.ours += ms;
        if (copy === null) continue;
        const beside = day === FIRST ? compared.first : compared.later;
        beside.rows += rows;
        beside.ours += ms;
        beside.copy += await transaction(client, () => copyInto(client, copy));
      }
    }
  } finally {
    client.release();
  }
  const text = ({ rows, ours, copy }: (typeof compared)['first']) =>
    rows === 0
      ? 'not compared: too few came'
      : `${(copy / ours).toFixed(1)} × (${perSecond(rows, ours)}; COPY ${perSecond(rows, copy)})`;
  say('stored by the writer, 100 readings a message, against COPY', text(compared.later), '≥ 3 ×', compared.later.rows);
  note('the first day, in which each device is new', text(compared.first));
  note('all of them', `${spent.rows.toLocaleString('en')} readings, ${perSecond(spent.rows, spent.ours)}`);
  await database.query('DELETE FROM readings WHERE device_id >= $1', [COPY_DEVICE]);
}

/** A day of all loggers, device after device, as messages. */
function* batchesOf(day: number): Generator<ReadingColumns[]> {
  let batch: ReadingColumns[] = [];
  for (let device = 0; device < DEVICES; device++) {
    const readings = dayOf(kind, device, day);
    for (let from = 0; from < readings.count; from += MESSAGE) {
      batch.push(messageOf(device, readings, from));
      if (batch.length < BATCH / MESSAGE) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function messageOf(device: number, { count, time, value }: KeyReadings, from: number): ReadingColumns {
  const to = Math.min(count, from + MESSAGE);
  return {
    count: to - from,
    devices: [nameOf(device)],
    device: new Uint32Array(to - from),
    metric: new Uint8Array(to - from).fill(TEMPERATURE),
    time: time.slice(from, to),
    value: value.slice(from, to),
  };
}

function copyRowsOf(batch: readonly ReadingColumns[]): Buffer {
  const rows = new CopyRows(BATCH);
  for (const { count, devices, time, value } of batch) {
    const device = COPY_DEVICE + Number(devices[0]?.slice('logger-'.length));
    for (let i = 0; i < count; i++) rows.add(device, TEMPERATURE, time[i] as number, value[i] as number);
  }
  return rows.finish();
}

async function packWeeks(database: Database): Promise<void> {
  const packer = new WeekPacker({ database, time: systemTime });
  const from = systemTime.monotonic();
  for (const week of await new PartitionManager({ database }).list()) {
    if (week.from >= END || week.to <= FIRST) continue;
    const outcome = await packer.pack(week);
    if (outcome !== 'packed') throw new Error(`${week.table}: ${outcome}`);
  }
  note(
    'its weeks packed, small stretches joined',
    `${perSecond(STORED, systemTime.monotonic() - from)}, after ${since()}`,
  );
}

async function sizes(database: Database): Promise<void> {
  const { rows } = await database.query<{ bytes: number; readings: number }>(
    `SELECT (SELECT sum(pg_total_relation_size(c)) FROM unnest(ARRAY['packed_readings', 'packed_weeks']::regclass[]) AS c)::bigint
        AS bytes, (SELECT sum(readings) FROM packed_weeks)::bigint AS readings`,
  );
  const { bytes, readings } = rows[0] ?? { bytes: 0, readings: 1 };
  say('bytes a reading, a minute with jitter, all counted', (bytes / readings).toFixed(2), '≤ 3', readings);
  if (readings !== STORED) throw new Error(`${readings} readings are packed`);
}

async function questions(database: Database): Promise<void> {
  const history = new PostgresHistory({ database });
  const noon = FIRST + Math.max(0, Math.floor(DAYS / 2) - 1) * DAY + DAY / 2;
  const device = (round: number, n = 0) => nameOf((round * 379 + n) % DEVICES);
  await timed('24 h of one device, p95', '< 10 ms', async (round) => {
    const { count } = await history.read(device(round), TEMPERATURE, noon, noon + DAY);
    if (DAYS > 1 && count !== 1_440) throw new Error(`${count} readings`);
  });
  await timed('5-day journey of three loggers, p95', '< 30 ms', async (round) => {
    await Promise.all([0, 1, 2].map((n) => history.read(device(round, n), TEMPERATURE, noon - DAY, noon + 4 * DAY)));
  });
}

async function timed(what: string, target: string, work: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < 10; round++) await work(round);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = systemTime.monotonic();
    await work(round);
    took.push(systemTime.monotonic() - from);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(ROUNDS * share)] ?? 0).toFixed(1);
  say(what, `${at(0.95)} ms (p50 ${at(0.5)}, most ${at(0.999)})`, target);
}

/**
 * The better of two: the first has plans to make and code to compile. Then some loggers in two ways in turn: what need not be read left
 * unread, and reading by reading; processor time says more than the clock where others share the machine.
 */
async function backtest(database: Database): Promise<void> {
  const scan = new PostgresHistoryScan({ database });
  const keys = await scan.keys();
  const rates: number[] = [];
  for (let round = 0; round < 2; round++) {
    const from = systemTime.monotonic();
    rates.push((await judged(scan, keys)) / (systemTime.monotonic() - from));
  }
  say('backtest from the database, one rule', `${(Math.max(...rates) / 1_000).toFixed(2)} M readings/s`, '≥ 10 M/s');
  const some = keys.slice(0, BESIDE);
  const [passing, each] = [[] as number[], [] as number[]];
  for (let round = 0; round < 3; round++) {
    passing.push(await nsAReading(() => judged(scan, some)));
    each.push(await nsAReading(() => judged(eachReading(scan), some)));
  }
  const [ours, plain] = [Math.min(...passing), Math.min(...each)];
  const text = `${ours.toFixed(0)} ns; reading by reading ${plain.toFixed(0)} ns, ${(plain / ours).toFixed(1)} ×`;
  note(`of our process a reading, ${some.length} loggers`, text);
  const from = systemTime.monotonic();
  let read = 0;
  for await (const block of scan.between(keys, FIRST, END)) {
    for (const { readings } of block) read += readings.count;
  }
  note('all read as columns, without judging', `${perSecond(read, systemTime.monotonic() - from)}, after ${since()}`);
}

/** Processor time of this thread, of what gives the number of its readings. */
async function nsAReading(work: () => Promise<number>): Promise<number> {
  const from = cpuMs();
  const readings = await work();
  return ((cpuMs() - from) * 1e6) / readings;
}

/** @returns how many readings */
async function judged(scan: HistoryScan, keys: readonly Key[]): Promise<number> {
  const proposed = [{ rule: RULE, version: 1, effectiveFrom: null }];
  const steps = backtestHistory(
    { ...{ from: FIRST, to: END, now: END, keys, inForce: [] }, proposed },
    { scan, time: systemTime, recordOf: () => EVERYWHERE },
  );
  let readings = 0;
  for await (const step of steps) if ('outcome' in step) readings = step.outcome.progress.readings;
  return readings;
}

/** As the writer commits it. */
async function late(database: Database): Promise<void> {
  const store = new ReadingStore({ database, packs: systemTime });
  const client = await database.pool.connect();
  try {
    await client.query('SET synchronous_commit = off');
    await timed('a late hour into a packed day, p95', '< 20 ms', async (round) => {
      const builder = new ReadingBuilder();
      const from = FIRST + 10 * HOUR + (round % 10) * 7 * MINUTE + 30_000;
      for (let i = 0; i < 60; i++) builder.add(nameOf(round % DEVICES), TEMPERATURE, from + i * MINUTE + 1_000, 5.5);
      await transaction(client, () => store.insert(effectsOf(client), builder.view()));
    });
  } finally {
    client.release();
  }
}

/** `bench/durable.ts` with a backlog of some days ago into an installation that packs. */
async function platform(): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'durable.ts'), String(PLATFORM_SECONDS), 'backlog'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let results: Readonly<Record<string, number>> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) results = JSON.parse(line);
  }
  const rate = (name: string) => results[name] ?? Number.NaN;
  const ratio = (name: string) => {
    const own = rate(`isotherm, 100 a message, ${name}`);
    return `${(own / rate('COPY of the same rows, 5,000 a batch')).toFixed(2)} × (${(own / 1e6).toFixed(2)} M readings/s)`;
  };
  const taken = rate('isotherm, 100 a message, in all');
  say('stored, by MQTT, sustained, against COPY of the same rows', ratio('stored'), '≥ 3 ×', taken);
  say('acknowledged, by MQTT, against COPY of the same rows', ratio('acknowledged'), '≥ 2 ×', taken);
  const took = (what: string) => `${rate(`processor time, 100 a message, ${what}`).toFixed(2)} us a reading`;
  note('of which processor time of the platform', took('the platform'));
  note('and of PostgreSQL', took('PostgreSQL'));
}

function perSecond(rows: number, ms: number): string {
  return `${(rows / ms / 1_000).toFixed(2)} M readings/s`;
}
