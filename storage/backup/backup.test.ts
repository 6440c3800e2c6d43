import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Accounts } from '../../access/index.ts';
import { ReadingBuilder, silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
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
  const accounts = new Accounts({ database: source, time: systemTime, passwordCost: { logN: 4, r: 8, p: 1 } });
  await accounts.createUser({ name: 'quinn', role: 'quality', password: 'demo' });
  await source.query(`INSERT INTO holds (subject, reason, set_by, set_at) VALUES ('shipment:1', $1, 'quinn', 1)`, [
    'tab \t, new\nline, \\ back and \\N',
  ]);
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
  manifest = await backUp({ database: source, directory });
});

afterAll(async () => {
  for (const one of folders) await rm(one, { recursive: true });
});

describe('a backup', () => {
  test('restored is the same in every row of every table, and numbers go on', async () => {
    const target = await emptyDatabase();
    await verifyBackup(directory);
    await restore({ database: target, directory, logger: silentLogger });
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
    await restore({ database: target, directory, logger: silentLogger, migrations: later });
    expect((await contents(target)).get('readings')).toHaveLength(60);
    const { rows } = await target.query('SELECT name, site FROM devices');
    expect(rows).toEqual([{ name: 'logger-7', site: 'berlin' }]);
  });

  test('from before the first release is refused, by the check already', async () => {
    const older = await folder();
    const [first, ...rest] = manifest.migrations;
    const migrations = [{ ...first, name: '0001-log.sql' }, ...rest];
    await writeFile(join(older, MANIFEST), JSON.stringify({ ...manifest, migrations }));
    await expect(verifyBackup(older)).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' });
    const restoring = restore({ database: await emptyDatabase(), directory: older, logger: silentLogger });
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
  ])('with %s is refused', async (_what, code, damage) => {
    const copy = await folder();
    for (const file of [MANIFEST, ...manifest.tables.map(({ file }) => file)]) {
      await writeFile(join(copy, file), await readFile(join(directory, file)));
    }
    await damage(copy);
    await expect(verifyBackup(copy)).rejects.toMatchObject({ code });
  });

  test('is not put over a database that holds something', async () => {
    await expect(restore({ database: source, directory, logger: silentLogger })).rejects.toMatchObject({
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
    const failing = restore({ database: target, directory: short, logger: silentLogger });
    await expect(failing).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect((await contents(target)).get('readings')).toEqual([]);
  });

  test('is of one moment: what is written meanwhile is not in it', async () => {
    const during = await folder();
    let writing: Promise<unknown> | null = null;
    const taken = await backUp({
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
