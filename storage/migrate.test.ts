import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

const OLDER_SCHEMA = join(import.meta.dirname, 'testing/older-schema');

it('what a database of an older schema holds is in it still after the migration that moves it', async () => {
  const database = await emptyDatabase();
  const first = '0001-contents.sql';
  await migrate(
    database,
    silentLogger,
    await directoryOf({ [first]: await readFile(join(OLDER_SCHEMA, first), 'utf8') }),
  );
  await database.query(`INSERT INTO contents VALUES ('vial-1', 'pallet'), ('vial-2', 'pallet'), ('vial-3', 'case')`);
  const kept = 'SELECT child, parent FROM contents ORDER BY child';
  const { rows } = await database.query(kept);
  await migrate(database, silentLogger, OLDER_SCHEMA);
  expect((await database.query(kept)).rows).toEqual(rows);
  expect((await database.query('SELECT name FROM parents ORDER BY 1')).rows).toEqual([
    { name: 'case' },
    { name: 'pallet' },
  ]);
});

it('a database from before the baseline is refused in one line that says what to do, and left as it is', async () => {
  const database = await emptyDatabase();
  await migrate(database, silentLogger, await directoryOf({ '0001-log.sql': 'CREATE TABLE log_head (n int);' }));
  await expect(migrate(database, silentLogger)).rejects.toMatchObject({
    code: 'SCHEMA_TOO_OLD',
    message: expect.stringMatching(
      /^the database was made before the first release \(0001-log\.sql\).*empty data directory/,
    ),
  });
  expect((await database.query('SELECT id FROM isotherm_migrations')).rows).toEqual([{ id: '0001' }]);
});
