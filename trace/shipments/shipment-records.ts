import type { Epc, Product, SeenFrom, ShipmentState } from '../../domain/index.ts';
import { afterOf, type Database, type Page, pageOf } from '../../storage/index.ts';
import { limitOf, type PageRequest } from '../page.ts';

export interface UnitRecord {
  readonly epc: Epc;
  /** The unit it stands in, where units are nested. */
  readonly parent: Epc | null;
  /** Serials the notice lists in it, nested ones included. */
  readonly serialCount: number;
  /** Where it is now, itself or by what it stands in. */
  readonly place: string | null;
  /** Attached now. */
  readonly devices: readonly string[];
}

export interface CancellationRecord {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export interface ShipmentRecord {
  readonly id: string;
  readonly state: ShipmentState;
  readonly profile: string;
  readonly origin: string;
  readonly destination: string;
  readonly departs: number;
  /** null: only a shipping event tells of it. */
  readonly arrives: number | null;
  readonly lane: string | null;
  /** Who carries it; null: nobody says. */
  readonly carrier: string | null;
  /** From when on nothing is expected of it, closed or cancelled. */
  readonly closedAt: number | null;
  readonly cancelled: CancellationRecord | null;
  /** Log position of the notice, cancellation or event that said so last: another one is another shipment to decide about. */
  readonly revision: number;
  /** false: only shipping events tell of it. */
  readonly isNoticed: boolean;
  /** When its first unit left the origin, its last came in; null = not yet. */
  readonly leftAt: number | null;
  readonly receivedAt: number | null;
  /** When its notice arrived. */
  readonly noticedAt: number;
  /** Where its units last went; before that its origin, and null under way. */
  readonly place: string | null;
  readonly units: readonly UnitRecord[];
  readonly serialCount: number;
  /** Places that it is seen from. */
  readonly seenFrom: readonly string[];
}

export interface ShipmentDetailRecord extends ShipmentRecord {
  readonly products: readonly Product[];
}

export interface ShipmentSerialRecord {
  readonly epc: Epc;
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string | null;
  readonly expiry: string | null;
  /** null: it travels in nothing. */
  readonly unit: Epc | null;
}

export async function shipmentList(
  database: Database,
  request: PageRequest & { readonly states?: readonly ShipmentState[] | undefined; readonly seenFrom?: SeenFrom },
): Promise<Page<ShipmentRecord>> {
  const limit = limitOf(request);
  const [departs, id] = afterOf(request, ['time', 'text']) ?? [null, null];
  const { rows } = await database.query<ShipmentRow>(
    `SELECT ${SHIPMENT_COLUMNS} FROM shipments
     WHERE ($1::text[] IS NULL OR state = ANY($1))
       AND ($2::bigint IS NULL OR departs < $2 OR (departs = $2 AND id COLLATE "C" > $3::text COLLATE "C"))
       AND ${isSeenFrom('shipments.id', '$5')}
     ORDER BY departs DESC, id COLLATE "C" LIMIT $4`,
    [request.states ?? null, departs, id, limit + 1, request.seenFrom ?? null],
  );
  const page = pageOf(rows, limit, (row) => [row.departs, row.id]);
  return { items: await withUnits(database, page.items), nextCursor: page.nextCursor };
}

/** All that are neither closed nor cancelled, latest departure first. */
export async function openShipments(database: Database, most: number): Promise<ShipmentRecord[]> {
  const { rows } = await database.query<ShipmentRow>(
    `SELECT ${SHIPMENT_COLUMNS} FROM shipments WHERE state NOT IN ('closed', 'cancelled') ORDER BY departs DESC, id LIMIT $1`,
    [most],
  );
  return withUnits(database, rows);
}

/** Null where there is none, or none that is seen from there. */
export async function shipmentDetail(
  database: Database,
  id: string,
  seenFrom: SeenFrom,
): Promise<ShipmentDetailRecord | null> {
  const { rows } = await database.query<ShipmentRow>(
    `SELECT ${SHIPMENT_COLUMNS} FROM shipments WHERE id = $1 AND ${isSeenFrom('shipments.id', '$2')}`,
    [id, seenFrom],
  );
  const [shipment] = await withUnits(database, rows);
  if (shipment === undefined) return null;
  const products = await database.query<Product>(
    'SELECT gtin, name, lot, expiry FROM shipment_products WHERE shipment = $1 ORDER BY line',
    [id],
  );
  return { ...shipment, products: products.rows };
}

export async function shipmentSerials(
  database: Database,
  shipment: string,
  request: PageRequest,
): Promise<Page<ShipmentSerialRecord>> {
  const limit = limitOf(request);
  const { rows } = await database.query<ShipmentSerialRecord>(
    `SELECT s.epc, s.gtin, s.serial, s.lot, s.expiry, l.unit FROM shipment_lines l JOIN serials s USING (epc)
     WHERE l.shipment = $1 AND l.is_serial AND ($2::text IS NULL OR l.epc > $2) ORDER BY l.epc LIMIT $3`,
    [shipment, afterOf(request, ['text'])?.[0] ?? null, limit + 1],
  );
  return pageOf(rows, limit, ({ epc }) => [epc]);
}

/** Those that the shipping events of a capture speak of, by id. */
export async function shipmentsOfCapture(
  database: Database,
  capture: string,
): Promise<readonly { readonly id: string; readonly profile: string }[]> {
  const { rows } = await database.query<{ id: string; profile: string }>(
    `SELECT s.id, s.profile FROM shipments s WHERE id IN (
       SELECT v.shipment FROM facts f JOIN shipping_events v ON v.position = f.position
       WHERE f.subject = 'capture:' || $1 AND f.type = 'epcis')
     ORDER BY s.id LIMIT 1000`,
    [capture],
  );
  return rows;
}

/** Those of some shipments that are seen from there. */
export async function seenShipments(
  database: Database,
  ids: readonly string[],
  seenFrom: SeenFrom,
): Promise<ReadonlySet<string>> {
  if (seenFrom === null || ids.length === 0) return new Set(ids);
  const { rows } = await database.query<{ shipment: string }>(
    'SELECT DISTINCT shipment FROM shipment_places WHERE shipment = ANY($1::text[]) AND place = ANY($2::text[])',
    [ids, seenFrom],
  );
  return new Set(rows.map(({ shipment }) => shipment));
}

/** How many serials of a shipment are stopped, by what became of them. */
export interface StoppedGoods {
  readonly shipment: string;
  readonly status: string;
  readonly serials: number;
}

/** Of some shipments, the serials that must not move on. Few are stopped anywhere: it begins at these. */
export async function stoppedGoods(database: Database, shipments: readonly string[]): Promise<readonly StoppedGoods[]> {
  if (shipments.length === 0) return [];
  const { rows } = await database.query<StoppedGoods>(
    `SELECT l.shipment, s.status, count(*) AS serials FROM serials s JOIN shipment_lines l ON l.epc = s.epc
     WHERE s.status IN ('recalled', 'stolen', 'expired', 'quarantined', 'rejected') AND l.shipment = ANY($1::text[])
     GROUP BY l.shipment, s.status ORDER BY l.shipment, s.status`,
    [shipments],
  );
  return rows;
}

/** The condition that a shipment is seen from the places in a parameter, null being everywhere. */
export function isSeenFrom(shipment: string, parameter: string): string {
  return `(${parameter}::text[] IS NULL OR EXISTS (SELECT FROM shipment_places seen
    WHERE seen.shipment = ${shipment} AND seen.place = ANY (${parameter}::text[])))`;
}

type ShipmentRow = Omit<ShipmentRecord, 'place' | 'units' | 'serialCount'>;

const SHIPMENT_COLUMNS = `id, state, profile, origin, destination, departs, arrives, lane, carrier, left_at AS "leftAt",
  closed_at AS "closedAt", received_at AS "receivedAt", noticed_at AS "noticedAt", is_noticed AS "isNoticed",
  (SELECT CASE WHEN k.is_cancelled THEN json_build_object('at', k.at, 'by', k.by, 'reason', k.reason) END
   FROM shipment_cancellations k WHERE k.shipment = id) AS cancelled,
  greatest(position, (SELECT k.position FROM shipment_cancellations k WHERE k.shipment = id)) AS revision,
  ARRAY(SELECT place FROM shipment_places k WHERE k.shipment = shipments.id ORDER BY place) AS "seenFrom"`;

interface UnitRow {
  readonly shipment: string;
  readonly unit: Epc;
  readonly parent: Epc | null;
  readonly place: string | null;
  readonly place_since: number | null;
  readonly devices: readonly string[];
  readonly serials: number;
}

async function withUnits(database: Database, shipments: readonly ShipmentRow[]): Promise<ShipmentRecord[]> {
  const { rows } = await database.query<UnitRow>(
    `SELECT u.shipment, u.unit, l.unit AS parent, p.place, p.since AS place_since,
       ARRAY(SELECT device FROM attachments t WHERE t.subject = u.unit AND t.holds AND t.until IS NULL
             ORDER BY device) AS devices,
       coalesce(n.serials, 0) AS serials
     FROM shipment_units u
     LEFT JOIN shipment_lines l ON l.shipment = u.shipment AND l.epc = u.unit
     LEFT JOIN presence p ON p.epc = u.unit AND p.holds AND p.until IS NULL
     LEFT JOIN (SELECT shipment, unit, count(*) AS serials FROM shipment_lines
                WHERE shipment = ANY($1::text[]) AND is_serial GROUP BY 1, 2) n
       ON n.shipment = u.shipment AND n.unit = u.unit
     WHERE u.shipment = ANY($1::text[]) ORDER BY u.unit`,
    [shipments.map(({ id }) => id)],
  );
  const listed = await database.query<{ shipment: string; serials: number }>(
    `SELECT shipment, count(*) AS serials FROM shipment_lines
     WHERE shipment = ANY($1::text[]) AND is_serial AND unit IS NULL GROUP BY shipment`,
    [shipments.map(({ id }) => id)],
  );
  /** Serials that travel in nothing. */
  const loose = new Map(listed.rows.map(({ shipment, serials }) => [shipment, serials]));
  const byShipment = Map.groupBy(rows, ({ shipment }) => shipment);
  return shipments.map((shipment) => {
    const units = byShipment.get(shipment.id) ?? [];
    const records = units.map((row) => unitRecord(row, units));
    const serialCount = units.reduce((sum, { serials }) => sum + serials, loose.get(shipment.id) ?? 0);
    return { ...shipment, place: placeOf(shipment, units), units: records, serialCount };
  });
}

function unitRecord(row: UnitRow, units: readonly UnitRow[]): UnitRecord {
  const around = chainUp(row, units);
  const place = [row, ...around].find((unit) => unit.place !== null)?.place ?? null;
  const serialCount = units
    .filter((unit) => unit === row || chainUp(unit, units).includes(row))
    .reduce((sum, { serials }) => sum + serials, 0);
  return { epc: row.unit, parent: row.parent, serialCount, place, devices: row.devices };
}

function chainUp(row: UnitRow, units: readonly UnitRow[]): UnitRow[] {
  const chain: UnitRow[] = [];
  for (let parent = row.parent; parent !== null; ) {
    const unit = units.find((one) => one.unit === parent);
    if (unit === undefined || chain.includes(unit)) break;
    chain.push(unit);
    parent = unit.parent;
  }
  return chain;
}

function placeOf(shipment: ShipmentRow, units: readonly UnitRow[]): string | null {
  let last: UnitRow | null = null;
  for (const unit of units) {
    if (unit.place !== null && (unit.place_since ?? 0) > (last?.place_since ?? Number.NEGATIVE_INFINITY)) last = unit;
  }
  if (last !== null) return last.place;
  return shipment.state === 'created' || shipment.state === 'packed' ? shipment.origin : null;
}
