import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { ConflictError, DefectError, type Logger } from '../domain/index.ts';
import type { Database } from './database.ts';
import { asUnavailable, sqlState } from './failure.ts';
import { USUAL_SCHEMA } from './schema.ts';

/** Any number nobody else locks: one migrator at a time per database. */
const MIGRATION_LOCK = 0x150_7e12;

/** Where they are. The first ten are the baseline, one or more a room; from there on files are only added. */
export const MIGRATIONS = join(import.meta.dirname, 'migrations');

/** A migration that a database has had. */
export interface AppliedMigration {
  /** Its number, `0010`. */
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
}

interface Migration {
  /** Its number, `0010`. */
  readonly id: string;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * Brings the schema up to date: `storage/migrations/NNNN-name.sql`, each once, in order, in a transaction of its own.
 * Safe from several processes at once.
 *
 * @param only those that another database has had, to be made like it; null = all there are
 * @throws {ConflictError} SCHEMA_TOO_OLD the database, or the backup, was made before the schema's baseline
 * @throws {ConflictError} SCHEMA_NEWER the database knows a migration this version does not
 * @throws {ConflictError} MIGRATION_CHANGED a file was edited after it had been applied
 * @throws {ConflictError} MIGRATION_NEEDS_OWNER another role owns the tables
 * @throws {DefectError} MIGRATION_FAILED names the file
 */
export async function migrate(
  database: Database,
  logger: Logger,
  directory: string = MIGRATIONS,
  only: readonly AppliedMigration[] | null = null,
): Promise<void> {
  const all = await readMigrations(directory);
  if (only !== null) compare(only, all);
  const migrations = only === null ? all : all.filter(({ id }) => only.some((wanted) => wanted.id === id));
  const client = await database.pool.connect().catch((error) => {
    throw asUnavailable(error);
  });
  let broken: Error | undefined;
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (database.schema !== USUAL_SCHEMA) await client.query(`CREATE SCHEMA IF NOT EXISTS ${database.schema}`);
    await client.query(`CREATE TABLE IF NOT EXISTS isotherm_migrations (
      id text PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    for (const migration of await missing(client, migrations)) {
      await apply(client, migration, database.schema);
      logger.info({ migration: migration.name }, 'migrated the database');
    }
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } catch (error) {
    // Closing the connection also gives the lock back.
    broken = error instanceof Error ? error : new Error(String(error));
    throw asUnavailable(error);
  } finally {
    client.release(broken);
  }
}

/** Those that this version has, in order. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = new Map<string, Migration>();
  for (const name of names) {
    const id = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
    const twin = migrations.get(id ?? '');
    if (id === undefined || twin !== undefined) {
      throw new DefectError('MIGRATION_NAME_BAD', `${name} is not NNNN-name.sql with a number of its own`, { twin });
    }
    const sql = await readFile(join(directory, name), 'utf8');
    migrations.set(id, { id, name, sql, sha256: createHash('sha256').update(sql).digest('hex') });
  }
  return [...migrations.values()];
}

async function missing(client: pg.ClientBase, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<AppliedMigration>('SELECT id, name, sha256 FROM isotherm_migrations ORDER BY id');
  compare(rows, migrations);
  const applied = new Set(rows.map(({ id }) => id));
  return migrations.filter(({ id }) => !applied.has(id));
}

/**
 * Whether what was applied elsewhere is what this version has. The files that the baseline replaced had other names: a
 * database or backup that begins with another file than ours is older than it.
 * @throws {ConflictError} SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED
 */
export function compare(known: readonly AppliedMigration[], migrations: readonly AppliedMigration[]): void {
  const [oldest] = known;
  const [baseline] = migrations;
  if (oldest !== undefined && baseline !== undefined && oldest.name !== baseline.name) {
    throw new ConflictError(
      'SCHEMA_TOO_OLD',
      `the database was made before the first release (${oldest.name}) and cannot be brought up to date; use it with the version that made it, and give this one an empty data directory or database`,
      { migration: oldest.name },
    );
  }
  for (const applied of known) {
    const migration = migrations.find(({ id }) => id === applied.id);
    if (migration === undefined) {
      throw new ConflictError(
        'SCHEMA_NEWER',
        `the database was migrated by a newer Isotherm (${applied.name}); run that version or a newer one`,
        { migration: applied.name },
      );
    }
    if (migration.sha256 !== applied.sha256) {
      throw new ConflictError(
        'MIGRATION_CHANGED',
        `${migration.name} is not what was applied to this database; add a new migration instead of editing one`,
        { migration: migration.name, applied: applied.sha256, found: migration.sha256 },
      );
    }
  }
}

/** SQLSTATE (PostgreSQL manual, appendix A). */
const INSUFFICIENT_PRIVILEGE = '42501';

/** How functions of their owner say where they look; the one thing in a migration that depends on the database. */
const SEARCH_PATH = 'SET search_path = public, pg_temp';

async function apply(client: pg.ClientBase, { id, name, sql, sha256 }: Migration, schema: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql.replaceAll(SEARCH_PATH, SEARCH_PATH.replace(USUAL_SCHEMA, schema)));
    await client.query('INSERT INTO isotherm_migrations (id, name, sha256) VALUES ($1, $2, $3)', [id, name, sha256]);
    await client.query('COMMIT');
  } catch (cause) {
    if (asUnavailable(cause) !== cause) throw cause;
    if (sqlState(cause) === INSUFFICIENT_PRIVILEGE) {
      throw new ConflictError(
        'MIGRATION_NEEDS_OWNER',
        `${name} may not be applied by this role (${(cause as Error).message}); give DATABASE_OWNER_URL, the role that owns the tables (docs/storage.md)`,
        { migration: name },
        cause,
      );
    }
    throw new DefectError('MIGRATION_FAILED', `${name}: ${(cause as Error).message}`, { migration: name }, cause);
  }
}
