import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Accounts, DEMO_PASSWORD_RULES } from '../../access/index.ts';
import { BY_PLATFORM, ReadingBuilder, silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../audit/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { addLeaf, LedgerSequencer, SigningKey } from '../ledger/index.ts';
import { PostgresLog } from '../log/index.ts';
import { MIGRATIONS } from '../migrate.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { ReadingStore } from '../readings/reading-store.ts';
import { testDatabase } from '../testing/database.ts';
import { backUp } from './backup.ts';
import { tables } from './catalogue.ts';
import { type BackupManifest, MANIFEST } from './manifest.ts';
import { restore, verifyBackup } from './restore.ts';

const folders: string[] = [];
let source: Database;
let directory: string;
let manifest: BackupManifest;
let manifestSha256: string;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'isotherm-backup-'));
  folders.push(made);
  return made;
}

async function emptyDatabase(): Promise<Database> {
  const database = await testDatabase();
  await database.query('DROP SCHEMA public CASCADE; DROP SCHEMA grafana CASCADE; CREATE SCHEMA public');
  return database;
}

/** Every row of every table, as text. */
async function contents(database: Database): Promise<Map<string, string[]>> {
  return database.transaction(async (client) => {
    const all = new Map<string, string[]>();
    for (const { name } of await tables(client)) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
      all.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return all;
  });
}

beforeAll(async () => {
  source = await testDatabase();
  const builder = new ReadingBuilder();
  for (let day = 0; day < 60; day++) builder.add('logger-7', 1, Date.UTC(2026, 0, 1 + day), day / 10);
  const store = new ReadingStore({ database: source, partitions: new PartitionManager({ database: source }) });
  await source.transaction((client) => store.insert(effectsOf(client), builder.view()));
  const accounts = new Accounts({ database: source, time: systemTime, passwordRules: DEMO_PASSWORD_RULES });
  await accounts.users.create({ name: 'quinn', role: 'quality', password: 'demo' });
  await source.query(`INSERT INTO holds (subject, reason, set_by, set_at) VALUES ('shipment:1', $1, 'quinn', 1)`, [
    'tab \t, new\nline, \\ back and \\N',
  ]);
  await source.transaction((client) =>
    addLeaf(effectsOf(client), { kind: 'decision', subject: 'case:1', content: { disposition: 'quarantine' } }),
  );
  const key = SigningKey.random((id) => `isotherm-${id.slice(0, 16)}/ledger`);
  const ledger = { database: source, time: systemTime, logger: silentLogger, key: async () => key };
  const trail = new PostgresAuditTrail({ database: source });
  const entry = { ...BY_PLATFORM, at: 1, action: 'alert.open', subject: 'alert:1' } as const;
  // One that has its place, and one that still waits for it.
  for (const place of [true, false]) {
    await source.transaction((client) => trail.add(effectsOf(client), entry));
    if (place) await new LedgerSequencer(ledger).placeAll();
  }
  const log = new PostgresLog({ database: source, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
  const common = { partition: 0, version: 1, source: 'test', sequence: 7, arrival: 0, payload } as const;
  await log.append([
    { ...common, family: 'readings', kind: 'readings' },
    { ...common, family: 'trace', kind: 'fact' },
  ]);
  await log.stop();
  directory = await folder();
  ({ manifest, sha256: manifestSha256 } = await backUp({ database: source, directory }));
});

afterAll(async () => {
  for (const one of folders) await rm(one, { recursive: true });
});

describe('a backup', () => {
  test('restored is the same in every row of every table, and numbers go on', async () => {
    const target = await emptyDatabase();
    await verifyBackup(directory, manifestSha256);
    await restore({ database: target, directory, logger: silentLogger, manifestSha256 });
    expect(await contents(target)).toEqual(await contents(source));
    const next = `INSERT INTO devices (name) VALUES ('new') RETURNING id`;
    const { rows } = await target.query<{ id: number }>(next);
    expect(rows[0]?.id).toBe(2);
    const partitionsOf = async (database: Database) => (await new PartitionManager({ database }).list()).length;
    expect(await partitionsOf(target)).toBe(await partitionsOf(source));
  });

  test('of an older schema is restored and brought up to date', async () => {
    // What a later version of Isotherm has beside today's.
    const later = await folder();
    for (const name of await readdir(MIGRATIONS)) {
      await writeFile(join(later, name), await readFile(join(MIGRATIONS, name)));
    }
    await writeFile(join(later, '9000-later.sql'), `ALTER TABLE devices ADD COLUMN site text DEFAULT 'berlin'`);
    const target = await emptyDatabase();
    await restore({ database: target, directory, logger: silentLogger, migrations: later, manifestSha256 });
    expect((await contents(target)).get('readings')).toHaveLength(60);
    const { rows } = await target.query('SELECT name, site FROM devices');
    expect(rows).toEqual([{ name: 'logger-7', site: 'berlin' }]);
  });

  test('from before the first release is refused, by the check already', async () => {
    const older = await folder();
    const [first, ...rest] = manifest.migrations;
    const migrations = [{ ...first, name: '0001-log.sql' }, ...rest];
    await writeFile(join(older, MANIFEST), JSON.stringify({ ...manifest, migrations }));
    await expect(verifyBackup(older, null)).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' });
    const restoring = restore({
      ...{ database: await emptyDatabase(), directory: older, logger: silentLogger, manifestSha256: null },
    });
    await expect(restoring).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' });
  });

  test.each([
    ['a file that was changed', 'BACKUP_DAMAGED', async (copy: string) => writeFile(join(copy, 'users.copy.zst'), 'x')],
    ['a file that is missing', 'BACKUP_DAMAGED', async (copy: string) => rm(join(copy, 'users.copy.zst'))],
    [
      'no manifest, as of one that was cut short',
      'BACKUP_UNREADABLE',
      async (copy: string) => rm(join(copy, MANIFEST)),
    ],
    ['a manifest of another kind', 'BACKUP_UNREADABLE', async (copy: string) => writeFile(join(copy, MANIFEST), '{}')],
    ['a manifest that is no JSON', 'BACKUP_UNREADABLE', async (copy: string) => writeFile(join(copy, MANIFEST), '{')],
  ])('with %s is refused', async (_what, code, damage) => {
    const copy = await folder();
    for (const file of [MANIFEST, ...manifest.tables.map(({ file }) => file)]) {
      await writeFile(join(copy, file), await readFile(join(directory, file)));
    }
    await damage(copy);
    await expect(verifyBackup(copy, null)).rejects.toMatchObject({ code });
  });

  test('whose manifest is not the one that was printed is refused', async () => {
    const other = { code: 'BACKUP_NOT_THE_ONE' };
    await expect(verifyBackup(directory, '0'.repeat(64))).rejects.toMatchObject(other);
    const target = { database: await emptyDatabase(), directory, logger: silentLogger };
    await expect(restore({ ...target, manifestSha256: '0'.repeat(64) })).rejects.toMatchObject(other);
  });

  /*
   * `partitions[0].bound` of a manifest was put into a statement as it stood: `DEFAULT; COPY (SELECT 'x') TO PROGRAM
   * '...'; --` passed the check and ran as the superuser.
   */
  const SQL = `'; CREATE TABLE public.stolen (); --`;
  const changed = (change: (given: BackupManifest) => unknown) => change(structuredClone(manifest));
  const withPartition = (part: object) => (given: BackupManifest) => ({
    ...given,
    partitions: given.partitions.map((partition, i) => (i === 0 ? { ...partition, ...part } : partition)),
  });
  const withTable = (part: object) => (given: BackupManifest) => ({
    ...given,
    tables: given.tables.map((table, i) => (i === 0 ? { ...table, ...part } : table)),
  });
  test.each<[string, (given: BackupManifest) => unknown]>([
    ['a bound', withPartition({ bound: `FOR VALUES FROM ('0') TO ('1')${SQL}` })],
    ['a bound that is no value', withPartition({ bound: `FOR VALUES FROM (now()) TO ('infinity')` })],
    ['an upside-down bound', withPartition({ bound: `FOR VALUES FROM ('2') TO ('1')` })],
    ['the name of a partition', withPartition({ table: `log_readings_0" ()${SQL}` })],
    ['the table of a partition', withPartition({ of: `readings${SQL}` })],
    ['a storage option', withPartition({ options: [`fillfactor=10)${SQL}`] })],
    ['the name of a table', withTable({ name: `alerts${SQL}` })],
    ['a file elsewhere', withTable({ file: '../../etc/passwd.copy.zst' })],
    ['the name of a column', withTable({ columns: [`id) FROM PROGRAM 'id'${SQL}`] })],
    ['a sequence', (given) => ({ ...given, sequences: [{ name: `alerts_number_seq${SQL}`, last: 1 }] })],
    ['the number of a sequence', (given) => ({ ...given, sequences: [{ name: 'path_ids', last: `1)${SQL}` }] })],
    ['the name of a migration', (given) => ({ ...given, migrations: [{ id: '0001', name: SQL, sha256: '' }] })],
    ['a field of its own', (given) => ({ ...given, sql: SQL })],
  ])('that carries SQL in %s is refused, by the check already', async (_what, change) => {
    const copy = await folder();
    await writeFile(join(copy, MANIFEST), JSON.stringify(changed(change)));
    await expect(verifyBackup(copy, null)).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
    const restoring = restore({ database: source, directory: copy, logger: silentLogger, manifestSha256: null });
    await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
  });

  test('that speaks of what its schema does not have is refused, and leaves no row behind', async () => {
    const copy = await folder();
    for (const { file } of manifest.tables) await writeFile(join(copy, file), await readFile(join(directory, file)));
    const [users] = manifest.tables.filter(({ name }) => name === 'users');
    const target = await emptyDatabase();
    for (const change of [
      withPartition({ table: 'users_0', of: 'users' }),
      withPartition({ table: 'stolen_0', of: 'stolen' }),
      (given: BackupManifest) => ({ ...given, tables: [{ ...users, name: 'stolen', file: 'stolen.copy.zst' }] }),
      (given: BackupManifest) => ({ ...given, tables: [{ ...users, columns: ['stolen'] }] }),
      (given: BackupManifest) => ({ ...given, tables: [], sequences: [{ name: 'stolen', last: 1 }] }),
    ]) {
      await writeFile(join(copy, MANIFEST), JSON.stringify(changed(change)));
      await target.query('DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS grafana CASCADE; CREATE SCHEMA public');
      const restoring = restore({ database: target, directory: copy, logger: silentLogger, manifestSha256: null });
      await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
      const { rows } = await target.query(`SELECT to_regclass('stolen') AS stolen, to_regclass('users_0') AS users`);
      expect(rows).toEqual([{ stolen: null, users: null }]);
    }
  });

  test('is not put over a database that holds something', async () => {
    await expect(restore({ database: source, directory, logger: silentLogger, manifestSha256 })).rejects.toMatchObject({
      code: 'RESTORE_TARGET_NOT_EMPTY',
    });
  });

  test('that fails half-way leaves no row behind', async () => {
    const short = await folder();
    for (const file of manifest.tables.map(({ file }) => file)) {
      await writeFile(join(short, file), await readFile(join(directory, file)));
    }
    const wrong = manifest.tables.map((table) => (table.name === 'users' ? { ...table, rows: 9 } : table));
    await writeFile(join(short, MANIFEST), JSON.stringify({ ...manifest, tables: wrong }));
    const target = await emptyDatabase();
    const failing = restore({ database: target, directory: short, logger: silentLogger, manifestSha256: null });
    await expect(failing).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect((await contents(target)).get('readings')).toEqual([]);
  });

  test('is of one moment: what is written meanwhile is not in it', async () => {
    const during = await folder();
    let writing: Promise<unknown> | null = null;
    const { manifest: taken } = await backUp({
      database: source,
      directory: during,
      onProgress: () => {
        writing ??= source.query(`INSERT INTO devices (name) VALUES ('meanwhile')`);
      },
    });
    expect(taken.tables.find(({ name }) => name === 'devices')?.rows).toBe(1);
    await writing;
    await source.query(`DELETE FROM devices WHERE name = 'meanwhile'`);
  });
});
