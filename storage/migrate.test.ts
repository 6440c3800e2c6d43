import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { migrate } from './migrate.ts';
import { testDatabase } from './testing/database.ts';

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function directoryOf(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'isotherm-migrations-'));
  directories.push(directory);
  for (const [name, sql] of Object.entries(files)) await writeFile(join(directory, name), sql);
  return directory;
}

async function emptyDatabase() {
  const database = await testDatabase();
  await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return database;
}

const ONE = { '0001-one.sql': 'CREATE TABLE one (n int);' };
const TWO = { '0002-two.sql': 'INSERT INTO one VALUES (2);' };

it('migrations run once each, in order, whoever starts them', async () => {
  const database = await emptyDatabase();
  await migrate(database, silentLogger, await directoryOf(ONE));
  const both = await directoryOf({ ...TWO, ...ONE });
  await Promise.all([migrate(database, silentLogger, both), migrate(database, silentLogger, both)]);
  expect((await database.query('SELECT n FROM one')).rows).toEqual([{ n: 2 }]);
});

it('a database from a newer Isotherm is refused, and so is an edited migration', async () => {
  const database = await emptyDatabase();
  await migrate(database, silentLogger, await directoryOf({ ...ONE, ...TWO }));
  const older = migrate(database, silentLogger, await directoryOf(ONE));
  await expect(older).rejects.toMatchObject({ code: 'SCHEMA_NEWER', message: expect.stringContaining('0002-two.sql') });
  const edited = migrate(database, silentLogger, await directoryOf({ '0001-one.sql': '-- edited', ...TWO }));
  await expect(edited).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
});

it('a migration that fails is named, leaves nothing behind, and can be mended', async () => {
  const database = await emptyDatabase();
  const broken = { '0002-two.sql': 'INSERT INTO one VALUES (1); SELECT nonsense;' };
  await expect(migrate(database, silentLogger, await directoryOf({ ...ONE, ...broken }))).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringMatching(/^0002-two\.sql: .*nonsense/),
  });
  expect((await database.query('SELECT n FROM one')).rows).toEqual([]);
  await migrate(database, silentLogger, await directoryOf({ ...ONE, ...TWO }));
  expect((await database.query('SELECT n FROM one')).rows).toEqual([{ n: 2 }]);
});

it('the schema of a fresh installation is the one the files describe', async () => {
  const database = await testDatabase();
  await migrate(database, silentLogger);
  const { rows } = await database.query('SELECT count(*) AS n FROM isotherm_migrations');
  expect(rows[0]?.n).toBeGreaterThanOrEqual(4);
});

it('what was in what before paths were kept is in it still, and what shared a story shares a path', async () => {
  const database = await emptyDatabase();
  const folder = join(import.meta.dirname, 'migrations');
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) {
    if (name <= '0066-paths.sql') files[name] = await readFile(join(folder, name), 'utf8');
  }
  const { '0066-paths.sql': paths = '', ...before } = files;
  await migrate(database, silentLogger, await directoryOf(before));
  await database.query(`INSERT INTO containment (child, parent, since, until, position, source, holds) VALUES
    ('vial-1', 'pallet', 0, 10, 1, 'asn:1', true), ('vial-1', NULL, 10, NULL, 2, 'fact:2', true),
    ('vial-2', 'pallet', 0, NULL, 1, 'asn:1', true), ('vial-3', 'pallet', 0, NULL, 1, 'asn:1', true),
    ('vial-3', 'case', 0, NULL, 0, 'asn:0', false), ('vial-4', 'pallet', 0, NULL, 1, 'asn:1', true)`);
  await database.query(`INSERT INTO presence VALUES ('pallet', 'room:a', 5, NULL, 3, 'pass:1', true)`);
  const kept = 'SELECT child, parent, since, until, position, source, holds FROM containment ORDER BY 1, 3, 6';
  const { rows } = await database.query(kept);
  await migrate(database, silentLogger, await directoryOf({ ...before, '0066-paths.sql': paths }));
  expect((await database.query(kept)).rows).toEqual(rows);
  expect((await database.query('SELECT epc, place, since FROM presence')).rows).toEqual([
    { epc: 'pallet', place: 'room:a', since: 5 },
  ]);
  const { rows: alike } = await database.query(
    `SELECT array_agg(subject ORDER BY subject) AS vials FROM containment_members GROUP BY path ORDER BY 1`,
  );
  expect(alike).toEqual([{ vials: ['vial-1'] }, { vials: ['vial-2', 'vial-4'] }, { vials: ['vial-3'] }]);
});
