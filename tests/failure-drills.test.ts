import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readiness } from '../app/readiness.ts';
import {
  type Consumer,
  encodeReadings,
  READINGS_VERSION,
  ReadingBuilder,
  silentLogger,
  silentMeter,
  systemTime,
  Troubles,
  UnavailableError,
} from '../domain/index.ts';
import { Writer } from '../ingest/index.ts';
import {
  type Database,
  migrate,
  openDatabase,
  PartitionManager,
  PostgresHistory,
  PostgresLog,
  QuarantineStore,
  ReadingStore,
  RefusalStore,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { PATIENCE_MS } from './testing/bounds.ts';

/*
 * What goes wrong below the writer: nothing acknowledged is lost, /readyz says what is the matter, and it goes on by
 * itself. A long reader is in storage/readings/partitions.test.ts, a clock that jumps in rollups.test.ts, and kill -9 in
 * kill.test.ts.
 */

const TEMPERATURE = 1;
const MINUTE = 60_000;
const BASE = Math.floor(Date.now() / MINUTE) * MINUTE - 3_600_000;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A log and its writer, and what of it was acknowledged. */
class Line {
  readonly database: Database;
  readonly log: PostgresLog;
  readonly writer: Consumer;
  readonly acknowledged: number[] = [];
  #next = BASE;

  constructor(database: Database) {
    this.database = database;
    this.log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
    this.writer = this.log.consumer({
      name: 'writer',
      families: ['readings'],
      isMandatory: true,
      handler: new Writer({
        readings: new ReadingStore({ database }),
        quarantine: new QuarantineStore({ database }),
        refusals: new RefusalStore({ database }),
        meter: silentMeter,
      }),
    });
  }

  async start(): Promise<this> {
    await this.log.start();
    await this.writer.start();
    stops.push(() => this.log.stop());
    return this;
  }

  /** @returns false if it was not acknowledged */
  async append(readings = 1): Promise<boolean> {
    const builder = new ReadingBuilder();
    const times = Array.from({ length: readings }, () => this.#next++);
    for (const time of times) builder.add('logger-1', TEMPERATURE, time, 5);
    const record = { family: 'readings' as const, kind: 'readings' as const, version: READINGS_VERSION };
    const payload = encodeReadings(builder.view());
    try {
      await this.log.append([{ ...record, source: 'drill', sequence: null, arrival: Date.now(), payload }]);
      for (const time of times) this.acknowledged.push(time);
      return true;
    } catch (error) {
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  async passed(): Promise<void> {
    await this.writer.passed(await this.log.heads(), AbortSignal.timeout(20_000));
  }

  /** Every acknowledged reading, once, and (what was in doubt may be there too) nothing that was never sent. */
  async expectNothingLost(): Promise<void> {
    await this.passed();
    const { time } = await new PostgresHistory({ database: this.database }).read('logger-1', TEMPERATURE, 0, BASE * 2);
    const stored = new Set(time);
    expect(stored.size).toBe(time.length);
    expect(this.acknowledged.filter((at) => !stored.has(at))).toEqual([]);
  }

  /** The part in trouble, as /readyz tells. */
  async trouble(): Promise<string[]> {
    const { troubles } = await readiness({
      ...{ isUp: () => true, database: this.database, log: this.log, time: systemTime, troubles: new Troubles() },
    });
    return troubles.map(({ part, text }) => `${part}: ${text}`);
  }
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 2 * PATIENCE_MS;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await systemTime.sleep('drill', 20);
  }
}

describe('below the writer', () => {
  it('a connection that is lost in the middle of a COPY costs a second try', async () => {
    const line = await new Line(await testDatabase()).start();
    await line.append();
    await line.passed();
    const { table } = await new PartitionManager({ database: line.database }).partitionFor(BASE);
    await line.database.transaction(async (client) => {
      await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      await line.append(5_000);
      const copying = `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'COPY%' AND wait_event_type = 'Lock'`;
      await until(async () => (await line.database.query(copying)).rowCount === 1);
      await line.database.query(`SELECT pg_terminate_backend(pid) FROM (${copying}) AS writer`);
      await until(async () => (await line.trouble()).some((text) => text.startsWith('writer: ')));
    });
    await line.expectNothingLost();
    expect(await line.trouble()).toEqual([]);
  });

  it('a partition that somebody dropped is made again', async () => {
    const line = await new Line(await testDatabase()).start();
    await line.append();
    await line.passed();
    const { table } = await new PartitionManager({ database: line.database }).partitionFor(BASE);
    await line.database.query(`DROP TABLE ${table}`);
    // What was in it is gone with it, and not for the writer to bring back.
    line.acknowledged.splice(0);
    for (let n = 0; n < 10; n++) expect(await line.append(100)).toBe(true);
    await line.expectNothingLost();
    expect(await line.trouble()).toEqual([]);
  });
});

/** Small enough to fill at once, large enough for a cluster and its WAL. */
const DISK_MIB = 220;

describe.skipIf(!mayMount())('a disk that is full', { timeout: 120_000 }, () => {
  it('stops acknowledgement, says so, and goes on when there is room again', async () => {
    const directory = mounted();
    stops.push(async () => {
      execFileSync('umount', ['--lazy', directory]);
      rmSync(directory, { recursive: true, force: true });
    });
    const server = await startEmbeddedPostgres({ dataDir: join(directory, 'data'), time: systemTime });
    stops.push(() => server.stop());
    const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
    stops.push(() => database.close());
    await migrate(database, silentLogger);
    const line = await new Line(database).start();
    for (let n = 0; n < 5; n++) expect(await line.append(1_000)).toBe(true);

    const ballast = join(directory, 'ballast');
    const { bavail, bsize } = statfsSync(directory);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 512 * 1024));
    await until(async () => !(await line.append(20_000)));
    expect((await line.trouble()).join('\n')).toMatch(/append: |writer: /);

    rmSync(ballast);
    await until(() => line.append(100));
    await line.expectNothingLost();
    expect(await line.trouble()).toEqual([]);
  });
});

/** A file system of its own, in memory. */
function mounted(): string {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0755`, 'tmpfs', directory], { stdio: 'pipe' });
  return directory;
}

function mayMount(): boolean {
  try {
    const directory = mounted();
    execFileSync('umount', [directory]);
    rmSync(directory, { recursive: true });
    return true;
  } catch {
    process.stderr.write('skipped: a small disk to fill needs the right to mount one\n');
    return false;
  }
}
