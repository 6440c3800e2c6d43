import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualTime, silentLogger, systemTime, UnavailableError } from '../domain/index.ts';
import { numberArray, textArray } from './arrays.ts';
import { openDatabase, openPool } from './database.ts';
import { clientOf, effectsOf } from './effects.ts';
import { testDatabase } from './testing/database.ts';
import { holdingProxy } from './testing/holding-proxy.ts';
import { SilentProxy } from './testing/silent-proxy.ts';
import { timestamp } from './types.ts';

const database = await testDatabase();

describe('a database', () => {
  it('gives int8 as a number, timestamptz as epoch milliseconds and bytea as bytes', async () => {
    const { rows } = await database.query(
      `SELECT 9007199254740991::int8 AS most, 9007199254740993::int8 AS beyond, $1::timestamptz AS at, 'infinity'::timestamptz AS never,
         '\\x00ff'::bytea AS bytes, ARRAY[1, 2]::int8[] AS many, ARRAY[$1::timestamptz] AS times`,
      [timestamp(1_795_000_000_123)],
    );
    expect(rows).toEqual([
      {
        most: 9007199254740991,
        beyond: '9007199254740993',
        at: 1_795_000_000_123,
        never: Number.POSITIVE_INFINITY,
        bytes: Buffer.from([0, 255]),
        many: [1, 2],
        times: [1_795_000_000_123],
      },
    ]);
  });

  it('takes any texts as an array, whatever stands in them', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '',
        'NULL',
        'null',
        '{',
        '}',
        ',',
        '"',
        '\\',
        ' ',
        '\n',
        "'",
        'urn:epc:id:sgtin:0614141.812345.%2F1',
      ),
    );
    const texts = fc.array(
      fc.option(
        text.filter((one) => !one.includes('\0')),
        { freq: 9 },
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const { rows } = await database.query('SELECT $1::text[] AS texts', [textArray(given)]);
        expect(rows).toEqual([{ texts: given }]);
      }),
      { numRuns: 200 },
    );
  });

  it('takes numbers as an array', async () => {
    const given = [1_795_000_000_123, null, -0.5, 1e-7];
    const { rows } = await database.query('SELECT $1::double precision[] AS numbers', [numberArray(given)]);
    expect(rows).toEqual([{ numbers: given }]);
  });

  it('commits what a transaction did, and keeps nothing of one that failed', async () => {
    await database.query('CREATE TABLE kept (n int)');
    await database.transaction((client) => clientOf(effectsOf(client)).query('INSERT INTO kept VALUES (1)'));
    const failing = database.transaction(async (client) => {
      await client.query('INSERT INTO kept VALUES (2)');
      throw new Error('on second thoughts');
    });
    await expect(failing).rejects.toThrow('on second thoughts');
    expect((await database.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
  });

  it('does not say that it has committed what it could not', async () => {
    await database.query('CREATE TABLE lost (n int)');
    const careless = database.transaction(async (client) => {
      await client.query('INSERT INTO lost VALUES (1)');
      await client.query('SELECT nothing').catch(() => {});
    });
    await expect(careless).rejects.toMatchObject({ code: 'TRANSACTION_NOT_COMMITTED' });
    expect((await database.query('SELECT n FROM lost')).rows).toEqual([]);
  });

  // The machine of a process that told of alerts was gone in the middle of a transaction: the alerts that it had locked were told by nobody.
  it('has the server let go of what a process had under way that says nothing any more', async () => {
    const pool = openPool(
      { url: database.url, time: systemTime, logger: silentLogger },
      { max: 1, options: '-c search_path=public' },
    );
    for (const one of [database.pool, pool.pool]) {
      const { rows } = await one.query('SHOW idle_in_transaction_session_timeout');
      expect(rows).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
    }
    await pool.close();
    // They have no effect on a socket of this machine, which is what there is here.
    expect(database.pool.options.options).toMatch(
      / -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 /,
    );
  });

  it('tells a server that is away from a statement that is wrong', async () => {
    const away = openDatabase({
      url: 'postgresql://nobody@127.0.0.1:1/none',
      logger: silentLogger,
      time: new ManualTime(0),
    });
    await expect(away).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(database.query('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
    const cut = database.query('SELECT pg_terminate_backend(pg_backend_pid())');
    await expect(cut).rejects.toBeInstanceOf(UnavailableError);
  });

  // Seen when PostgreSQL was killed on a busy machine: the process ended with it.
  it('an answer that comes in one piece with the end of its connection fails who has that next, and not the process', async () => {
    const proxy = await holdingProxy(database.url);
    const one = await openDatabase({ url: proxy.url, logger: silentLogger, time: systemTime, maxConnections: 1 });
    const { rows } = await one.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    proxy.hold();
    const first = one.query('SELECT 1 AS answer');
    const next = expect(one.transaction(async () => {})).rejects.toBeInstanceOf(UnavailableError);
    await proxy.answered;
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    expect((await first).rows).toEqual([{ answer: 1 }]);
    await next;
    await one.close();
    proxy.close();
  });

  // Seen of the jobs of messages: one that was lost in the middle of its handshake was waited for until the process ended.
  it('gives up a connection that is never answered, whoever makes it', async () => {
    const proxy = new SilentProxy(database.url);
    const url = await proxy.start(database.url);
    const given = { url, logger: silentLogger, time: systemTime, connectTimeoutMs: 300 };
    const one = await openDatabase(given);
    proxy.isSwallowing = true;
    await expect(openDatabase(given)).rejects.toBeInstanceOf(UnavailableError);
    await expect(one.listen('shipments', () => {})).rejects.toThrow('timeout expired');
    const { pool, close } = openPool(given, {});
    await expect(pool.connect()).rejects.toThrow('Connection terminated due to connection timeout');
    await close();
    await one.close();
    proxy.stop();
  });
});
