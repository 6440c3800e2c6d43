import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Owned, silentLogger, systemTime } from '../domain/index.ts';
import { type Database, openDatabase } from './database.ts';
import { effectsOf } from './effects.ts';
import { openConnection } from './log/connection.ts';
import { migrate } from './migrate.ts';
import { PostgresOwnership } from './ownership.ts';
import { type ServerPair, startServerPair } from './testing/server-pair.ts';

/** A primary fails and its stand-by takes over: the same URL leads to the one that takes writes. */
describe('a URL of several hosts', () => {
  let pair: ServerPair;
  let database: Database;
  const heard: string[] = [];
  let ownership: PostgresOwnership;
  let owned: Owned | null = null;

  beforeAll(async () => {
    pair = await startServerPair();
    database = await openDatabase({ url: pair.url, logger: silentLogger, time: systemTime });
    await migrate(database, silentLogger);
    ownership = new PostgresOwnership({ database, time: systemTime });
    await database.query('CREATE TABLE kept (number integer PRIMARY KEY)');
    await database.listen('told', (payload) => heard.push(payload));
  }, 120_000);

  afterAll(async () => {
    await database?.close();
    await pair?.stop();
  });

  test('leads every connection to the server that takes writes, whichever is named first', async () => {
    await database.transaction((client) => client.query('INSERT INTO kept VALUES (1)'));
    const own = await openConnection({ database, time: systemTime, name: 'own', timeoutMs: 10_000 });
    await own.client.query('INSERT INTO kept VALUES (2)');
    await own.close();
    await database.notify('told', 'before');
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['before']);
  });

  test('drops a connection of its own whose server has become a stand-by', async () => {
    const own = await openConnection({ database, time: systemTime, name: 'demoted', timeoutMs: 10_000 });
    // As a demoted server answers every statement that writes (SQLSTATE 25006).
    await own.client.query('SET default_transaction_read_only = on');
    await expect(own.client.query('INSERT INTO kept VALUES (4)')).rejects.toMatchObject({ code: '25006' });
    await expect.poll(() => own.lost.aborted, { timeout: 10_000 }).toBe(true);
    await own.close();
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
      .poll(() => database.query('SELECT 1').catch((error: Error) => error.message), { timeout: 10_000 })
      .toMatch(/^no database server takes writes: 127\.0\.0\.1:\d+ is a stand-by; 127\.0\.0\.1:\d+ \S+/);
  });

  test('finds the stand-by once it is the primary, with everything that was acknowledged', async () => {
    await pair.promote();
    const numbers = async () => {
      const { rows } = await database.query<{ number: number }>('SELECT number FROM kept ORDER BY number');
      return rows.map(({ number }) => number);
    };
    await expect.poll(() => numbers().catch(() => null), { timeout: 10_000 }).toEqual([1, 2]);
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
      .poll(
        async () => {
          await database.notify('told', 'after');
          return heard.includes('after');
        },
        { timeout: 20_000 },
      )
      .toBe(true);
  });
});
