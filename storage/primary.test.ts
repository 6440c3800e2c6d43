import { once } from 'node:events';
import net from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Labels,
  type Logger,
  type Owned,
  silentLogger,
  silentMeter,
  systemTime,
  Troubles,
} from '../domain/index.ts';
import { type Database, openDatabase } from './database.ts';
import { effectsOf } from './effects.ts';
import { record } from './log/conformance.ts';
import { openConnection } from './log/connection.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { migrate } from './migrate.ts';
import { PostgresOwnership } from './ownership.ts';
import { replicaMetrics } from './replica/metrics.ts';
import { Replica } from './replica/replica.ts';
import { type ServerPair, startServerPair } from './testing/server-pair.ts';

/** A machine may have other things to do. */
const PATIENT = { timeout: 30_000 };
const WHERE = 'SELECT pg_is_in_recovery() AS standby, count(*)::integer AS kept FROM asked_for';

let pair: ServerPair;
let database: Database;

beforeAll(async () => {
  pair = await startServerPair();
  database = await openDatabase({ url: pair.url, logger: silentLogger, time: systemTime });
  await migrate(database, silentLogger);
  await database.query('CREATE TABLE asked_for (number integer)');
}, 300_000);

afterAll(async () => {
  await database?.close();
  await pair?.stop();
});

/** A primary and its stand-by: which of them answers, and that no answer is older than its question. */
describe('a read replica', { timeout: 120_000 }, () => {
  let replica: Replica;
  let lag = 0;
  const answers: Record<string, number> = {};
  const lines: string[] = [];
  const troubles = new Troubles();
  const note = (_: object, text: string) => void lines.push(text);
  const logger: Logger = { ...silentLogger, child: () => logger, info: note, warn: note };
  const given = {
    ...{ time: systemTime, logger, troubles, lookEveryMs: 100, patienceMs: 2_000 },
    metrics: {
      lagSeconds: {
        set(seconds: number) {
          lag = seconds;
        },
      },
      questions: {
        add(amount = 1, { answer = '' }: Labels = {}) {
          answers[answer] = (answers[answer] ?? 0) + amount;
        },
      },
    },
  };

  beforeAll(async () => {
    // The primary goes on without its stand-by.
    await database.query("ALTER SYSTEM SET synchronous_standby_names = ''");
    await database.query('SELECT pg_reload_conf()');
    replica = new Replica({ ...given, primary: database, url: pair.standbyUrl });
    await replica.start();
  });

  afterAll(async () => {
    await replica?.stop();
    await database.query('ALTER SYSTEM RESET synchronous_standby_names');
    await database.query('SELECT pg_reload_conf()');
  });

  const asked = async () => (await replica.query<{ standby: boolean; kept: number }>(WHERE)).rows[0];
  const answersAgain = () => expect.poll(asked, PATIENT).toMatchObject({ standby: true });

  test('answers what was written just before, always', async () => {
    for (let kept = 1; kept <= 20; kept++) {
      // Not waited for on the disk: visible, but maybe not sent yet.
      await database.transaction(async (client) => {
        await client.query(`SET LOCAL synchronous_commit = ${kept % 2 === 0 ? 'on' : 'off'}`);
        await client.query('INSERT INTO asked_for VALUES (1)');
      });
      const answer = await asked();
      expect(answer?.kept).toBe(kept);
    }
    // Whichever answered: on a slow machine the stand-by may have been too late for some.
    await answersAgain();
    expect(lines).toContain('the read replica answers questions');
  });

  test('writes nothing, and what it cannot do the primary says', async () => {
    const isRefused = async () => {
      await expect(replica.query('SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: '42P01' });
      return answers.refused;
    };
    await expect.poll(isRefused, PATIENT).toBe(1);
    await answersAgain();
  });

  test('is not asked while it is behind, and is again when it has caught up', async () => {
    await onStandby('SELECT pg_wal_replay_pause()');
    lines.length = 0;
    await database.query('INSERT INTO asked_for VALUES (1)');
    expect(await asked()).toEqual({ standby: false, kept: 21 });
    await expect.poll(() => troubles.list(), PATIENT).toMatchObject([{ code: 'REPLICA_BEHIND' }]);
    await expect.poll(() => lag, PATIENT).toBeGreaterThan(0.5);
    expect(await asked()).toEqual({ standby: false, kept: 21 });
    // Told once, however many looks there were.
    expect(lines).toEqual(['the read replica is not asked; the primary answers']);
    await onStandby('SELECT pg_wal_replay_resume()');
    await answersAgain();
    await expect.poll(() => [lag, troubles.list()], PATIENT).toEqual([0, []]);
    expect(lines).toContain('the read replica answers questions');
  });

  test('that has to end a question to go on is answered for by the primary, and is asked the next', async () => {
    const question = () =>
      replica.read(async (client) => {
        // A row that is removed on the primary while it is looked at.
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
        const { rows } = await client.query<{ standby: boolean }>(
          'SELECT pg_is_in_recovery() AS standby FROM asked_for LIMIT 1',
        );
        if (rows[0]?.standby === true) {
          await database.query('TRUNCATE asked_for');
          await database.query('INSERT INTO asked_for VALUES (1)');
          await client.query('SELECT pg_sleep(30)');
        }
        await client.query('COMMIT');
        return rows[0]?.standby;
      });
    const conflicts = async () => {
      expect(await question()).toBe(false);
      return answers.conflict;
    };
    await expect.poll(conflicts, PATIENT).toBe(1);
    await answersAgain();
  });

  test('that is frozen, and then killed, keeps nobody waiting for long', async () => {
    await pair.signalStandby('SIGSTOP');
    // pg waits for it 1 s; the test itself would wait for ever.
    expect(await asked()).toEqual({ standby: false, kept: 1 });
    await expect.poll(() => troubles.list(), PATIENT).toMatchObject([{ code: 'REPLICA_AWAY' }]);
    await pair.signalStandby('SIGCONT');
    await answersAgain();
    await pair.signalStandby('SIGKILL');
    expect(await asked()).toEqual({ standby: false, kept: 1 });
    await expect.poll(() => troubles.list(), PATIENT).toMatchObject([{ code: 'REPLICA_AWAY' }]);
    await pair.startStandby();
    await answersAgain();
  });

  test.each([
    ['a server that takes writes', () => pair.primaryUrl, /takes writes itself/],
    [
      'another database of it',
      () => pair.standbyUrl.replace(/isotherm$/, 'postgres'),
      /no copy of that of DATABASE_URL/,
    ],
    ['nobody', () => 'postgres://isotherm@127.0.0.1:1/isotherm', /ECONNREFUSED/],
  ])('whose URL leads to %s is never asked, and says so', async (_, url, text) => {
    const own = new Troubles();
    const wrong = new Replica({ ...given, troubles: own, primary: database, url: url() });
    await wrong.start();
    const found = () => own.list().map(({ code, text }) => `${code} ${text}`);
    await expect.poll(found, PATIENT).toEqual([expect.stringMatching(text)]);
    expect((await wrong.query(WHERE)).rows).toEqual([{ standby: false, kept: 1 }]);
    await wrong.stop();
  });

  test('is found among several hosts', async () => {
    const [host] = /127.0.0.1:\d+/.exec(pair.primaryUrl) ?? [];
    const url = pair.standbyUrl.replace('@', `@${host},`);
    const several = new Replica({ ...given, troubles: new Troubles(), primary: database, url });
    await several.start();
    await expect.poll(async () => (await several.query(WHERE)).rows, PATIENT).toEqual([{ standby: true, kept: 1 }]);
    await several.stop();
  });

  async function onStandby(statement: string): Promise<void> {
    const client = new pg.Client(pair.standbyUrl);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }
});

/** A primary fails and its stand-by takes over: the same URL leads to the one that takes writes. */
describe('a URL of several hosts', () => {
  const heard: string[] = [];
  let ownership: PostgresOwnership;
  let owned: Owned | null = null;

  beforeAll(async () => {
    ownership = new PostgresOwnership({ database, time: systemTime });
    await database.query('CREATE TABLE kept (number integer PRIMARY KEY)');
    await database.listen('told', (payload) => heard.push(payload));
  });

  test('leads every connection to the server that takes writes, whichever is named first', async () => {
    await database.transaction((client) => client.query('INSERT INTO kept VALUES (1)'));
    const own = await openConnection({ database, time: systemTime, name: 'own', timeoutMs: 10_000 });
    await own.client.query('INSERT INTO kept VALUES (2)');
    await own.close();
    await database.notify('told', 'before');
    await expect.poll(() => heard).toEqual(['before']);
  });

  test('drops a connection of its own whose server has become a stand-by', async () => {
    const own = await openConnection({ database, time: systemTime, name: 'demoted', timeoutMs: 10_000 });
    // As a demoted server answers every statement that writes (SQLSTATE 25006).
    await own.client.query('SET default_transaction_read_only = on');
    await expect(own.client.query('INSERT INTO kept VALUES (4)')).rejects.toMatchObject({ code: '25006' });
    await expect.poll(() => own.lost.aborted).toBe(true);
    await own.close();
  });

  test('acknowledges no commit whose wait for the stand-by somebody has cancelled', async () => {
    const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
    await log.start();
    await log.append([record('before')]);
    await pair.signalStandby('SIGSTOP');
    const waiting = async () =>
      (await database.query(`SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)).rows.length;
    const outcomes = Promise.allSettled([
      database.query('INSERT INTO asked_for VALUES (7)'),
      database.transaction((client) => client.query('INSERT INTO asked_for VALUES (8)')),
      log.append([record('never replicated')]),
    ]);
    await expect.poll(waiting, PATIENT).toBe(3);
    await database.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
    const away = (code: string) => ({ status: 'rejected', reason: expect.objectContaining({ code }) });
    const ours = 'DATABASE_UNAVAILABLE';
    const told = await outcomes;
    await pair.signalStandby('SIGCONT');
    expect(told).toEqual([away(ours), away(ours), away('LOG_UNAVAILABLE')]);
    // All three were committed here: the outcome was unknown, not a rollback.
    const again = await log.append([record('after')]);
    expect(again).toMatchObject([{ isDuplicate: false }]);
    await log.stop();
  });

  test('waits for no server that is silent, closes at once or has no name, while another takes writes', async () => {
    const silent = net.createServer(() => {});
    const closing = net.createServer((socket) => socket.destroy());
    for (const server of [silent, closing]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const ports = [silent, closing].map((server) => (server.address() as net.AddressInfo).port);
    const more = `127.0.0.1:${ports[0]},127.0.0.1:${ports[1]},nowhere.invalid:5432,`;
    const url = pair.url.replace('@', `@${more}`);
    const began = systemTime.monotonic();
    const other = await openDatabase({ url, logger: silentLogger, time: systemTime });
    await other.query('INSERT INTO kept VALUES (10)');
    // Less than the silent one is given.
    expect(systemTime.monotonic() - began).toBeLessThan(3_000);
    await other.query('DELETE FROM kept WHERE number = 10');
    await other.close();
    for (const server of [silent, closing]) server.close();
  });

  test('says of each server why it takes no writes, while none does', async () => {
    owned = await ownership.own('survives', new AbortController().signal);
    await pair.killPrimary();
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect
      .poll(() => database.query('SELECT 1').catch((error: Error) => error.message))
      .toMatch(/^no database server takes writes: 127\.0\.0\.1:\d+ is a stand-by; 127\.0\.0\.1:\d+ \S+/);
  });

  test('finds the stand-by once it is the primary, with everything that was acknowledged', async () => {
    await pair.promote();
    const numbers = async () => {
      const { rows } = await database.query<{ number: number }>('SELECT number FROM kept ORDER BY number');
      return rows.map(({ number }) => number);
    };
    await expect.poll(() => numbers().catch(() => null)).toEqual([1, 2]);
    await database.query('INSERT INTO kept VALUES (3)');
    // No lock went with the primary: the lease is on the stand-by, and its holder has it still or again.
    const began = systemTime.monotonic();
    const owner = owned?.lost.aborted === false ? owned : await ownership.own('survives', new AbortController().signal);
    await database.transaction((client) => owner.check(effectsOf(client)));
    process.stdout.write(
      `failover: owner ${(systemTime.monotonic() - began).toFixed(0)} ms after the stand-by answered\n`,
    );
    await owner.release();
    expect(await numbers()).toEqual([1, 2, 3]);
    // The listening connection has found it too.
    await expect
      .poll(async () => {
        await database.notify('told', 'after');
        return heard.includes('after');
      })
      .toBe(true);
  });

  test('leads questions nowhere else, where their stand-by is the primary now', async () => {
    const troubles = new Troubles();
    const metrics = replicaMetrics(silentMeter);
    const replica = new Replica({
      ...{ time: systemTime, logger: silentLogger, troubles, metrics },
      ...{ primary: database, url: pair.standbyUrl },
    });
    await replica.start();
    expect((await replica.query('SELECT number FROM kept ORDER BY number')).rows).toHaveLength(3);
    expect(troubles.list()).toMatchObject([{ text: expect.stringMatching(/takes writes itself/) }]);
    await replica.stop();
  });

  // Patroni gives the cluster back to a former primary that still takes writes, where the promoted one has lost it meanwhile.
  test('leads nowhere while a former primary alone takes writes, and says why', async () => {
    const said = () => database.query('SELECT 1').then(String, (error: Error) => error.message);
    await pair.signalStandby('SIGKILL');
    await pair.startPrimary();
    await expect
      .poll(said)
      .toMatch(/127\.0\.0\.1:\d+ takes writes on timeline 1, where timeline 2 has what was acknowledged since/);
    // Whoever begins anew takes it at its word: that is how somebody says that what was written since is given up.
    const anew = await openDatabase({ url: pair.url, logger: silentLogger, time: systemTime });
    expect((await anew.query('SELECT number FROM kept ORDER BY number')).rows).toEqual([{ number: 1 }, { number: 2 }]);
    await anew.close();
    await pair.startStandby();
    await expect.poll(() => database.query('SELECT number FROM kept').then(({ rowCount }) => rowCount, String)).toBe(3);
  });
});
