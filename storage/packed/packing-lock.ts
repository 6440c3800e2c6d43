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
    const isOurs = rows[0]?.ours === true;
    const result = isOurs ? await work(client) : null;
    if (isOurs) await client.query('SELECT pg_advisory_unlock($1)', [PACKING_LOCK]);
    isBroken = false;
    return result;
  } finally {
    // Where it failed the connection is closed, and the lock goes with it.
    client.release(isBroken);
  }
}
