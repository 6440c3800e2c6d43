import type { Queryable } from './log/queryable.ts';

/** Waits for a transaction of the former owner that has checked its own. @returns the new owner's epoch */
export async function raiseEpoch(client: Queryable, name: string): Promise<number> {
  const { rows } = await client.query<{ epoch: number }>(
    `INSERT INTO owners (name, epoch, since) VALUES ($1, 1, now())
     ON CONFLICT (name) DO UPDATE SET epoch = owners.epoch + 1, since = now() RETURNING epoch`,
    [name],
  );
  return rows[0]?.epoch ?? 0;
}
