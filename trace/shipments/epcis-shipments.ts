import type pg from 'pg';
import { gtinOf, isSgtin, isSscc } from '../../codecs/epc/index.ts';
import { type Epc, PLACE_ID, PROFILES } from '../../domain/index.ts';
import { type CapturedEvent, glnOf, type ShippingEvent, shippingOf } from '../epcis-in/index.ts';
import { contentsAt } from '../statements/index.ts';
import { CLOSED_AT } from './cancellations.ts';

/** Keeps shipping events and withdraws those declared wrong. @returns shipments to derive again */
export async function keepShippingEvents(
  client: pg.ClientBase,
  told: readonly CapturedEvent[],
  heard: { readonly at: number; readonly by: string },
): Promise<string[]> {
  const gone = await client.query<{ shipment: string }>(
    `DELETE FROM shipping_events WHERE (position, index) IN (SELECT * FROM unnest($1::bigint[], $2::integer[]))
     RETURNING shipment`,
    [told.map(({ position }) => position), told.map(({ index }) => index)],
  );
  const shipments = new Set(gone.rows.map(({ shipment }) => shipment));
  for (const { event, position, index } of told) {
    const shipping = event === null ? null : shippingOf(event);
    if (shipping === null) continue;
    const { shipment, at, epcs, origin, destination } = shipping;
    await client.query(
      `INSERT INTO shipping_events (position, index, shipment, at, heard_at, by, epcs, origin, destination)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [position, index, shipment, at, heard.at, heard.by, epcs, origin, destination],
    );
    shipments.add(shipment);
  }
  return [...shipments];
}

/** Shipments with events that rest on what these EPCs were in or had in them. */
export async function shippedWith(client: pg.ClientBase, epcs: readonly Epc[]): Promise<string[]> {
  if (epcs.length === 0) return [];
  const any = await client.query('SELECT FROM shipping_events LIMIT 1');
  if (any.rowCount === 0) return [];
  const { rows } = await client.query<{ shipment: string }>(
    `SELECT shipment FROM shipping_events WHERE epcs && $1::text[]
     UNION SELECT e.shipment FROM shipping_events e JOIN shipment_lines l USING (shipment) WHERE l.epc = ANY($1::text[])`,
    [epcs],
  );
  return rows.map(({ shipment }) => shipment);
}

/** Shipments that nobody gave notice of: their sites, names and profile follow from what is registered. */
export async function unnoticed(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM shipments WHERE NOT is_noticed');
  return rows.map(({ id }) => id);
}

/**
 * Works out a shipment again from its shipping events: what they shipped and all that was in it then. Where there is a
 * notice too, its word on sites, times and units stands and the events add what it does not list.
 *
 * @returns EPCs that are listed now or were before
 */
export async function deriveShipment(client: pg.ClientBase, id: string): Promise<Epc[]> {
  const before = await withdraw(client, id);
  const { rows: events } = await client.query<KeptShipping>(
    `SELECT shipment, at, epcs, origin, destination, heard_at, by, position FROM shipping_events
     WHERE shipment = $1 ORDER BY at, position, index`,
    [id],
  );
  const [first] = events;
  if (first === undefined) {
    await client.query('DELETE FROM shipments WHERE id = $1 AND NOT is_noticed', [id]);
    return before;
  }
  const units = new Map<Epc, { since: number; isOutermost: boolean }>();
  const lines = new Map<Epc, Epc | null>();
  for (const { epcs, at } of events) {
    const contents = await contentsAt(client, epcs, at);
    const inside = [...contents.values()].flat();
    const parents = new Set(inside.map(({ parent }) => parent));
    for (const epc of epcs) {
      if (isSscc(epc) || parents.has(epc)) units.set(epc, units.get(epc) ?? { since: at, isOutermost: true });
      else if (isSgtin(epc)) lines.set(epc, null);
    }
    for (const { epc, parent } of inside) {
      lines.set(epc, parent);
      if (isSscc(epc) || parents.has(epc)) units.set(epc, { since: at, isOutermost: false });
    }
  }
  await writeHeader(client, first, [...lines.keys()]);
  await client.query(
    `INSERT INTO shipment_units (shipment, unit, since, is_outermost, is_noticed)
     SELECT $1, *, false FROM unnest($2::text[], $3::bigint[], $4::boolean[]) ON CONFLICT DO NOTHING`,
    [
      id,
      [...units.keys()],
      [...units.values()].map(({ since }) => since),
      [...units.values()].map(({ isOutermost }) => isOutermost),
    ],
  );
  await client.query(
    `INSERT INTO shipment_lines (shipment, epc, unit, is_serial, is_noticed)
     SELECT $1, *, false FROM unnest($2::text[], $3::text[], $4::boolean[]) ON CONFLICT DO NOTHING`,
    [id, [...lines.keys()], [...lines.values()], [...lines.keys()].map((epc) => isSgtin(epc) && !units.has(epc))],
  );
  await writeProducts(client, id);
  return [...new Set([...before, ...units.keys(), ...lines.keys()])];
}

interface KeptShipping extends ShippingEvent {
  readonly heard_at: number;
  readonly by: string;
  readonly position: number;
}

async function withdraw(client: pg.ClientBase, id: string): Promise<Epc[]> {
  const units = await client.query<{ epc: Epc }>(
    'DELETE FROM shipment_units WHERE shipment = $1 AND NOT is_noticed RETURNING unit AS epc',
    [id],
  );
  const lines = await client.query<{ epc: Epc }>(
    'DELETE FROM shipment_lines WHERE shipment = $1 AND NOT is_noticed RETURNING epc',
    [id],
  );
  return [...units.rows, ...lines.rows].map(({ epc }) => epc);
}

/** Where nobody says under which conditions it travels. */
const NO_PROFILE = 'unknown';

async function writeHeader(client: pg.ClientBase, first: KeptShipping, listed: readonly Epc[]): Promise<void> {
  const { shipment, at, origin, destination, heard_at, by, position } = first;
  const gtins = [...new Set(listed.flatMap((epc) => gtinOf(epc) ?? []))];
  const { rows } = await client.query<{ profile: string }>(
    'SELECT DISTINCT profile FROM products WHERE gtin = ANY($1::text[]) AND profile IS NOT NULL',
    [gtins],
  );
  await client.query(
    `INSERT INTO shipments AS s (id, profile, origin, destination, departs, arrives, state, noticed_at, noticed_by,
       position, is_noticed, closed_at)
     VALUES ($1, $2, $3, $4, $5, NULL, 'created', $6, $7, $8, false,
       ${CLOSED_AT})
     ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, origin = excluded.origin,
       destination = excluded.destination, departs = excluded.departs, noticed_at = excluded.noticed_at,
       noticed_by = excluded.noticed_by, position = excluded.position
       WHERE NOT s.is_noticed`,
    [
      ...[shipment, strictest(rows.map(({ profile }) => profile))],
      ...[await siteOf(client, origin), await siteOf(client, destination), at, heard_at, by, position],
    ],
  );
}

/** The one that allows the least warmth. */
function strictest(profiles: readonly string[]): string {
  const known = PROFILES.filter(({ id }) => profiles.includes(id));
  return known.sort((a, b) => (a.max ?? Infinity) - (b.max ?? Infinity))[0]?.id ?? NO_PROFILE;
}

/** Shipments of which a shipping event tells: what it names may be a place that we know from now on. */
export async function shippedAtAll(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ shipment: string }>(
    "SELECT DISTINCT shipment FROM shipping_events WHERE shipment > '' ORDER BY shipment",
  );
  return rows.map(({ shipment }) => shipment);
}

/**
 * The site that identifiers name: that of a registered place by id or GLN; else the first GLN as `site:{gln}`; else
 * `site:unknown`.
 */
export async function siteOf(client: pg.ClientBase, named: readonly string[]): Promise<string> {
  for (const id of named) {
    const { rows } = await client.query<{ id: string }>(
      `WITH RECURSIVE up (id, parent) AS (
         SELECT id, parent FROM places WHERE id = $1 OR gln = $2
         UNION SELECT p.id, p.parent FROM up JOIN places p ON p.id = up.parent)
       SELECT id FROM up WHERE id LIKE 'site:%' ORDER BY id LIMIT 1`,
      [id, glnOf(id)],
    );
    const [site] = rows;
    if (site !== undefined) return site.id;
    if (PLACE_ID.test(id) && id.startsWith('site:')) return id;
  }
  const gln = named.map(glnOf).find((found) => found !== null);
  return gln === undefined ? 'site:unknown' : `site:${gln}`;
}

/** Products and lots of what is in it, as registered and as their serials were commissioned. */
async function writeProducts(client: pg.ClientBase, id: string): Promise<void> {
  const { rows } = await client.query<{ is_noticed: boolean }>('SELECT is_noticed FROM shipments WHERE id = $1', [id]);
  if (rows[0]?.is_noticed !== false) return;
  await client.query('DELETE FROM shipment_products WHERE shipment = $1', [id]);
  await client.query(
    `INSERT INTO shipment_products (shipment, line, gtin, name, lot, expiry, budget_ms, mkt_window_ms)
     SELECT $1, row_number() OVER (ORDER BY s.gtin, s.lot, s.expiry) - 1, s.gtin, coalesce(p.name, s.gtin), s.lot,
       s.expiry, p.budget_ms, p.mkt_window_ms
     FROM (SELECT DISTINCT gtin, lot, expiry FROM shipment_lines JOIN serials USING (epc)
           WHERE shipment = $1 AND is_serial) s LEFT JOIN products p USING (gtin)`,
    [id],
  );
}
