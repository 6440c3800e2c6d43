import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReadingBuilder, silentLogger, systemTime } from '../domain/index.ts';
import {
  type Database,
  effectsOf,
  migrate,
  openDatabase,
  PartitionManager,
  packedWeeks,
  ReadingStore,
  timestamp,
  WeekPacker,
  WeekUnpacker,
} from '../storage/index.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const STEP = 10 * 60_000;
const EMBEDDED = join(import.meta.dirname, '../storage/testing/embedded-process.ts');
const PROGRAM = join(import.meta.dirname, 'kill-packing.ts');
export const PACKER = 'packer';

/** How much is stored before the first kill, and how long a seed takes at most. */
export interface Extent {
  readonly weeks: number;
  readonly devices: number;
  readonly longestMs: number;
}

/** What became of a seed. */
export interface Outcome {
  readonly seed: number;
  readonly killed: 'PostgreSQL' | 'packer';
  readonly afterMs: number;
  /** For a person. */
  readonly state: string;
  /** What is not as it was written; null where all is. */
  readonly wrong: string | null;
}

/** A batch whose transaction failed: all of it is there, or nothing. */
type Batch = ReadonlyMap<string, number>;

/** The process that is killed: packs and unpacks all weeks again and again. Says `begun` when it is at it. */
export async function packForEver(at: string, end: number): Promise<void> {
  const database = await openDatabase({ url: at, logger: silentLogger, time: systemTime, maxConnections: 3 });
  const packer = new WeekPacker({ database, time: systemTime });
  process.stdout.write('begun\n');
  for (;;) {
    const partitions = new PartitionManager({ database });
    for (const week of await partitions.list()) {
      if (week.to <= end) process.stdout.write(`${await packer.pack(week)}\n`);
    }
    const unpacker = new WeekUnpacker({ database, partitions });
    for (const week of await packedWeeks(database)) process.stdout.write(`${await unpacker.unpack(week)}\n`);
  }
}

/**
 * kill -9, seed by seed, while weeks are packed and made rows again: a process packs, another writes late readings and
 * backlogs, which are packed as they come; at a moment of the seed's the packer or PostgreSQL is killed. Then all that is
 * stored, rows and stretches, is compared with the plain list of what was written. Ends with the first that is wrong.
 */
export async function* killSeeds(seeds: readonly number[], extent: Extent): AsyncGenerator<Outcome> {
  // Timers of the time source do not keep a process alive.
  const alive = setInterval(() => {}, 60_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-packing-'));
  let server = await startServer(dataDir);
  const expected = new Map<string, number>();
  const end = FIRST + extent.weeks * WEEK;
  try {
    await fill(server.url, extent, expected);
    for (const seed of seeds) {
      const random = randomOf(seed);
      const ofPostgres = random() < 0.5;
      const afterMs = Math.floor(random() * extent.longestMs);
      const packer = spawn(process.execPath, [PROGRAM, PACKER, server.url, String(end)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await lineOf(packer, 'the packer');
      const outcomes = new Map<string, number>();
      if (packer.stdout !== null) {
        createInterface({ input: packer.stdout }).on('line', (line) =>
          outcomes.set(line, (outcomes.get(line) ?? 0) + 1),
        );
      }
      const killing = systemTime.sleep('kill', afterMs).then(() => {
        if (ofPostgres) process.kill(postmasterOf(dataDir), 'SIGKILL');
        packer.kill(ofPostgres ? 'SIGTERM' : 'SIGKILL');
      });
      const { written, unsure } = await writeLate(server.url, random, extent, expected, killing);
      if (packer.exitCode === null && packer.signalCode === null)
        await new Promise((done) => packer.once('exit', done));
      if (ofPostgres) {
        server.child.kill('SIGKILL');
        server = await startServer(dataDir);
      }
      const found = await compare(server.url, extent, expected, unsure);
      const done = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
      const state = `${done}; ${found.packed} packed, ${found.rows} rows, ${written} late`;
      yield { seed, killed: ofPostgres ? 'PostgreSQL' : 'packer', afterMs, state, wrong: found.wrong };
      if (found.wrong !== null) return;
    }
  } finally {
    clearInterval(alive);
    server.child.kill('SIGTERM');
    await new Promise((done) => server.child.once('exit', done));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startServer(dataDir: string): Promise<Server> {
  const child = spawn(process.execPath, [EMBEDDED, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = JSON.parse(await lineOf(child, 'the process of PostgreSQL'));
  if (typeof said.url !== 'string') throw new Error(JSON.stringify(said));
  return { child, url: said.url };
}

function postmasterOf(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

function lineOf(child: ChildProcess, whose: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('no stdout'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${whose} has ended with ${code} before it said that it runs`)));
  });
}

async function withDatabase<T>(at: string, run: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url: at, logger: silentLogger, time: systemTime, maxConnections: 3 });
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}

function valueAt(device: number, nth: number): number {
  return 4 + ((device * 7 + nth) % 37) / 10;
}

const countOf = ({ weeks }: Extent) => (weeks * WEEK) / STEP;

async function fill(at: string, extent: Extent, expected: Map<string, number>): Promise<void> {
  await withDatabase(at, async (database) => {
    await migrate(database, silentLogger);
    const partitions = new PartitionManager({ database });
    for (let week = 0; week < extent.weeks; week++) await partitions.partitionFor(FIRST + week * WEEK);
    for (let device = 1; device <= extent.devices; device++) {
      await database.query('INSERT INTO devices (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)', [
        device,
        `d${device}`,
      ]);
      await database.query('INSERT INTO reading_keys VALUES ($1, 1)', [device]);
      const nths = Array.from({ length: countOf(extent) }, (_, nth) => nth);
      await database.query(
        'INSERT INTO readings SELECT $1, 1, t, v FROM unnest($2::timestamptz[], $3::float8[]) AS r (t, v)',
        [device, nths.map((nth) => timestamp(FIRST + nth * STEP)), nths.map((nth) => valueAt(device, nth))],
      );
      for (const nth of nths) expected.set(`${device} ${FIRST + nth * STEP}`, valueAt(device, nth));
    }
  });
}

/** By the writer's store, until the kill. @returns readings that were committed, and batches that nobody knows of */
async function writeLate(
  at: string,
  random: () => number,
  extent: Extent,
  expected: Map<string, number>,
  killed: Promise<void>,
): Promise<{ written: number; unsure: Batch[] }> {
  let isKilled = false;
  void killed.then(() => {
    isKilled = true;
  });
  return withDatabase(at, async (database) => {
    let written = 0;
    const unsure: Batch[] = [];
    const packs = { now: () => FIRST + extent.weeks * WEEK + DAY };
    const store = new ReadingStore({ database, packs });
    while (!isKilled) {
      const builder = new ReadingBuilder();
      const batch = new Map<string, number>();
      for (const { device, time, value } of lateReadings(random, extent)) {
        builder.add(`d${device}`, 1, time, value);
        const name = `${device} ${time}`;
        if (!expected.has(name) && !batch.has(name)) batch.set(name, value);
      }
      try {
        await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
        for (const [name, value] of batch) expected.set(name, value);
        written += batch.size;
      } catch {
        // The partition may go, or the server: the writer's transaction is done again, or nobody knows.
        store.forget();
        unsure.push(batch);
      }
      // Rare enough that a week comes through between two: one that came meanwhile has the week packed anew.
      await Promise.race([killed, systemTime.sleep('late', 100 + random() * 1_500)]);
    }
    await killed;
    return { written, unsure };
  });
}

/** One reading, or a backlog of some hours. */
function* lateReadings(
  random: () => number,
  extent: Extent,
): Generator<{ device: number; time: number; value: number }> {
  const device = 1 + Math.floor(random() * extent.devices);
  const from = FIRST + Math.floor(random() * countOf(extent)) * STEP + 1 + Math.floor(random() * 3) * 1_000;
  const count = random() < 0.5 ? 1 : 60 + Math.floor(random() * 200);
  const value = Math.round(random() * 100) / 10;
  // A backlog lies between two readings of the plain list, where no stretch of the week reaches into it only at first.
  const step = random() < 0.5 ? 2_000 : 60_000;
  for (let i = 0; i < count; i++) {
    const time = from + i * step;
    if (time < FIRST + extent.weeks * WEEK) yield { device, time, value: value + (i % 5) / 10 };
  }
}

async function compare(at: string, { weeks }: Extent, expected: Map<string, number>, unsure: readonly Batch[]) {
  return withDatabase(at, async (database) => {
    const { rows } = await database.query<{ device: number; time: number; value: number }>(
      `SELECT d.id AS device, one.time, one.value FROM devices AS d
       CROSS JOIN LATERAL readings_between(d.id, 1::int2, $1, $2) AS one`,
      [timestamp(FIRST - WEEK), timestamp(FIRST + (weeks + 1) * WEEK)],
    );
    const stored = new Map(rows.map(({ device, time, value }) => [`${device} ${time}`, value]));
    const halves = unsure.filter((batch) => {
      const there = [...batch].filter(([name, value]) => !expected.has(name) && stored.get(name) === value);
      for (const [name, value] of there) expected.set(name, value);
      return there.length > 0 && there.length < batch.size;
    });
    const { rows: where } = await database.query<{ rows: number; packed: number; told: number }>(
      `SELECT (SELECT count(*) FROM readings) AS rows, (SELECT coalesce(sum(packed_count(packed)), 0) FROM packed_readings)::bigint AS packed,
         (SELECT coalesce(sum(readings), 0) FROM packed_weeks)::bigint AS told`,
    );
    const { rows: asRows = 0, packed = 0, told = 0 } = where[0] ?? {};
    const changed = rows.find(({ device, time, value }) => expected.get(`${device} ${time}`) !== value);
    const said =
      halves.length > 0
        ? `of a batch of ${halves[0]?.size} readings some are there`
        : changed !== undefined
          ? `${JSON.stringify(changed)} was not written`
          : rows.length !== expected.size
            ? `${rows.length} readings, written ${expected.size}`
            : packed !== told
              ? `${packed} packed, packed_weeks says ${told}`
              : null;
    return { rows: asRows, packed, wrong: said };
  });
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
