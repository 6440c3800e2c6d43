import type pg from 'pg';
import { gtinOf, isSgtin, serialOf } from '../../codecs/epc/index.ts';
import type { Asn, ClosingFact, Epc, Portal, ShipmentState } from '../../domain/index.ts';
import { textArray } from '../../storage/index.ts';
import { applyStatements, bySubject, type HistoryChanged, type SubjectChanged } from '../statements/index.ts';
import { CLOSED_AT, listedIn } from './cancellations.ts';
import { digestOf } from './notice.ts';

/** What a notice changed. */
export interface NoticeApplied {
  /** Every EPC that it lists now or listed before. */
  readonly epcs: readonly Epc[];
  readonly containment: readonly HistoryChanged[];
  readonly attachments: readonly SubjectChanged[];
}

/**
 * Works a shipment notice in. A later notice of the same shipment (by log position) replaces the earlier one whole:
 * what it does not say any more is withdrawn.
 */
export async function applyAsn(
  client: pg.ClientBase,
  asn: Asn,
  notice: { readonly position: number; readonly arrival: number; readonly by: string },
): Promise<NoticeApplied> {
  const known = await client.query<{ position: number; content: string | null }>(
    'SELECT position, content FROM shipments WHERE id = $1 AND is_noticed',
    [asn.id],
  );
  const [last] = known.rows;
  const content = digestOf(asn);
  // Said again it is the same word: it stays as old as it was.
  if (last !== undefined && (last.position > notice.position || last.content === content)) return NOTHING_NEW;
  const before = await listedIn(client, asn.id);
  await writeShipment(client, asn, { ...notice, content });
  await writeUnits(client, asn);
  await writeSerials(client, asn, notice.position);
  const source = `asn:${asn.id}`;
  const { position } = notice;
  const containment = await applyStatements(
    client,
    'containment',
    [source],
    asn.units.flatMap(({ sscc, children, from }) =>
      children.map((child) => ({ subject: child, value: sscc, from, position, source })),
    ),
  );
  const attachments = await applyStatements(
    client,
    'attachments',
    [source],
    asn.units.flatMap(({ sscc, devices, from }) =>
      devices.map((device) => ({ subject: device, value: sscc, from, position, source })),
    ),
  );
  const epcs = new Set(before);
  for (const { sscc, children } of asn.units) for (const epc of [sscc, ...children]) epcs.add(epc);
  return { epcs: [...epcs], containment, attachments: await bySubject(client, 'attachments', attachments) };
}

const NOTHING_NEW: NoticeApplied = { epcs: [], containment: [], attachments: [] };

/** A shipment that nobody saw leave counts as under way this long after `departs`. */
const UNSEEN_MS = 3_600_000;

/**
 * Works out the state of shipments: `received` when all outermost units have come in at the destination, `in transit`
 * when one has left the origin or come in, `packed` from the first unit's `from` on, else `created`. Where no door saw
 * it leave, it is in transit at `departs` (an origin without portals) or an hour later, unless a unit of it is known to
 * stand at the origin.
 *
 * @param now the platform's clock, epoch ms UTC
 * @returns shipments whose state changed
 */
export async function restateShipments(
  client: pg.ClientBase,
  ids: readonly string[],
  portals: Iterable<Portal>,
  now: number,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const siteOf = new Map<string, string>();
  for (const { id, site } of portals) siteOf.set(id, site);
  const { rows } = await client.query<ShipmentRow>(
    `SELECT s.id, s.origin, s.destination, s.departs, s.state, s.left_at, s.received_at, s.closed_at,
       EXISTS (SELECT FROM shipment_cancellations k WHERE k.shipment = s.id AND k.is_cancelled) AS is_cancelled,
       (SELECT min(since) FROM shipment_units u WHERE u.shipment = s.id) AS packed_at,
       (SELECT count(*) FROM shipment_units u WHERE u.shipment = s.id AND u.is_outermost) AS outermost,
       (SELECT min(at) FROM shipping_events v WHERE v.shipment = s.id) AS shipped_at,
       EXISTS (
         WITH RECURSIVE at_origin (id) AS (
           SELECT s.origin UNION SELECT p.inside FROM portals p WHERE p.site = s.origin
           UNION SELECT p.id FROM at_origin o JOIN places p ON p.parent = o.id)
         SELECT FROM shipment_units u JOIN presence n ON n.epc = u.unit AND n.holds AND n.until IS NULL
         WHERE u.shipment = s.id AND u.is_outermost AND n.place IN (SELECT id FROM at_origin)) AS is_at_origin
     FROM shipments s WHERE id = ANY($1::text[])`,
    [ids],
  );
  const moves = await client.query<{ shipment: string; unit: Epc; portal: string; direction: string; since: number }>(
    `SELECT u.shipment, u.unit, p.portal, m.direction, p.since FROM shipment_units u
       JOIN pass_units m ON m.unit = u.unit JOIN passes p ON p.id = m.pass
     WHERE u.shipment = ANY($1::text[]) AND u.is_outermost AND m.shipment = u.shipment`,
    [ids],
  );
  const receipts = await receiptsOf(client, ids);
  const changed: string[] = [];
  for (const row of rows) {
    const own = moves.rows.filter(({ shipment }) => shipment === row.id);
    const left = own.filter(({ portal, direction }) => direction === 'out' && siteOf.get(portal) === row.origin);
    const arrived = own.filter(({ portal, direction }) => direction === 'in' && siteOf.get(portal) === row.destination);
    const leftAt = earliest(left.map(({ since }) => since)) ?? row.shipped_at;
    const arrivedUnits = new Map<Epc, number>();
    for (const { unit, since } of arrived) arrivedUnits.set(unit, Math.min(arrivedUnits.get(unit) ?? since, since));
    for (const { shipment, unit, since } of receipts) {
      if (shipment === row.id) arrivedUnits.set(unit, Math.min(arrivedUnits.get(unit) ?? since, since));
    }
    const isAllIn = row.outermost > 0 && arrivedUnits.size === row.outermost;
    const receivedAt = isAllIn ? Math.max(...arrivedUnits.values()) : null;
    const hasOriginPortal = [...siteOf.values()].includes(row.origin);
    const isOverdue = !row.is_at_origin && now >= row.departs + (hasOriginPortal ? UNSEEN_MS : 0);
    const isUnderWay = leftAt !== null || arrivedUnits.size > 0 || isOverdue;
    const state = stateOf(row, { isReceived: receivedAt !== null, isUnderWay, now });
    if (state === row.state && leftAt === row.left_at && receivedAt === row.received_at) continue;
    await client.query('UPDATE shipments SET state = $2, left_at = $3, received_at = $4 WHERE id = $1', [
      row.id,
      state,
      leftAt,
      receivedAt,
    ]);
    changed.push(row.id);
  }
  return changed;
}

/** Outermost units that an event put into the destination: who has no door there says so. */
export async function receiptsOf(
  client: pg.ClientBase,
  ids: readonly string[],
): Promise<{ readonly shipment: string; readonly unit: Epc; readonly since: number }[]> {
  const { rows } = await client.query<{ shipment: string; unit: Epc; since: number }>(
    `WITH RECURSIVE within (shipment, departs, place) AS (
       SELECT id, departs, destination FROM shipments WHERE id = ANY($1::text[])
       UNION SELECT w.shipment, w.departs, p.id FROM within w JOIN places p ON p.parent = w.place)
     SELECT u.shipment, u.unit, n.since FROM shipment_units u
       JOIN presence n ON n.epc = u.unit AND n.holds AND n.source LIKE 'epcis:%'
       JOIN within w ON w.shipment = u.shipment AND w.place = n.place AND n.since >= w.departs
     WHERE u.shipment = ANY($1::text[]) AND u.is_outermost`,
    [ids],
  );
  return rows;
}

/** Shipments whose state the clock alone may change. */
export async function shipmentsWaiting(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM shipments WHERE state IN ('created', 'packed')`);
  return rows.map(({ id }) => id);
}

interface ShipmentRow {
  readonly id: string;
  readonly origin: string;
  readonly destination: string;
  readonly departs: number;
  readonly state: ShipmentState;
  readonly left_at: number | null;
  readonly received_at: number | null;
  readonly closed_at: number | null;
  readonly is_cancelled: boolean;
  readonly packed_at: number | null;
  /** By a shipping event. */
  readonly shipped_at: number | null;
  readonly outermost: number;
  readonly is_at_origin: boolean;
}

function stateOf(
  row: ShipmentRow,
  { isReceived, isUnderWay, now }: { isReceived: boolean; isUnderWay: boolean; now: number },
): ShipmentState {
  if (row.is_cancelled) return 'cancelled';
  if (row.closed_at !== null) return 'closed';
  if (isReceived) return 'received';
  if (isUnderWay) return 'in transit';
  return row.packed_at !== null && row.packed_at <= now ? 'packed' : 'created';
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

async function writeShipment(
  client: pg.ClientBase,
  asn: Asn,
  notice: { readonly position: number; readonly arrival: number; readonly by: string; readonly content: string },
): Promise<void> {
  await client.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, arrives, lane, carrier, state, noticed_at,
       noticed_by, position, content, is_noticed, closed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $12, 'created', $8, $9, $10, $11, true,
       ${CLOSED_AT})
     ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, origin = excluded.origin,
       destination = excluded.destination, departs = excluded.departs, arrives = excluded.arrives, lane = excluded.lane,
       carrier = excluded.carrier, noticed_at = excluded.noticed_at, noticed_by = excluded.noticed_by, position = excluded.position,
       content = excluded.content, is_noticed = true`,
    [
      ...[asn.id, asn.profile, asn.origin, asn.destination, asn.departs, asn.arrives, asn.lane ?? null],
      ...[notice.arrival, notice.by, notice.position, notice.content, asn.carrier ?? null],
    ],
  );
  await client.query('DELETE FROM shipment_products WHERE shipment = $1', [asn.id]);
  await client.query(
    `INSERT INTO shipment_products (shipment, line, gtin, name, lot, expiry, budget_ms, mkt_window_ms)
     SELECT $1, * FROM unnest($2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])`,
    [
      asn.id,
      asn.products.map((_, line) => line),
      asn.products.map(({ gtin }) => gtin),
      asn.products.map(({ name }) => name),
      asn.products.map(({ lot }) => lot),
      asn.products.map(({ expiry }) => expiry),
      asn.products.map(({ stability }) => stability?.budgetMs),
      asn.products.map(({ stability }) => stability?.mktWindowMs),
    ],
  );
}

async function writeUnits(client: pg.ClientBase, asn: Asn): Promise<void> {
  const units = new Set(asn.units.map(({ sscc }) => sscc));
  const nested = new Set(asn.units.flatMap(({ children }) => children));
  await client.query('DELETE FROM shipment_units WHERE shipment = $1', [asn.id]);
  await client.query('DELETE FROM shipment_lines WHERE shipment = $1', [asn.id]);
  await client.query(
    `INSERT INTO shipment_units (shipment, unit, since, is_outermost)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::boolean[])`,
    [
      asn.id,
      asn.units.map(({ sscc }) => sscc),
      asn.units.map(({ from }) => from),
      asn.units.map(({ sscc }) => !nested.has(sscc)),
    ],
  );
  const lines = asn.units.flatMap(({ sscc, children, budgetUsedMs }) =>
    children.map((epc) => ({ epc, unit: sscc, budgetUsed: budgetUsedMs?.[epc] })),
  );
  await client.query(
    `INSERT INTO shipment_lines (shipment, epc, unit, is_serial, budget_used_ms)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[], $5::bigint[])`,
    [
      asn.id,
      textArray(lines.map(({ epc }) => epc)),
      textArray(lines.map(({ unit }) => unit)),
      lines.map(({ epc }) => isSgtin(epc) && !units.has(epc)),
      lines.map(({ budgetUsed }) => budgetUsed),
    ],
  );
}

/**
 * Lot and expiry are said of the serial itself, else come from the product of its GTIN; where the notice has several
 * lots of it, none is sure.
 */
async function writeSerials(client: pg.ClientBase, asn: Asn, position: number): Promise<void> {
  const productsOf = Map.groupBy(asn.products, ({ gtin }) => gtin);
  const children = asn.units.flatMap(({ children, lots }) => children.map((epc) => ({ epc, own: lots?.[epc] })));
  const rows = children
    .filter(({ epc }) => isSgtin(epc))
    .map(({ epc, own }) => {
      const gtin = gtinOf(epc) ?? '';
      const products = productsOf.get(gtin) ?? [];
      const fits = own === undefined ? products : products.filter(({ lot }) => lot === own.lot);
      const only = fits.length === 1 ? fits[0] : undefined;
      const lot = own?.lot ?? only?.lot ?? null;
      return { epc, gtin, serial: serialOf(epc) ?? '', lot, expiry: own?.expiry ?? only?.expiry ?? null };
    });
  await client.query(
    `INSERT INTO serials AS s (epc, gtin, serial, noticed_lot, noticed_expiry, position)
     SELECT *, $6::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     ON CONFLICT (epc) DO UPDATE SET noticed_lot = excluded.noticed_lot, noticed_expiry = excluded.noticed_expiry,
       position = excluded.position WHERE s.position <= excluded.position`,
    [
      textArray(rows.map(({ epc }) => epc)),
      textArray(rows.map(({ gtin }) => gtin)),
      textArray(rows.map(({ serial }) => serial)),
      textArray(rows.map(({ lot }) => lot)),
      textArray(rows.map(({ expiry }) => expiry)),
      position,
    ],
  );
}

/**
 * Closes it by a person's word, once; kept for a shipment that we have not heard of yet too.
 * @returns what it lists; null where it was closed already or is not known
 */
export async function closeShipment(
  client: pg.ClientBase,
  { shipment, at }: ClosingFact,
  { by, position }: { readonly by: string; readonly position: number },
): Promise<Epc[] | null> {
  await client.query(
    `INSERT INTO shipment_closings AS c (shipment, at, by, position) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [shipment, at, by, position],
  );
  const { rowCount } = await client.query(
    `UPDATE shipments SET closed_at = ${CLOSED_AT} WHERE id = $1 AND closed_at IS NULL`,
    [shipment],
  );
  if (rowCount === 0) return null;
  return listedIn(client, shipment);
}
