import type pg from 'pg';

/**
 * Holds all readings where they are until the transaction ends: for one in REPEATABLE READ, before its first query. A week
 * that is packed after it would else be in neither place, its stretches younger than the snapshot and its partition gone
 * for every snapshot (docs/decisions/0191). Whoever packs or drops a week gives way; whoever reads or writes goes on.
 */
export async function holdReadings(client: pg.ClientBase): Promise<void> {
  await client.query('LOCK TABLE readings, packed_readings IN ACCESS SHARE MODE');
}
