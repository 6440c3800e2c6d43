import type pg from 'pg';
import type { Database } from '../database.ts';
import { asUnavailable, sqlState } from '../failure.ts';
import { LOST_WHERE_IT_STANDS_STILL } from '../session-transaction.ts';

/** Whoever packs, or deletes of what is packed, has it; who only adds stretches shares it. */
export const PACKING_LOCK = 0x9ac4;

/** Longer than the writer's transactions take, which share it. Whoever packs has it for minutes. */
const WAIT = '300ms';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * The lock of who says nothing to the database for so long is another's: a process that is stopped, a machine that sleeps. A part
 * of a week is some seconds of work, after which the packer rests as long.
 */
const STANDS_STILL_MS = 300_000;

/**
 * Does something while nobody packs, unpacks or deletes of what is packed.
 * @param work what it changes it changes on this session, in whose name the lock is: who has stood still has it no more
 * @returns null, after {@link WAIT}, where somebody does
 * @throws {UnavailableError} DATABASE_UNAVAILABLE, also where the session was lost in between
 */
export async function whilePacking<T>(
  database: Database,
  work: (client: pg.PoolClient) => Promise<T>,
  standsStillMs = STANDS_STILL_MS,
): Promise<T | null> {
  const client = await database.pool.connect().catch((error) => {
    throw asUnavailable(error);
  });
  let isBroken = true;
  try {
    const isOurs = await isTaken(client, standsStillMs);
    isBroken = false;
    if (!isOurs) return null;
    try {
      return await work(client);
    } finally {
      isBroken = !(await isUnlocked(client));
    }
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    client.release(isBroken);
  }
}

async function isTaken(client: pg.PoolClient, standsStillMs: number): Promise<boolean> {
  await client.query(`SET lock_timeout = '${WAIT}'`);
  const isOurs = await waited(client.query('SELECT pg_advisory_lock($1)', [PACKING_LOCK]));
  const kept = isOurs ? `; SET idle_session_timeout = '${standsStillMs}ms'` : '';
  await client.query(`RESET lock_timeout${kept}`);
  return isOurs;
}

/** For the rest of a transaction, in which nothing has been done yet. @returns false, after {@link WAIT}, while another has it */
export async function takePacking(client: pg.ClientBase): Promise<boolean> {
  await client.query(`SAVEPOINT packing; SET LOCAL lock_timeout = '${WAIT}'`);
  const isOurs = await waited(client.query('SELECT pg_advisory_xact_lock($1)', [PACKING_LOCK]));
  const kept = `SET LOCAL lock_timeout = DEFAULT; ${LOST_WHERE_IT_STANDS_STILL}; RELEASE SAVEPOINT packing`;
  await client.query(isOurs ? kept : 'ROLLBACK TO packing');
  return isOurs;
}

/**
 * For the rest of a transaction that adds stretches and takes none away.
 * @returns false, at once, while somebody packs or waits to
 */
export async function sharePacking(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>({
    name: 'share packing',
    text: 'SELECT pg_try_advisory_xact_lock_shared($1) AS ours',
    values: [PACKING_LOCK],
  });
  return rows[0]?.ours === true;
}

async function waited(lock: Promise<unknown>): Promise<boolean> {
  try {
    await lock;
    return true;
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/** Also after the work has failed. @returns false where the connection is gone, and the lock with it */
async function isUnlocked(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('RESET idle_session_timeout');
    await client.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
    return true;
  } catch {
    // What the work failed of says more; a connection that is closed holds no lock.
    return false;
  }
}
