import type pg from 'pg';
import type { Database } from '../database.ts';

/** Whoever packs, or deletes of what is packed, has it. */
export const PACKING_LOCK = 0x9ac4;

/**
 * Does something while nobody packs, unpacks or deletes of what is packed.
 * @returns null, at once, where somebody does
 */
export async function whilePacking<T>(
  database: Database,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T | null> {
  const client = await database.pool.connect();
  let isBroken = true;
  try {
    const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [PACKING_LOCK]);
    isBroken = false;
    if (rows[0]?.ours !== true) return null;
    try {
      return await work(client);
    } finally {
      isBroken = !(await isUnlocked(client));
    }
  } finally {
    client.release(isBroken);
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
