import type pg from 'pg';
import type { Database } from '../../storage/index.ts';

/** Any number that nobody else locks. */
const LOCK = 0x150c_e9c1;
const BATCH = 10_000;

/**
 * Gives events that are committed their arrivals, one after another: a reader who has seen an arrival has seen all before it.
 * @returns how many
 */
export async function placeArrivals(database: Database): Promise<number> {
  let all = 0;
  for (;;) {
    const placed = await database.transaction((client) => place(client));
    all += placed;
    if (placed < BATCH) return all;
  }
}

async function place(client: pg.ClientBase): Promise<number> {
  const { rowCount: waiting } = await client.query('SELECT FROM epcis_unplaced ORDER BY position, index LIMIT 1');
  if (waiting === 0) return 0;
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [LOCK]);
  if (rows[0]?.mine !== true) return 0;
  const { rowCount } = await client.query(
    `WITH placed AS (
       DELETE FROM epcis_unplaced WHERE (position, index) IN (
         SELECT position, index FROM epcis_unplaced ORDER BY position, index LIMIT $1)
       RETURNING position, index),
     last AS (SELECT coalesce(max(arrival), 0) AS arrival FROM epcis_arrivals)
     INSERT INTO epcis_arrivals (arrival, position, index)
     SELECT last.arrival + row_number() OVER (ORDER BY placed.position, placed.index), placed.position, placed.index
     FROM placed, last`,
    [BATCH],
  );
  return rowCount ?? 0;
}

/** The last arrival that was given; 0 before the first. */
export async function lastArrival(client: Pick<Database, 'query'> | pg.ClientBase): Promise<number> {
  const ask: Pick<Database, 'query'> = client;
  const { rows } = await ask.query<{ arrival: number }>(
    'SELECT coalesce(max(arrival), 0)::bigint AS arrival FROM epcis_arrivals',
  );
  return rows[0]?.arrival ?? 0;
}
