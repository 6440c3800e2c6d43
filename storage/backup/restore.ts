import { join } from 'node:path';
import type pg from 'pg';
import { ConflictError, InputError, type Logger } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { compare, MIGRATIONS, migrate, readMigrations } from '../migrate.ts';
import { quoted } from './backup.ts';
import { type Table, tables } from './catalogue.ts';
import { type BackupManifest, type BackupTable, type ReadManifest, readManifest } from './manifest.ts';
import { boundClause, boundOf } from './partition-bound.ts';
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
  /** What `isotherm backup` printed; null: the manifest is not compared with anything. */
  readonly manifestSha256: string | null;
}

/**
 * Reads a backup's every file and compares its hash, before anything is touched.
 * @throws {InputError} BACKUP_UNREADABLE, BACKUP_NOT_THE_ONE, BACKUP_DAMAGED
 * @throws {ConflictError} SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED
 */
export async function verifyBackup(
  directory: string,
  manifestSha256: string | null,
  onProgress: (text: string) => void = () => {},
): Promise<ReadManifest> {
  const read = await readManifest(directory, manifestSha256);
  const { manifest } = read;
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
  return read;
}

/**
 * Puts a backup into an empty database, in one transaction: the schema as it was then, every row, partitions, sequences;
 * afterwards the schema of today. Check it with {@link verifyBackup} first. Nothing of the manifest becomes SQL: names
 * are those of the catalogue that the migrations made, bounds are numbers and times.
 *
 * @throws {ConflictError} RESTORE_TARGET_NOT_EMPTY, SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED
 * @throws {InputError} BACKUP_UNREADABLE, BACKUP_NOT_THE_ONE, BACKUP_DAMAGED
 */
export async function restore({
  database,
  directory,
  logger,
  onProgress = () => {},
  migrations = MIGRATIONS,
  manifestSha256,
}: RestoreOptions): Promise<number> {
  const { manifest } = await readManifest(directory, manifestSha256);
  await requireEmpty(database);
  onProgress(`making the schema of ${manifest.at}`);
  await migrate(database, logger, migrations, manifest.migrations);
  let restored = 0;
  await database.transaction(async (client) => {
    await makePartitions(client, manifest);
    const known = await tables(client);
    for (const { name } of known.toReversed()) {
      // Migrations put a first row into some; from others nothing may be deleted, and they are empty.
      const { rowCount } = await client.query(`SELECT FROM ${quoted(name)} LIMIT 1`);
      if (rowCount !== 0) await client.query(`DELETE FROM ${quoted(name)}`);
    }
    const silenced = await setTriggers(client, 'DISABLE', await insertTriggers(client));
    for (const [index, table] of manifest.tables.entries()) {
      const { name, file, rows, sha256 } = table;
      onProgress(`${name}: ${rows} rows (${index + 1} of ${manifest.tables.length})`);
      const copied = await copyFromFile(client, {
        ...{ statement: copyInto(table, known), path: join(directory, file) },
        onBytes: progressOf(name, onProgress),
      });
      if (copied.rows !== rows) {
        throw new InputError('BACKUP_DAMAGED', `${file}: ${copied.rows} rows instead of ${rows}`, { file });
      }
      // It may have been changed since it was checked.
      if (copied.sha256 !== sha256) {
        throw new InputError('BACKUP_DAMAGED', `${file}: its SHA-256 is ${copied.sha256}, not ${sha256}`, { file });
      }
      restored += copied.rows;
    }
    await setTriggers(client, 'ENABLE', silenced);
    await setSequences(client, manifest);
  });
  onProgress('bringing the database schema up to date');
  await migrate(database, logger, migrations);
  await database.query('ANALYZE');
  return restored;
}

interface Trigger {
  readonly table: string;
  readonly name: string;
}

/** Ours, which write what comes of a new row: in a backup that is there already. */
async function insertTriggers(client: pg.ClientBase): Promise<readonly Trigger[]> {
  const { rows } = await client.query<Trigger>(
    `SELECT c.relname AS "table", t.tgname AS name
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal AND t.tgtype & 4 <> 0 AND c.relnamespace = current_schema()::regnamespace
       AND p.pronamespace = c.relnamespace`,
  );
  return rows;
}

async function setTriggers(
  client: pg.ClientBase,
  what: 'ENABLE' | 'DISABLE',
  triggers: readonly Trigger[],
): Promise<readonly Trigger[]> {
  for (const { table, name } of triggers) {
    await client.query(`ALTER TABLE ${quoted(table)} ${what} TRIGGER ${quoted(name)}`);
  }
  return triggers;
}

async function requireEmpty(database: Database): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 1`,
    [database.schema],
  );
  const [found] = rows;
  if (found === undefined) return;
  throw new ConflictError(
    'RESTORE_TARGET_NOT_EMPTY',
    `the database to restore into is not empty (there is a table ${found.name}); give one without tables`,
    { table: found.name },
  );
}

/** @throws {InputError} BACKUP_UNREADABLE the schema has no such table or column */
function copyInto(table: BackupTable, known: readonly Table[]): string {
  const found = known.find(({ name }) => name === table.name);
  if (found === undefined) throw unknownName(`table ${table.name}`);
  const columns = table.columns.map((wanted) => {
    const column = found.columns.find((name) => name === wanted);
    if (column === undefined) throw unknownName(`column ${table.name}.${wanted}`);
    return column;
  });
  return `COPY ${quoted(found.name)} (${columns.map(quoted).join(', ')}) FROM STDIN`;
}

/** A hypertable has no partitions of ours. */
const READINGS = 'readings';

/** Where `readings` is a hypertable here, it has none to be made. @throws {InputError} BACKUP_UNREADABLE */
async function makePartitions(client: pg.ClientBase, { partitions }: BackupManifest): Promise<void> {
  const { rows } = await client.query<{ name: string; kind: string }>(
    `SELECT relname AS name, relkind AS kind FROM pg_class WHERE relnamespace = current_schema()::regnamespace
       AND relkind IN ('r', 'p')`,
  );
  const kinds = new Map(rows.map(({ name, kind }) => [name, kind]));
  for (const { table, of, bound: text, options } of partitions) {
    if (kinds.has(table) || (of === READINGS && kinds.get(of) === 'r')) continue;
    if (kinds.get(of) !== 'p') throw unknownName(`table ${of} of partitions`);
    const bound = boundOf(text);
    if (bound === null) throw unknownName(`bound ${text}`);
    const settings = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
    await client.query(`CREATE TABLE ${quoted(table)} PARTITION OF ${quoted(of)} ${boundClause(bound)}${settings}`);
  }
}

/** @throws {InputError} BACKUP_UNREADABLE */
async function setSequences(client: pg.ClientBase, { sequences }: BackupManifest): Promise<void> {
  for (const { name, last } of sequences) {
    const { rowCount } = await client.query(
      `SELECT setval(c.oid::regclass, $2) FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S' AND c.relname = $1`,
      [name, last],
    );
    if (rowCount !== 1) throw unknownName(`sequence ${name}`);
  }
}

function unknownName(what: string): InputError {
  return new InputError(
    'BACKUP_UNREADABLE',
    `the backup speaks of ${what.slice(0, 100)}, which its schema does not have`,
  );
}
