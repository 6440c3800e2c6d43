import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, inject, it } from 'vitest';
import { ReadingBuilder, silentLogger, systemTime } from '../domain/index.ts';
import { type Database, openDatabase } from './database.ts';
import { effectsOf } from './effects.ts';
import { migrate } from './migrate.ts';
import { PartitionManager } from './readings/partitions.ts';
import { ReadingStore } from './readings/reading-store.ts';

const NAME = `foreign_${randomBytes(6).toString('hex')}`;

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

function open(): Promise<Database> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${NAME}`;
  return openDatabase({ url: url.href, logger: silentLogger, time: systemTime });
}

afterAll(() => asSuperuser(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`));

/*
 * A database with a table `users` of something else ended in `a defect, please report it` and a stack trace: our own
 * `users` could not be made.
 */
it('a database that holds the tables of something else gets ours in a schema of their own', async () => {
  await asSuperuser(`CREATE DATABASE ${NAME}`);
  const before = await open();
  expect(before.schema).toBe('public');
  await before.query(
    `CREATE TABLE users (login text); INSERT INTO users VALUES ('theirs'); CREATE VIEW alerts AS SELECT 1`,
  );
  await before.close();
  const database = await open();
  expect(database.schema).toBe('isotherm');
  await migrate(database, silentLogger);
  expect((await database.query('SELECT * FROM users')).rows).toEqual([]);
  expect((await database.query('SELECT * FROM public.users')).rows).toEqual([{ login: 'theirs' }]);
  const builder = new ReadingBuilder();
  builder.add('logger-7', 1, Date.UTC(2026, 0, 1), 5);
  const store = new ReadingStore({ database, partitions: new PartitionManager({ database }) });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  const { rows } = await database.query(`SELECT device, value FROM grafana.latest()`);
  expect(rows).toEqual([{ device: 'logger-7', value: 5 }]);
  const { rows: sizes } = await database.query(
    `SELECT "table" FROM grafana.tables WHERE "table" IN ('readings', 'users')`,
  );
  expect(sizes.length).toBe(2);
  await database.close();
  const again = await open();
  expect(again.schema).toBe('isotherm');
  await migrate(again, silentLogger);
  await again.close();
});
