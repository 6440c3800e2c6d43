import { join } from 'node:path';
import type pg from 'pg';
import { ConflictError, InputError, type Logger } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { compare, MIGRATIONS, migrate, readMigrations } from '../migrate.ts';
import { quoted } from './backup.ts';
import { tables } from './catalogue.ts';
import { type BackupManifest, readManifest } from './manifest.ts';
import { copyFromFile, hashOfFile, progressOf } from './table-file.ts';

export interface RestoreOptions {
  /** An empty one. */
  readonly database: Database;
  readonly directory: string;
  readonly logger: Logger;
  /** One short line a step, for a person who waits. */
  readonly onProgress?: (text: string) => void;
  /** Where the schema is read from. */
  readonly migrations?: string;
}

/**
 * Reads a backup's every file and compares its hash, before anything is touched.
 * @throws {InputError} BACKUP_UNREADABLE, BACKUP_DAMAGED
 * @throws {ConflictError} SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED
 */
export async function verifyBackup(
  directory: string,
  onProgress: (text: string) => void = () => {},
): Promise<BackupManifest> {
  const manifest = await readManifest(directory);
  compare(manifest.migrations, await readMigrations(MIGRATIONS));
  for (const [index, { file, sha256 }] of manifest.tables.entries()) {
    onProgress(`checking ${file} (${index + 1} of ${manifest.tables.length})`);
    const path = join(directory, file);
    const found = await hashOfFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new InputError('BACKUP_DAMAGED', `${path}: cannot be read (${cause.code})`, { file: path }, cause);
    });
    if (found === sha256) continue;
    throw new InputError('BACKUP_DAMAGED', `${path}: its SHA-256 is ${found}, not ${sha256} as when it was written`, {
      file: path,
    });
  }
  return manifest;
}

/**
 * Puts a backup into an empty database, in one transaction: the schema as it was then, every row, partitions, sequences;
 * afterwards the schema of today. Check it with {@link verifyBackup} first.
 *
 * @throws {ConflictError} RESTORE_TARGET_NOT_EMPTY, SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED
 * @throws {InputError} BACKUP_UNREADABLE, BACKUP_DAMAGED
 */
export async function restore({
  database,
  directory,
  logger,
  onProgress = () => {},
  migrations = MIGRATIONS,
}: RestoreOptions): Promise<number> {
  const manifest = await readManifest(directory);
  await requireEmpty(database);
  onProgress(`making the schema of ${manifest.at}`);
  await migrate(database, logger, migrations, manifest.migrations);
  let restored = 0;
  await database.transaction(async (client) => {
    await makePartitions(client, manifest);
    for (const { name } of (await tables(client)).toReversed()) {
      // Migrations put a first row into some; from others nothing may be deleted, and they are empty.
      const { rowCount } = await client.query(`SELECT FROM ${quoted(name)} LIMIT 1`);
      if (rowCount !== 0) await client.query(`DELETE FROM ${quoted(name)}`);
    }
    for (const [index, { name, columns, file, rows }] of manifest.tables.entries()) {
      onProgress(`${name}: ${rows} rows (${index + 1} of ${manifest.tables.length})`);
      const statement = `COPY ${quoted(name)} (${columns.map(quoted).join(', ')}) FROM STDIN`;
      const copied = await copyFromFile(client, {
        ...{ statement, path: join(directory, file) },
        onBytes: progressOf(name, onProgress),
      });
      if (copied !== rows) {
        throw new InputError('BACKUP_DAMAGED', `${file}: ${copied} rows instead of ${rows}`, { file });
      }
      restored += copied;
    }
    for (const { name, last } of manifest.sequences) {
      await client.query('SELECT setval($1::regclass, $2)', [`public.${quoted(name)}`, last]);
    }
  });
  onProgress('bringing the database schema up to date');
  await migrate(database, logger, migrations);
  await database.query('ANALYZE');
  return restored;
}

async function requireEmpty(database: Database): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 1`,
  );
  const [found] = rows;
  if (found === undefined) return;
  throw new ConflictError(
    'RESTORE_TARGET_NOT_EMPTY',
    `the database to restore into is not empty (there is a table ${found.name}); give one without tables`,
    { table: found.name },
  );
}

/** Where `readings` is a hypertable here, it has none to be made. */
async function makePartitions(client: pg.ClientBase, { partitions }: BackupManifest): Promise<void> {
  for (const { table, of, bound, options } of partitions) {
    const { rows } = await client.query<{ isWanted: boolean }>(
      `SELECT to_regclass($1) IS NULL AND (SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass($2)) AS "isWanted"`,
      [`public.${quoted(table)}`, `public.${quoted(of)}`],
    );
    if (rows[0]?.isWanted !== true) continue;
    const settings = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
    await client.query(`CREATE TABLE ${quoted(table)} PARTITION OF ${quoted(of)} ${bound}${settings}`);
  }
}
