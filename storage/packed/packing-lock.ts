import type pg from 'pg';
import type { Database } from '../database.ts';
import { sqlState } from '../failure.ts';

/** Whoever packs, or deletes of what is packed, has it; who only adds stretches shares it. */
export const PACKING_LOCK = 0x9ac4;

/** Longer than the writer's transactions take, which share it. Whoever packs has it for minutes. */
const WAIT = '300ms';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Does something while nobody packs, unpacks or deletes of what is packed.
 * @returns null, after {@link WAIT}, where somebody does
 */
export async function whilePacking<T>(
  database: Database,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T | null> {
  const client = await database.pool.connect();
  let isBroken = true;
  try {
    const isOurs = await isTaken(client);
    isBroken = false;
    if (!isOurs) return null;
    try {
      return await work(client);
    } finally {
      isBroken = !(await isUnlocked(client));
    }
  } finally {
    client.release(isBroken);
  }
}

async function isTaken(client: pg.PoolClient): Promise<boolean> {
  await client.query(`SET lock_timeout = '${WAIT}'`);
  const isOurs = await waited(client.query('SELECT pg_advisory_lock($1)', [PACKING_LOCK]));
  await client.query('RESET lock_timeout');
  return isOurs;
}

/** For the rest of a transaction, in which nothing has been done yet. @returns false, after {@link WAIT}, while another has it */
export async function takePacking(client: pg.ClientBase): Promise<boolean> {
  await client.query(`SAVEPOINT packing; SET LOCAL lock_timeout = '${WAIT}'`);
  const isOurs = await waited(client.query('SELECT pg_advisory_xact_lock($1)', [PACKING_LOCK]));
  await client.query(isOurs ? 'SET LOCAL lock_timeout = DEFAULT; RELEASE SAVEPOINT packing' : 'ROLLBACK TO packing');
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
    await client.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
    return true;
  } catch {
    // What the work failed of says more; a connection that is closed holds no lock.
    return false;
  }
}
