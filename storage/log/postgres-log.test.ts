import { afterEach, describe, expect, it } from 'vitest';
import {
  type ConsumerHandler,
  type LogBatch,
  ManualTime,
  type Meter,
  silentLogger,
  silentMeter,
  systemTime,
  Troubles,
} from '../../domain/index.ts';
import { clientOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { describeLog, type LogHome, type OpenOptions, record, textOf } from './conformance.ts';
import { openConnection } from './connection.ts';
import { describeHome, type OpenHomeOptions } from './home-conformance.ts';
import { logMetrics } from './metrics.ts';
import { DEFAULT_LIMITS, type LogLimits, type PostgresLogOptions } from './options.ts';
import { PostgresHome } from './postgres/home.ts';
import { PostgresLog } from './postgres-log.ts';

const database = await testDatabase({ maxConnections: 4 });

const QUICK = {
  firstPauseMs: 1,
  longestPauseMs: 10,
  standbyMs: 10,
  passedPollMs: 5,
  pollMs: 200,
} satisfies Partial<LogLimits>;

function openLog(options: Partial<PostgresLogOptions> = {}): PostgresLog {
  return new PostgresLog({
    database,
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
    ...options,
    limits: { ...QUICK, ...options.limits },
  });
}

/** The test file's one database, emptied. */
async function emptyHome(): Promise<LogHome> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r'
       AND inhparent IN ('log_readings'::regclass, 'log_trace'::regclass)`,
  );
  for (const { name } of rows) await database.query(`DROP TABLE ${name}`);
  await database.query('TRUNCATE log_head, log_segments, log_identity, log_consumers, log_checkpoints, log_dead');
  await database.query('CREATE TABLE IF NOT EXISTS written (id serial, line text)');
  await database.query('TRUNCATE written');
  let storedReads = 0;
  const meter: Meter = {
    ...silentMeter,
    counter: ({ name }) => ({ add: () => void (name === 'isotherm_log_table_reads' && storedReads++) }),
  };
  return {
    open({ isFromMemory = true, onDead, ...limits }: OpenOptions = {}) {
      return openLog({
        meter,
        limits: { ...limits, ...(isFromMemory ? {} : { handOverBytes: 0 }) },
        ...(onDead === undefined ? {} : { onDead }),
      });
    },
    storedReads: () => storedReads,
    async write(effects, line) {
      await clientOf(effects).query('INSERT INTO written (line) VALUES ($1)', [line]);
    },
    async written() {
      return (await database.query<{ line: string }>('SELECT line FROM written ORDER BY id')).rows.map(
        ({ line }) => line,
      );
    },
    async stall() {
      const client = await database.pool.connect();
      await client.query('BEGIN');
      await client.query('SELECT * FROM log_head FOR UPDATE');
      return async () => {
        await client.query('ROLLBACK');
        client.release();
      };
    },
  };
}

describeLog('the log in Postgres', emptyHome);

describeHome('the home in Postgres', async () => {
  await emptyHome();
  return {
    open({ isFromMemory = true, isInSmallParts = false, isPastCap = false }: OpenHomeOptions = {}) {
      const limits = {
        ...{ ...DEFAULT_LIMITS, ...QUICK, keepMs: 0 },
        ...(isFromMemory ? {} : { handOverBytes: 0 }),
        ...(isInSmallParts ? { segmentBytes: 1 } : {}),
        ...(isPastCap ? { capBytes: 1 } : {}),
      };
      const surroundings = { database, time: systemTime, logger: silentLogger, troubles: new Troubles() };
      return new PostgresHome({ ...surroundings, limits, metrics: logMetrics(silentMeter), onSegment: () => {} });
    },
  };
});

describe('the log in Postgres, when connections break', () => {
  const logs = new Set<PostgresLog>();

  afterEach(async () => {
    await Promise.all([...logs].map((log) => log.stop()));
    logs.clear();
  });

  async function start(options: Partial<PostgresLogOptions> = {}): Promise<PostgresLog> {
    const log = openLog(options);
    logs.add(log);
    await log.start();
    return log;
  }

  async function terminate(name: string): Promise<void> {
    const { rows } = await database.query<{ done: boolean }>(
      `SELECT pg_terminate_backend(pid, 5000) AS done FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE $1 AND pid <> pg_backend_pid()`,
      [name],
    );
    expect(rows.length).toBeGreaterThan(0);
  }

  it('rejects the append under way when its connection is cut, and commits the next one', async () => {
    const home = await emptyHome();
    const log = await start();
    await log.append([record('first')]);
    const release = await home.stall();
    const cut = expect(log.append([record('cut')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await waitUntil(`SELECT EXISTS (SELECT FROM pg_stat_activity
      WHERE application_name = 'isotherm log append' AND wait_event_type = 'Lock') AS met`);
    await terminate('isotherm log append');
    await cut;
    await release();
    const [receipt] = await log.append([record('next')]);
    expect(await log.heads()).toMatchObject({ 'readings/0': receipt?.position });
  });

  it('replays a batch whose connection was cut, with effects once', async () => {
    const home = await emptyHome();
    const log = await start();
    await log.append([record('a'), record('b')]);
    let cuts = 2;
    const restored: unknown[] = [];
    const handler: ConsumerHandler = {
      restore: async (checkpoints) => void restored.push(checkpoints),
      async handle({ records }, effects) {
        for (const { payload } of records) await home.write(effects, textOf(payload));
        if (cuts-- > 0) await terminate('isotherm log c');
      },
    };
    const consumer = log.consumer({ name: 'c', families: ['readings'], isMandatory: true, handler });
    await consumer.start();
    await consumer.passed(await log.heads());
    expect(await home.written()).toEqual(['a', 'b']);
    expect(restored).toEqual([{ 'readings/0': 0 }, { 'readings/0': 0 }, { 'readings/0': 0 }]);
  });

  it('goes on by itself after the server has dropped every connection', async () => {
    const home = await emptyHome();
    const log = await start();
    const handler: ConsumerHandler = {
      async handle({ records }, effects) {
        for (const { payload } of records) await home.write(effects, textOf(payload));
      },
    };
    const consumer = log.consumer({ name: 'c', families: ['readings'], isMandatory: true, handler });
    await consumer.start();
    await log.append([record('before')]);
    await consumer.passed(await log.heads());
    await terminate('isotherm%');
    const again = async (): Promise<unknown> => log.append([record('after')]).catch(again);
    await again();
    await consumer.passed(await log.heads());
    expect((await home.written()).filter((line) => line === 'before')).toHaveLength(1);
    expect((await home.written()).at(-1)).toBe('after');
  });

  it('hands a record over once where another process moved the checkpoint behind its back', async () => {
    const home = await emptyHome();
    const log = await start();
    await log.append([record('a'), record('b')]);
    let isFirst = true;
    const handler: ConsumerHandler = {
      async handle({ records }, effects) {
        for (const { payload } of records) await home.write(effects, textOf(payload));
        if (isFirst) await database.query(`UPDATE log_checkpoints SET position = 1 WHERE consumer = 'c'`);
        isFirst = false;
      },
    };
    const consumer = log.consumer({ name: 'c', families: ['readings'], isMandatory: true, handler });
    await consumer.start();
    await consumer.passed(await log.heads());
    expect(await home.written()).toEqual(['b']);
  });

  it('shares commits between appends, and fails alone the append whose records the table refuses', async () => {
    await emptyHome();
    const commits: number[] = [];
    const meter: Meter = {
      ...silentMeter,
      histogram: ({ name }) => ({
        observe: (value) => void (name === 'isotherm_log_commit_records' && commits.push(value)),
      }),
    };
    const log = await start({ meter });
    await database.query(`ALTER TABLE log_readings ADD CONSTRAINT refused CHECK (source <> 'refused')`);
    try {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 500 }, (_, index) =>
          log.append([record(`${index}`, { source: index === 250 ? 'refused' : 'test' })]),
        ),
      );
      const failed = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
      expect(failed).toEqual([250]);
      expect(outcomes[250]).toMatchObject({ reason: { code: 'LOG_APPEND_REFUSED' } });
      await Promise.all(Array.from({ length: 500 }, (_, index) => log.append([record(`${index}`)])));
      expect(Math.max(...commits)).toBeGreaterThan(100);
    } finally {
      await database.query('ALTER TABLE log_readings DROP CONSTRAINT refused');
    }
  });

  it('does not let a bad record into a commit', async () => {
    await emptyHome();
    const log = await start();
    for (const fields of [{ sequence: 0.5 }, { source: 'a\0b' }, { arrival: 0.5 }, { version: 40_000 }]) {
      await expect(log.append([record('bad', fields)])).rejects.toMatchObject({ code: 'LOG_RECORD_BAD' });
    }
  });

  it('refuses appends before its start and after its stop', async () => {
    await emptyHome();
    const log = openLog();
    await expect(log.append([record('early')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await log.start();
    await log.append([record('in time')]);
    await log.stop();
    await expect(log.append([record('late')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });
});

describe('the log in Postgres, beside other processes', () => {
  it('hears of their records at once, without waiting for its poll', async () => {
    await emptyHome();
    const [here, there] = [openLog({ time: new ManualTime(1_795_000_000_000) }), openLog()];
    await Promise.all([here.start(), there.start()]);
    const heard = new Promise<LogBatch>((resolve) => here.follow(['readings'], resolve));
    await there.append([record('news')]);
    expect((await heard).records.map(({ payload }) => textOf(payload))).toEqual(['news']);
    await Promise.all([here.stop(), there.stop()]);
  });

  it('finds records whose notification was lost at its next poll', async () => {
    await emptyHome();
    const time = new ManualTime(1_795_000_000_000);
    const log = openLog({ time });
    await log.start();
    const heard = new Promise<LogBatch>((resolve) => log.follow(['readings'], resolve));
    await database.query(
      `INSERT INTO log_readings VALUES (1, 0, 'readings', 1, 'quiet', NULL, 0, 'x');
       UPDATE log_head SET position = 1 WHERE family = 'readings'`,
    );
    await time.advance(QUICK.pollMs);
    expect((await heard).records).toMatchObject([{ position: 1, source: 'quiet' }]);
    await log.stop();
  });

  it('is followed only after its start', async () => {
    expect(() => openLog().follow(['readings'], () => {})).toThrow('followed after its start');
  });
});

async function waitUntil(question: string): Promise<void> {
  while ((await database.query<{ met: boolean }>(question)).rows[0]?.met !== true);
}

/*
 * Small changes to the code that no test noticed: an append larger than a commit's bounds would have been tried for ever, a
 * consumer whose ownership another process had taken would have committed.
 */
describe('an append', () => {
  it('that is larger than one commit may be is committed by itself, and what waits with it in commits of its own', async () => {
    const sizes: number[] = [];
    const meter: Meter = {
      ...silentMeter,
      histogram: ({ name }) => ({
        observe: (value) => {
          if (name === 'isotherm_log_commit_records') sizes.push(value);
        },
      }),
    };
    await emptyHome();
    const log = openLog({ meter, limits: { commitBytes: 100, commitRecords: 3 } });
    await log.start();
    const large = 'x'.repeat(1_000);
    const receipts = await Promise.all([
      log.append([record('a'), record('b')]),
      log.append([record(large)]),
      log.append([record('c')]),
      log.append([record('d')]),
      log.append([record('e'), record('f'), record('g'), record('h')]),
    ]);
    expect(receipts.flat().map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sizes).toEqual([2, 1, 2, 4]);
    await log.stop();
  });

  it('of nine MiB at once is committed within the usual bounds', async () => {
    await emptyHome();
    const log = openLog();
    await log.start();
    const nine = { ...record(''), payload: new Uint8Array(9 * 1_048_576) };
    expect(await log.append([nine])).toMatchObject([{ position: 1 }]);
    await log.stop();
  });
});

describe('a consumer', () => {
  it('that another process has taken over commits nothing more, though nobody moved its checkpoint', async () => {
    await emptyHome();
    const log = openLog();
    await log.start();
    const handled: string[] = [];
    let isTaken = false;
    const consumer = log.consumer({
      ...{ name: 'owned', families: ['readings'], isMandatory: false },
      handler: {
        async handle({ records }, effects) {
          // What a process does that has waited for the lock.
          if (!isTaken) await database.query(`UPDATE owners SET epoch = epoch + 1 WHERE name = 'consumer:owned'`);
          isTaken = true;
          for (const { payload } of records) {
            await clientOf(effects).query(`INSERT INTO owned_lines VALUES ($1)`, [textOf(payload)]);
            handled.push(textOf(payload));
          }
        },
      },
    });
    await database.query('CREATE TABLE IF NOT EXISTS owned_lines (line text); TRUNCATE owned_lines');
    await consumer.start();
    await log.append([record('a')]);
    await consumer.passed(await log.heads());
    // Handled twice, as the former and as the latest owner; committed once.
    expect(handled).toEqual(['a', 'a']);
    expect((await database.query('SELECT line FROM owned_lines')).rows).toEqual([{ line: 'a' }]);
    await log.stop();
    await database.query('DROP TABLE owned_lines');
  });

  // The machine of the tracer's owner was gone in the middle of a transaction: its rows stayed locked, and the next owner waited for them.
  it('does not wait for the rows of a former owner that says nothing any more', async () => {
    await emptyHome();
    await database.query('CREATE TABLE one_each (line text PRIMARY KEY)');
    const openAs = (name: string) =>
      openConnection({ database, time: systemTime, name: `isotherm log ${name}`, timeoutMs: 10_000 });
    const [former, neighbour] = [await openAs('owned'), await openAs('other')];
    for (const { client } of [former, neighbour]) await client.query('BEGIN');
    await former.client.query(`INSERT INTO one_each VALUES ('a')`);
    await neighbour.client.query(`INSERT INTO one_each VALUES ('b')`);
    const log = openLog();
    await log.start();
    const consumer = log.consumer({
      ...{ name: 'owned', families: ['readings'], isMandatory: false },
      handler: {
        async handle({ records }, effects) {
          for (const { payload } of records) {
            await clientOf(effects).query('INSERT INTO one_each VALUES ($1)', [textOf(payload)]);
          }
        },
      },
    });
    await consumer.start();
    await log.append([record('a')]);
    await consumer.passed(await log.heads());
    expect(former.lost.aborted).toBe(true);
    // Only its own.
    await neighbour.client.query('COMMIT');
    expect((await database.query('SELECT line FROM one_each ORDER BY line')).rows).toEqual([
      { line: 'a' },
      { line: 'b' },
    ]);
    await log.stop();
    await neighbour.close();
    await database.query('DROP TABLE one_each');
  });
});
