import type pg from 'pg';

/** Within which time after opening all serials of a case are to be decided. */
export interface CaseTargets {
  /** ms; of sites that have none of their own. */
  readonly targetMs: number;
  /** By id of a place: its own, and that of all that is in it, ms. */
  readonly siteTargets?: ReadonlyMap<string, number> | undefined;
}

/**
 * The target of a case, ms: that of its place or of the nearest place around it that has one; of a shipment that of its
 * destination, where it is decided on, else that of its origin.
 */
export async function targetOf(
  client: Pick<pg.ClientBase, 'query'> | Pick<pg.Pool, 'query'>,
  { targetMs, siteTargets }: CaseTargets,
  { shipment, place }: { readonly shipment: string | null; readonly place: string | null },
): Promise<number> {
  if (siteTargets === undefined || siteTargets.size === 0) return targetMs;
  const { rows } = await client.query<{ id: string }>(
    `WITH RECURSIVE around (id, turn, depth) AS (
       SELECT id, turn, 0 FROM (SELECT $2::text AS id, 0 AS turn
         UNION ALL SELECT destination, 1 FROM shipments WHERE id = $1
         UNION ALL SELECT origin, 2 FROM shipments WHERE id = $1) AS own WHERE id IS NOT NULL
       UNION ALL SELECT p.parent, a.turn, a.depth + 1 FROM around a JOIN places p ON p.id = a.id
         WHERE p.parent IS NOT NULL AND a.depth < 20)
     SELECT id FROM around ORDER BY turn, depth`,
    [shipment, shipment === null ? place : null],
  );
  for (const { id } of rows) {
    const own = siteTargets.get(id);
    if (own !== undefined) return own;
  }
  return targetMs;
}
