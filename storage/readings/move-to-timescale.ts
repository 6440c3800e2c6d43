import type pg from 'pg';
import { DefectError, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { sqlState } from '../failure.ts';
import { timestamp } from '../types.ts';
import { changed } from './partition.ts';
import { isReadingsHypertable, PartitionManager } from './partitions.ts';

/** How often the last step asks for the table; each time for {@link changed}'s wait. */
const SWAP_ATTEMPTS = 100;

/**
 * Moves `readings` from native partitions into a TimescaleDB hypertable while the platform runs.
 *
 * A trigger mirrors what is written from now on; each partition is copied in a transaction of its own and noted, so
 * that the command goes on where it was stopped; counts are compared; then the hypertable takes the table's name in one
 * short transaction. A writer that knew the old partitions fails once and takes its batch up again.
 *
 * @param onProgress one short line a step
 * @returns false if `readings` is a hypertable already
 * @throws {UnavailableError} TIMESCALE_ABSENT, READINGS_IN_USE
 * @throws {DefectError} READINGS_MOVE_DIFFERS nothing is changed then
 */
export async function moveToTimescale(database: Database, onProgress: (text: string) => void): Promise<boolean> {
  if (await isReadingsHypertable(database)) return false;
  await requireExtension(database);
  onProgress('preparing the hypertable');
  await again(database, prepare);
  for (;;) {
    for (const table of await notMoved(database.pool)) {
      onProgress(`copying ${table}`);
      await database.transaction(async (client) => {
        await client.query(`INSERT INTO readings_moving SELECT * FROM ${table} ON CONFLICT DO NOTHING`);
        await client.query('INSERT INTO readings_moved (name) VALUES ($1)', [table]);
      });
    }
    onProgress('comparing');
    await compare(database);
    onProgress('swapping');
    if (await again(database, swap)) return true;
    // A new week began meanwhile.
  }
}

async function requireExtension(database: Database): Promise<void> {
  try {
    await database.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  } catch (cause) {
    if (sqlState(cause) === null) throw cause;
    const reason = (cause as Error).message;
    throw new UnavailableError('TIMESCALE_ABSENT', `this server offers no TimescaleDB: ${reason}`, {}, cause);
  }
}

/** Tries until the lock is had. @returns what `work` returned */
async function again<T>(database: Database, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const done: T[] = [];
    if (await changed(database, async (client) => done.push(await work(client)))) return done[0] as T;
  }
  throw new UnavailableError('READINGS_IN_USE', 'somebody has been reading the readings all the time; run it again');
}

async function prepare(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('readings_moving') IS NOT NULL AS exists`,
  );
  if (rows[0]?.exists) return;
  await client.query(`
    CREATE TABLE readings_moving (LIKE readings INCLUDING ALL);
    SELECT readings_as_hypertable('readings_moving');
    CREATE TABLE readings_moved (name text PRIMARY KEY);
    CREATE FUNCTION readings_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO readings_moving SELECT NEW.* ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$;
    CREATE TRIGGER readings_mirror AFTER INSERT ON readings FOR EACH ROW EXECUTE FUNCTION readings_mirror()`);
}

/** Partitions that have not been copied, the default one among them. */
async function notMoved(client: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class JOIN pg_inherits ON inhrelid = oid
      WHERE inhparent = 'readings'::regclass AND NOT EXISTS (SELECT FROM readings_moved WHERE name = relname)
      ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** What is compared is one snapshot: the mirror's trigger keeps both alike from one transaction to the next. */
async function compare(database: Database): Promise<void> {
  const partitions = await new PartitionManager({ database }).list();
  for (const { table, from, to } of partitions) {
    const { rows } = await database.query<{ before: number; after: number }>(
      `SELECT (SELECT count(*) FROM ${table}) AS before,
              (SELECT count(*) FROM readings_moving WHERE time >= $1 AND time < $2) AS after`,
      [timestamp(from), timestamp(to)],
    );
    const { before = 0, after = 0 } = rows[0] ?? {};
    if (before !== after) {
      const message = `${table} has ${before} readings, its copy ${after}; nothing was changed`;
      throw new DefectError('READINGS_MOVE_DIFFERS', message, { table, before, after });
    }
  }
}

/** @returns false if there is a partition that has not been copied */
async function swap(client: pg.ClientBase): Promise<boolean> {
  await client.query('LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
  if ((await notMoved(client)).length > 0) return false;
  await client.query(`
    DROP TABLE readings, readings_moved;
    DROP FUNCTION readings_mirror;
    ALTER TABLE readings_moving RENAME TO readings;
    ALTER INDEX readings_moving_pkey RENAME TO readings_pkey;
    SELECT readings_columnstore_policy()`);
  return true;
}
