import type pg from 'pg';
import type { CancellingFact, Epc } from '../../domain/index.ts';

/** SQL: since when nothing is expected of shipment `$1`; null where that is not so. */
export const CLOSED_AT = `coalesce(
  (SELECT at FROM shipment_cancellations WHERE shipment = $1 AND is_cancelled),
  (SELECT at FROM shipment_closings WHERE shipment = $1))`;

/**
 * Keeps a person's word that a shipment is cancelled, or is not after all; the later in the log holds. What it lists
 * stays on record: the goods are where they are, and only nothing is expected of them.
 *
 * @returns what it lists; null where nothing changes
 */
export async function keepCancellation(
  client: pg.ClientBase,
  { shipment, at, isCancelled, reason }: CancellingFact,
  { by, position }: { readonly by: string; readonly position: number },
): Promise<Epc[] | null> {
  const { rowCount } = await client.query(
    `INSERT INTO shipment_cancellations AS c (shipment, is_cancelled, at, by, reason, position)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (shipment) DO UPDATE SET is_cancelled = excluded.is_cancelled, at = excluded.at, by = excluded.by,
       reason = excluded.reason, position = excluded.position
       WHERE c.position < excluded.position AND c.is_cancelled <> excluded.is_cancelled`,
    [shipment, isCancelled, at, by, reason, position],
  );
  if (rowCount === 0) return null;
  await client.query(`UPDATE shipments SET closed_at = ${CLOSED_AT} WHERE id = $1`, [shipment]);
  return listedIn(client, shipment);
}

/** Every EPC that a shipment lists: serials and units. */
export async function listedIn(client: pg.ClientBase, shipment: string): Promise<Epc[]> {
  const { rows } = await client.query<{ epc: Epc }>(
    'SELECT epc FROM shipment_lines WHERE shipment = $1 UNION SELECT unit FROM shipment_units WHERE shipment = $1',
    [shipment],
  );
  return rows.map(({ epc }) => epc);
}
