/**
 * kill -9 while weeks are packed and made rows again: `npm run kill-packing -- [SEEDS]` (default 50) prints a line a seed. A
 * process packs and unpacks all weeks again and again, another writes late readings; at a moment of the seed's the packer or PostgreSQL
 * is killed. Then all that is stored, rows and stretches, is compared with the plain list of what was written.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { silentLogger, systemTime } from '../domain/index.ts';
import {
  type Database,
  migrate,
  openDatabase,
  PartitionManager,
  packedWeeks,
  timestamp,
  WeekPacker,
  WeekUnpacker,
} from '../storage/index.ts';

const WEEK = 7 * 86_400_000;
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const WEEKS = 2;
const DEVICES = 12;
const STEP = 10 * 60_000;
const COUNT = (WEEKS * WEEK) / STEP;
const EMBEDDED = join(import.meta.dirname, '../storage/testing/embedded-process.ts');
const ROLE = 'packer';

const [given = '50', url = ''] = process.argv.slice(2);
if (given === ROLE) await packForEver(url);
else process.exit(await killSeeds(Number(given)));

/** The process that is killed. Says `begun` when it is at it. */
async function packForEver(at: string): Promise<void> {
  const database = await openDatabase({ url: at, logger: silentLogger, time: systemTime, maxConnections: 3 });
  const packer = new WeekPacker({ database, time: systemTime });
  process.stdout.write('begun\n');
  for (;;) {
    const partitions = new PartitionManager({ database });
    for (const week of await partitions.list()) {
      if (week.to <= FIRST + WEEKS * WEEK) process.stdout.write(`${await packer.pack(week)}\n`);
    }
    const unpacker = new WeekUnpacker({ database, partitions });
    for (const week of await packedWeeks(database)) process.stdout.write(`${await unpacker.unpack(week)}\n`);
  }
}

/** @returns exit code */
async function killSeeds(seeds: number): Promise<number> {
  // Timers of the time source do not keep a process alive.
  const alive = setInterval(() => {}, 60_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-kill-packing-'));
  let server = await startServer(dataDir);
  const expected = new Map<string, number>();
  try {
    await fill(server.url, expected);
    for (let seed = 1; seed <= seeds; seed++) {
      const random = randomOf(seed);
      const ofPostgres = random() < 0.5;
      const afterMs = Math.floor(random() * 6_000);
      const packer = spawn(process.execPath, [import.meta.filename, ROLE, server.url], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await lineOf(packer);
      const outcomes = new Map<string, number>();
      if (packer.stdout !== null) {
        createInterface({ input: packer.stdout }).on('line', (line) =>
          outcomes.set(line, (outcomes.get(line) ?? 0) + 1),
        );
      }
      const killed = systemTime.sleep('kill', afterMs);
      const late = await writeLate(server.url, random, expected, killed);
      if (ofPostgres)
        process.kill(Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
      packer.kill(ofPostgres ? 'SIGTERM' : 'SIGKILL');
      if (packer.exitCode === null && packer.signalCode === null)
        await new Promise((done) => packer.once('exit', done));
      if (ofPostgres) {
        server.child.kill('SIGKILL');
        server = await startServer(dataDir);
      }
      const found = await compare(server.url, expected);
      const done = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
      const state = `${done}; ${found.packed} packed, ${found.rows} rows, ${late} late`;
      process.stdout.write(
        `seed ${seed}: ${ofPostgres ? 'PostgreSQL' : 'packer'} after ${afterMs} ms: ${state}: ${found.wrong ?? 'all there once'}\n`,
      );
      if (found.wrong !== null) return 1;
    }
    return 0;
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
  const said = JSON.parse(await lineOf(child));
  if (typeof said.url !== 'string') throw new Error(JSON.stringify(said));
  return { child, url: said.url };
}

function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('no stdout'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
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

async function fill(at: string, expected: Map<string, number>): Promise<void> {
  await withDatabase(at, async (database) => {
    await migrate(database, silentLogger);
    const partitions = new PartitionManager({ database });
    for (let week = 0; week < WEEKS; week++) await partitions.partitionFor(FIRST + week * WEEK);
    for (let device = 1; device <= DEVICES; device++) {
      await database.query('INSERT INTO devices (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)', [
        device,
        `d${device}`,
      ]);
      await database.query('INSERT INTO reading_keys VALUES ($1, 1)', [device]);
      const nths = Array.from({ length: COUNT }, (_, nth) => nth);
      await database.query(
        'INSERT INTO readings SELECT $1, 1, t, v FROM unnest($2::timestamptz[], $3::float8[]) AS r (t, v)',
        [device, nths.map((nth) => timestamp(FIRST + nth * STEP)), nths.map((nth) => valueAt(device, nth))],
      );
      for (const nth of nths) expected.set(`${device} ${FIRST + nth * STEP}`, valueAt(device, nth));
    }
  });
}

/** As the writer does, until the kill: a value only where there is none. @returns how many were committed */
async function writeLate(
  at: string,
  random: () => number,
  expected: Map<string, number>,
  killed: Promise<void>,
): Promise<number> {
  let isKilled = false;
  void killed.then(() => {
    isKilled = true;
  });
  return withDatabase(at, async (database) => {
    let written = 0;
    while (!isKilled) {
      const device = 1 + Math.floor(random() * DEVICES);
      const time = FIRST + Math.floor(random() * COUNT) * STEP + 1 + Math.floor(random() * 3) * 1_000;
      const value = Math.round(random() * 100) / 10;
      await new PartitionManager({ database }).partitionFor(time);
      // The partition may go between the two: the writer's transaction fails then and is done again.
      const { rows } = await database
        .query<{ value: number }>(
          `INSERT INTO readings SELECT $1, 1, $2::timestamptz, $3
           WHERE NOT EXISTS (SELECT FROM readings_between($1, 1::int2, $2, $2::timestamptz + interval '1 millisecond'))
           ON CONFLICT DO NOTHING RETURNING value`,
          [device, timestamp(time), value],
        )
        .catch(() => ({ rows: [] }));
      if (rows.length === 0) continue;
      expected.set(`${device} ${time}`, value);
      written++;
      // Rare enough that a week comes through between two: one that came meanwhile has the week packed anew.
      await systemTime.sleep('late', 100 + random() * 2_400);
    }
    return written;
  });
}

async function compare(at: string, expected: ReadonlyMap<string, number>) {
  return withDatabase(at, async (database) => {
    const { rows } = await database.query<{ device: number; time: number; value: number }>(
      `SELECT d.id AS device, one.time, one.value FROM devices AS d
       CROSS JOIN LATERAL readings_between(d.id, 1::int2, $1, $2) AS one`,
      [timestamp(FIRST - WEEK), timestamp(FIRST + (WEEKS + 1) * WEEK)],
    );
    const { rows: where } = await database.query<{ rows: number; packed: number; told: number }>(
      `SELECT (SELECT count(*) FROM readings) AS rows, (SELECT coalesce(sum(packed_count(packed)), 0) FROM packed_readings)::bigint AS packed,
         (SELECT coalesce(sum(readings), 0) FROM packed_weeks)::bigint AS told`,
    );
    const { rows: asRows = 0, packed = 0, told = 0 } = where[0] ?? {};
    const changed = rows.find(({ device, time, value }) => expected.get(`${device} ${time}`) !== value);
    const said =
      changed !== undefined
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
