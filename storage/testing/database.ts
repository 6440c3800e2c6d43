// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { afterEachFile } from '../../tests/testing/after-file.ts';
import { type Database, openDatabase } from '../database.ts';
import { TEMPLATE } from './global-setup.ts';
import { wholeScans } from './plans.ts';
import { recordStatements } from './statements.ts';

/**
 * A migrated, empty database of the test's own on the run's real PostgreSQL, dropped after the test file. Once per
 * file is usual; `await testDatabase()` at the top level, in a hook or in a test.
 */
export async function testDatabase(options: { maxConnections?: number } = {}): Promise<Database> {
  return create(inject('postgresUrl'), `TEMPLATE ${TEMPLATE} STRATEGY file_copy`, options);
}

/** Empty and not migrated, on another server. @param admin URL of a maintenance database of its superuser */
export function bareDatabase(admin: string): Promise<Database> {
  return create(admin, 'TEMPLATE template0', {});
}

async function create(admin: string, how: string, options: { maxConnections?: number }): Promise<Database> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(admin, `CREATE DATABASE ${name} ${how}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, logger: silentLogger, time: systemTime, ...options });
  opened.push({ admin, name, database });
  return database;
}

/** Of the test file that runs. */
const opened: { admin: string; name: string; database: Database }[] = [];

/** What the product asks; null where plans are not looked at (`npm test` does). */
const recording = process.env.ISOTHERM_TEST_PLANS === '1' ? recordStatements() : null;

afterEachFile(async () => {
  for (const { admin, name, database } of opened.splice(0)) {
    await database.close();
    await onServer(admin, `DROP DATABASE ${name} WITH (FORCE)`);
  }
});

afterEachFile(async () => {
  const fresh = recording?.fresh() ?? [];
  const scans = fresh.length === 0 ? [] : await wholeScans(inject('postgresUrl'), fresh);
  if (scans.length > 0) {
    throw new Error(`${scans.join('\n')}\nAn index is missing, or storage/testing/excused-scans.ts a reason.`);
  }
});

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
