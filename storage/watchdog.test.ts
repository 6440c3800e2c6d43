import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { underWay } from '../tests/testing/under-way.ts';
import { type Database, openDatabase, openPool } from './database.ts';
import { record, textOf } from './log/conformance.ts';
import { PostgresLog } from './log/index.ts';
import { testDatabase } from './testing/database.ts';
import { SilentProxy } from './testing/silent-proxy.ts';

/** A connection is asked about sooner than it is in earnest. */
const SILENT_MS = 2_000;
/** Shorter than a server is given to say that it takes writes. */
const LATE_MS = 100;

const direct = await testDatabase();
const ends: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function throughProxy(): Promise<{ readonly database: Database; readonly proxy: SilentProxy }> {
  const proxy = new SilentProxy(direct.url);
  const url = await proxy.start(direct.url);
  ends.push(() => proxy.stop());
  const database = await openDatabase({ url, logger: silentLogger, time: systemTime, silentMs: SILENT_MS });
  ends.push(() => database.close());
  return { database, proxy };
}

/*
 * Packets were swallowed for 20 s, then all was well again: 50 s later 10 of 3,000 acknowledged readings were stored. The
 * consumers waited for answers that had been lost, on connections that looked open, and held their locks.
 */
describe('a database connection that dies without a word', { timeout: 120_000 }, () => {
  it('is cut, and a consumer goes on over a new one, though its old backend held its lock', async () => {
    const { database, proxy } = await throughProxy();
    const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
    await log.start();
    ends.push(() => log.stop());
    const seen: string[] = [];
    const consumer = log.consumer({
      ...{ name: 'reader', families: ['readings'], isMandatory: false },
      handler: {
        async handle({ records }) {
          for (const { payload } of records) seen.push(textOf(payload));
        },
      },
    });
    await consumer.start();
    await log.append([record('before')]);
    await consumer.passed(await log.heads());
    proxy.isSwallowing = true;
    const lost = log.append([record('lost')]);
    await expect(lost).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    proxy.isSwallowing = false;
    const heads = await untilTaken(log);
    await consumer.passed(heads, AbortSignal.timeout(60_000));
    expect(seen).toContain('after');
  });

  it('fails a query that waits on it, and not one that is merely long', async () => {
    const { database, proxy } = await throughProxy();
    const long = underWay(database.query('SELECT pg_sleep(8)'));
    const both = Promise.all([database.query('SELECT 1'), database.query('SELECT 1')]);
    await both;
    // What is swallowed while its connection is being made is another fault than the one meant here.
    await vi.waitFor(async () => {
      const { rowCount } = await direct.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(8)'",
      );
      expect(rowCount).toBe(1);
    });
    const blocked = new Promise<unknown>((resolve) => {
      void database
        .transaction(async (client) => {
          proxy.isSwallowing = true;
          const waiting = client.query('SELECT 1');
          proxy.isSwallowing = true;
          await waiting.catch(resolve);
          throw new Error('done');
        })
        .catch(() => {});
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    proxy.isSwallowing = false;
    expect(await blocked).toMatchObject({ message: expect.stringMatching(/^Connection terminated/) });
    await long.end;
  });

  it('that listens is made again, so that what is sent afterwards is heard', async () => {
    const { database, proxy } = await throughProxy();
    const heard: string[] = [];
    const listening = await database.listen('isotherm_watchdog', (payload) => heard.push(payload));
    ends.push(() => listening.stop());
    proxy.isSwallowing = true;
    await direct.notify('isotherm_watchdog', 'swallowed');
    await new Promise((resolve) => setTimeout(resolve, 200));
    proxy.isSwallowing = false;
    await expect
      .poll(
        async () => {
          await direct.notify('isotherm_watchdog', 'heard');
          return heard;
        },
        { timeout: 90_000, interval: 500 },
      )
      .toContain('heard');
    expect(heard).not.toContain('swallowed');
  });
});

/*
 * A primary stood still and another was promoted: what waited on pooled connections to the former one heard of it after ten to fifteen
 * seconds, for it closes nothing. Here two ways lead to the same server, so that it takes writes whichever is silent.
 */
describe('of several database servers', () => {
  async function throughTwo({ firstIsLate = false } = {}) {
    const proxies = [new SilentProxy(direct.url), new SilentProxy(direct.url)] as const;
    const [first, second] = proxies;
    const [firstUrl = '', secondUrl = ''] = await Promise.all(proxies.map((proxy) => proxy.start(direct.url)));
    ends.push(
      () => first.stop(),
      () => second.stop(),
    );
    const [host, other] = [new URL(firstUrl).host, new URL(secondUrl).host];
    const named = firstIsLate ? await lateDoor(Number(new URL(firstUrl).port)) : host;
    const url = `${firstUrl.replace(host, `${named},${other}`)}?target_session_attrs=read-write`;
    // Connections go to the first.
    second.isSwallowing = true;
    const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
    ends.push(() => database.close());
    await database.query('SELECT 1');
    return { url, database, first, second };
  }

  it('one that says nothing any more is left as soon as another takes writes', async () => {
    const { url, database, first, second } = await throughTwo();
    const jobs = openPool({ url, logger: silentLogger, time: systemTime }, { max: 1 });
    ends.push(() => jobs.close());
    await jobs.pool.query('SELECT 1');
    const heard: string[] = [];
    const listening = await database.listen('isotherm_former', (payload) => heard.push(payload));
    ends.push(() => listening.stop());
    const idle = database.read(async () => new Promise((resolve) => setTimeout(resolve, 100)));
    await Promise.all([idle, database.query('SELECT 1')]);
    const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
    await log.start();
    ends.push(() => log.stop());
    await log.append([record('before')]);
    first.isSwallowing = true;
    const waiting = database
      .transaction((client) => client.query('SELECT 1'))
      .then(
        () => 'answered',
        (error: Error) => error.message,
      );
    const job = jobs.pool.query('SELECT 1').catch((error: Error) => error.message);
    const append = log.append([record('under way')]).catch((error: { code?: string }) => error.code);
    // Nobody takes writes: it is waited for, since there is nowhere else to go.
    expect(await Promise.race([waiting, pause(2_500)])).toBe('paused');
    second.isSwallowing = false;
    // Not by the watchdog, which would say otherwise after 10 s.
    expect(await waiting).toMatch(/^the database is away: Connection terminated: another server takes writes now/);
    expect(await append).toBe('LOG_UNAVAILABLE');
    expect(await job).toMatch(/^Connection terminated/);
    // Every connection to it, also one that was idle.
    await Promise.all([database.query('SELECT 1'), database.query('SELECT 1'), untilTaken(log)]);
    const hears = async () => {
      await direct.notify('isotherm_former', 'heard');
      return heard.includes('heard');
    };
    await expect.poll(hears).toBe(true);
  });

  it('one that takes writes keeps its connections, however long their statements are silent', async () => {
    // The other one always answers before it.
    const { database, second } = await throughTwo({ firstIsLate: true });
    second.isSwallowing = false;
    const long = Promise.all(Array.from({ length: 3 }, () => database.query('SELECT pg_sleep(4)')));
    // New ones may go either way meanwhile.
    for (let n = 0; n < 3; n++) {
      await pause(1_100);
      await database.query('SELECT 1');
    }
    expect(await long).toHaveLength(3);
  });
});

/** A new connection gets through after a moment. @returns its host and port */
async function lateDoor(port: number): Promise<string> {
  const door = net.createServer((client) => {
    client.on('error', () => {});
    setTimeout(() => {
      const server = net.connect(port, '127.0.0.1');
      server.on('error', () => {});
      client.pipe(server).pipe(client);
    }, LATE_MS);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  ends.push(() => door.close());
  return `127.0.0.1:${(door.address() as net.AddressInfo).port}`;
}

function pause(ms: number): Promise<'paused'> {
  return new Promise((resolve) => setTimeout(() => resolve('paused'), ms));
}

/** Senders resend until they are acknowledged. */
async function untilTaken(log: PostgresLog) {
  for (;;) {
    try {
      await log.append([record('after')]);
      return await log.heads();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
