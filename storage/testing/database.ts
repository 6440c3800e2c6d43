import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { type Database, openDatabase } from '../database.ts';
import { TEMPLATE } from './global-setup.ts';

/**
 * A migrated, empty database of the test's own on the run's real PostgreSQL; dropped after the test file.
 * Call it at the top level of a test file or of a `describe`, or in `beforeAll`.
 */
export async function testDatabase(options: { maxConnections?: number } = {}): Promise<Database> {
  const admin = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(admin, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, logger: silentLogger, time: systemTime, ...options });
  afterAll(async () => {
    await database.close();
    await onServer(admin, `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return database;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
