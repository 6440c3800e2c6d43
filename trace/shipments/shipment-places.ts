import type pg from 'pg';

/** After every time there is. */
const NEVER = '9223372036854775807';

/** Where units and loose goods are and were while they belonged to the shipment, and the sites of doors that they passed. */
const PLACES = `
  SELECT id AS shipment, origin AS place FROM shipments WHERE id = ANY ($1::text[])
  UNION SELECT id, destination FROM shipments WHERE id = ANY ($1::text[])
  UNION SELECT u.shipment, n.place FROM shipment_units u JOIN shipments s ON s.id = u.shipment
    JOIN presence n ON n.epc = u.unit AND n.holds AND n.place IS NOT NULL AND (n.until IS NULL OR n.until > u.since)
      AND n.since < coalesce(s.closed_at, ${NEVER}) WHERE u.shipment = ANY ($1::text[])
  UNION SELECT u.shipment, t.site FROM shipment_units u
    JOIN pass_units m ON m.unit = u.unit AND m.shipment = u.shipment
    JOIN passes p ON p.id = m.pass JOIN portals t ON t.id = p.portal WHERE u.shipment = ANY ($1::text[])
  UNION SELECT l.shipment, n.place FROM shipment_lines l JOIN shipments s ON s.id = l.shipment
    JOIN presence n ON n.epc = l.epc AND n.holds AND n.place IS NOT NULL AND (n.until IS NULL OR n.until > s.departs)
      AND n.since < coalesce(s.closed_at, ${NEVER}) WHERE l.shipment = ANY ($1::text[]) AND l.unit IS NULL`;

/** Works out again which places these shipments are seen from (docs/permissions.md, "Sites"). */
export async function keepShipmentPlaces(client: pg.ClientBase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `WITH seen AS MATERIALIZED (${PLACES}),
     gone AS (DELETE FROM shipment_places k WHERE k.shipment = ANY ($1::text[])
       AND NOT EXISTS (SELECT FROM seen WHERE (seen.shipment, seen.place) = (k.shipment, k.place)))
     INSERT INTO shipment_places (shipment, place) SELECT shipment, place FROM seen ON CONFLICT DO NOTHING`,
    [ids],
  );
}
