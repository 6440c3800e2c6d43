/**
 * What the readers and the writer of the product cost while a week is rows and right after it is packed (docs/decisions/0191),
 * in a real embedded PostgreSQL. Ratios say more than times where the machine is busy.
 *
 *   ISOTHERM_BENCH_READINGS=3000000 node bench/packed-readers.ts
 *
 * A week of loggers of one reading a minute.
 */
import { loadavg } from 'node:os';
import { type KeyReadings, ReadingBuilder, systemTime } from '../domain/index.ts';
import {
  type Database,
  effectsOf,
  PartitionManager,
  PostgresHistory,
  PostgresHistoryScan,
  ReadingStore,
} from '../storage/index.ts';
import { WeekPacker } from '../storage/packed/index.ts';
import { latestReadings } from '../storage/readings/history.ts';
import { CopyRows } from '../storage/readings/pack.ts';
import { timestamp } from '../storage/types.ts';
import { cpuMs } from './cpu.ts';
import { inEmptyDatabase } from './empty-database.ts';
import { dayOf, KINDS } from './packed-series.ts';
import { copyInto } from './transaction.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const DAYS = 7;
const TEMPERATURE = 1;
const DEVICES = Math.max(10, Math.round(Number(process.env.ISOTHERM_BENCH_READINGS ?? 3_000_000) / DAYS / 1_440));
/** A Thursday, where a week of partitions begins. */
const FIRST = Date.parse('2026-09-03T00:00:00Z');
const ROUNDS = 60;

const [, jittering] = KINDS;
if (jittering === undefined) throw new Error('no kind of series');
const kind = jittering;
const say = (what: string, text: string) => process.stdout.write(`${what.padEnd(50)} ${text}\n`);
const load = () => `load ${loadavg()[0]?.toFixed(1)}`;
const nameOf = (device: number) => `logger-${device}`;

await inEmptyDatabase(measure);

async function measure(database: Database): Promise<void> {
  const partitions = new PartitionManager({ database });
  const week = await partitions.partitionFor(FIRST);
  await fill(database, week.table);
  await database.query(`VACUUM ANALYZE ${week.table}`);
  say(`${(DEVICES * DAYS * 1_440).toLocaleString('en')} readings`, `${DEVICES} loggers, ${DAYS} days (${load()})`);
  await ask(database, 'rows', 0);
  const began = systemTime.monotonic();
  const outcome = await new WeekPacker({ database, time: systemTime }).pack(week);
  say('packed', `${outcome}, ${((systemTime.monotonic() - began) / 1_000).toFixed(1)} s (${load()})`);
  await ask(database, 'packed', 1);
  await database.query('ANALYZE packed_readings');
  await ask(database, 'packed, with statistics', 2);
}

async function fill(database: Database, table: string): Promise<void> {
  await database.query(
    `INSERT INTO devices (id, name) OVERRIDING SYSTEM VALUE SELECT n, 'logger-' || n FROM generate_series(1, ${DEVICES}) n`,
  );
  await database.query(`INSERT INTO reading_keys SELECT n, ${TEMPERATURE} FROM generate_series(1, ${DEVICES}) n`);
  const client = await database.pool.connect();
  try {
    await client.query('SET synchronous_commit = off');
    for (let nth = 0; nth < DAYS; nth++) {
      const day = FIRST + nth * DAY;
      const all: KeyReadings[] = Array.from({ length: DEVICES }, (_, device) => dayOf(kind, device, day));
      const rows = new CopyRows(DEVICES * 1_440);
      for (let minute = 0; minute < 1_440; minute++) {
        for (const [i, { time, value }] of all.entries()) {
          rows.add(i + 1, TEMPERATURE, time[minute] as number, value[minute] as number);
        }
      }
      await copyInto(client, rows.finish(), table);
    }
  } finally {
    client.release();
  }
}

/** @param pass so that late readings of two passes are not of one time */
async function ask(database: Database, how: string, pass: number): Promise<void> {
  const history = new PostgresHistory({ database });
  const noon = FIRST + 2 * DAY + DAY / 2;
  await timed(`24 h of one logger, ${how}`, async (round) => {
    const { count } = await history.read(nameOf(1 + ((round * 379) % DEVICES)), TEMPERATURE, noon, noon + DAY);
    if (count < 1_000) throw new Error(`${count} readings`);
  });
  await timed(`24 h of one logger in SQL, ${how}`, async (round) => {
    const values = [1 + ((round * 379) % DEVICES), TEMPERATURE, timestamp(noon), timestamp(noon + DAY)];
    await database.query('SELECT array_agg(time), array_agg(value) FROM readings_between($1, $2, $3, $4)', values);
  });
  await timed(`5 days of three loggers, ${how}`, async (round) => {
    const three = [0, 1, 2].map((n) => nameOf(1 + ((round * 379 + n) % DEVICES)));
    await Promise.all(three.map((name) => history.read(name, TEMPERATURE, noon - DAY, noon + 4 * DAY)));
  });
  await timed(`latest of 100 loggers, ${how}`, async (round) => {
    const names = Array.from({ length: 100 }, (_, n) => nameOf(1 + ((round * 379 + n) % DEVICES)));
    await latestReadings(database, names);
  });
  const store = new ReadingStore({ database });
  await timed(`a late hour of one logger written, ${how}`, async (round) => {
    const builder = new ReadingBuilder();
    const from = FIRST + DAY + pass * 3 * 60 * MINUTE + 30_001 + pass;
    for (let i = 0; i < 60; i++) builder.add(nameOf(1 + (round % DEVICES)), TEMPERATURE, from + i * MINUTE, 5.5);
    await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  });
  const scan = new PostgresHistoryScan({ database });
  const [began, ours] = [systemTime.monotonic(), cpuMs()];
  let read = 0;
  for await (const block of scan.between(await scan.keys(), FIRST, FIRST + DAYS * DAY)) {
    for (const { readings } of block) read += readings.count;
  }
  const million = (ms: number) => `${(read / ms / 1_000).toFixed(2)} M/s`;
  const [wall, cpu] = [systemTime.monotonic() - began, cpuMs() - ours];
  say(`all as columns, ${how}`, `${million(wall)}, the driver ${million(cpu)} of one core (${load()})`);
}

async function timed(what: string, work: (round: number) => Promise<void>): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = systemTime.monotonic();
    await work(round);
    took.push(systemTime.monotonic() - from);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(ROUNDS * share)] ?? 0).toFixed(1);
  say(what, `p50 ${at(0.5)} ms, p95 ${at(0.95)}, most ${at(0.999)} (${load()})`);
}
