import type pg from 'pg';
import { type Epc, InputError, type SeenFrom, type ShipmentState } from '../../domain/index.ts';
import { afterOf, type Database, type Page, pageOf } from '../../storage/index.ts';
import { Environments, loadWorld } from '../exposure/index.ts';
import { limitOf, type PageRequest } from '../page.ts';
import { isSeenFrom } from '../shipments/index.ts';

/** Which serials are recalled: at least one of these, all that are given hold. */
export interface RecallQuery {
  /** 14 digits. */
  readonly gtin?: string | undefined;
  readonly lot?: string | undefined;
  readonly shipment?: string | undefined;
}

/** Where serials are now, and who has them. */
export interface Location {
  /** What they are in, and what stands by itself. */
  readonly unit: Epc | null;
  readonly outermost: Epc | null;
  readonly place: string | null;
  /** Of the place; where none is known, the shipment's origin before it leaves. */
  readonly site: string | null;
  /** Latest departure of those that list the outermost unit. */
  readonly shipment: string | null;
  readonly shipmentState: ShipmentState | null;
  /** Since when they are there, epoch ms UTC. */
  readonly since: number | null;
}

export interface RecallGroup extends Location {
  readonly serials: number;
}

export interface RecalledSerial extends Location {
  readonly epc: Epc;
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly status: string | null;
  /** When its own tag was last read, or what it is in last came somewhere; epoch ms UTC. */
  readonly lastSeen: number | null;
}

export interface Recall {
  /** That are seen. */
  readonly serials: number;
  /** That are not: at other sites. */
  readonly elsewhere: number;
  /** By place and unit, the largest first. */
  readonly groups: readonly RecallGroup[];
}

/** How many serials are looked up in one go where all are wanted. */
const CHUNK = 20_000;

/**
 * How many there are, and where. Serials with the same history share its rows (statements/shared-histories.ts): one of each is
 * followed, so that a lot of 100,000 on a hundred pallets costs about what a hundred serials do.
 *
 * @throws {InputError} RECALL_OF_WHAT
 */
export async function recall(database: Database, query: RecallQuery, seenFrom: SeenFrom): Promise<Recall> {
  return database.transaction(async (client) => {
    const kinds = await kindsOf(client, query, seenFrom);
    const rows = kinds.filter(({ isSeen }) => isSeen);
    const located = await locate(
      client,
      rows.map(({ epc }) => epc),
      seenFrom,
    );
    const groups = new Map<string, RecallGroup>();
    for (const { epc, serials } of rows) {
      const location = located.get(epc) ?? NOWHERE;
      const key = [location.unit, location.place, location.shipment].join('|');
      const before = groups.get(key);
      groups.set(key, { ...(before ?? location), serials: serials + (before?.serials ?? 0) });
    }
    const all = [...groups.values()].sort((a, b) => b.serials - a.serials || `${a.unit}`.localeCompare(`${b.unit}`));
    const serialsIn = (some: readonly Kind[]) => some.reduce((sum, { serials }) => sum + serials, 0);
    return { serials: serialsIn(rows), elsewhere: serialsIn(kinds) - serialsIn(rows), groups: all };
  });
}

/** A page of the serials, by EPC. */
export async function recalledSerials(
  database: Database,
  query: RecallQuery,
  request: PageRequest,
  seenFrom: SeenFrom,
): Promise<Page<RecalledSerial>> {
  const limit = limitOf(request);
  const after = afterOf(request, ['text'])?.[0] ?? '';
  const items = await database.transaction(async (client) => {
    const seen = await sightOf(client, query, seenFrom);
    return itemsAfter(client, { query, seen }, after, limit + 1, new Map());
  });
  return pageOf(items, limit, ({ epc }) => [epc]);
}

/** All of them, by EPC, some thousands at a time. */
export async function* everyRecalledSerial(
  database: Database,
  query: RecallQuery,
  seenFrom: SeenFrom,
): AsyncGenerator<RecalledSerial[]> {
  const seen = await database.transaction((client) => sightOf(client, query, seenFrom));
  const known = new Map<string, Location>();
  let after: Epc = '';
  for (;;) {
    const from = after;
    const items = await database.transaction((client) => itemsAfter(client, { query, seen }, from, CHUNK, known));
    const last = items.at(-1);
    if (last === undefined) return;
    yield items;
    after = last.epc;
  }
}

/** Serials that share both histories, and how they come to be seen. */
interface Kind extends HistoryPair {
  readonly epc: Epc;
  readonly serials: number;
  readonly isSeen: boolean;
  /** Seen by its histories, as all that share them. */
  readonly wasThere: boolean;
}

/** By a shipment that lists it, or a door that read it: each serial for itself. */
const isSeenItself = (places: string) => `(
  EXISTS (SELECT FROM shipment_lines l JOIN shipment_places k ON k.shipment = l.shipment
    WHERE l.epc = s.epc AND k.place = ANY (${places}::text[]))
  OR EXISTS (SELECT FROM pass_reads r JOIN passes a ON a.id = r.pass JOIN portals t ON t.id = a.portal
    WHERE r.epc = s.epc AND r.status IS DISTINCT FROM 'stray' AND (t.site = ANY (${places}::text[])
      OR t.inside = ANY (${places}::text[]) OR t.outside = ANY (${places}::text[]))))`;

/** Where it was follows from its histories: one of each is asked about. */
async function kindsOf(client: pg.ClientBase, query: RecallQuery, seenFrom: SeenFrom): Promise<Kind[]> {
  const { where, given } = conditionOf(query);
  const isSeen = seenFrom === null ? 'true' : isSeenItself(`$${given.length + 1}`);
  const { rows } = await client.query<Kind>(
    `SELECT m.history AS unit_history, p.history AS place_history, ${isSeen} AS "isSeen", false AS "wasThere", min(s.epc) AS epc,
       count(*) AS serials
     FROM serials s LEFT JOIN containment_members m ON m.subject = s.epc
       LEFT JOIN presence_members p ON p.subject = s.epc
     WHERE ${where} GROUP BY 1, 2, 3`,
    seenFrom === null ? given : [...given, seenFrom],
  );
  const open = rows.filter((row) => !row.isSeen).map(({ epc }) => epc);
  if (open.length === 0) return rows;
  const were = await client.query<{ epc: Epc }>(
    'SELECT epc FROM unnest($1::text[]) AS epc WHERE goods_were_at(epc, $2::text[])',
    [open, seenFrom],
  );
  const wereThere = new Set(were.rows.map(({ epc }) => epc));
  return rows.map((row) => (wereThere.has(row.epc) ? { ...row, isSeen: true, wasThere: true } : row));
}

/** What a query for single serials `s` needs so that it finds those that are seen. */
interface Sight {
  readonly from: SeenFrom;
  readonly joins: string;
  /** @param count how many parameters come before its own */
  readonly where: (count: number) => string;
  readonly given: readonly unknown[];
}

const EVERYTHING: Sight = { from: null, joins: '', where: () => '', given: [] };

async function sightOf(client: pg.ClientBase, query: RecallQuery, seenFrom: SeenFrom): Promise<Sight> {
  if (seenFrom === null) return EVERYTHING;
  const seen = (await kindsOf(client, query, seenFrom)).filter(({ wasThere }) => wasThere);
  return {
    from: seenFrom,
    joins: ` LEFT JOIN containment_members cm ON cm.subject = s.epc LEFT JOIN presence_members pm ON pm.subject = s.epc`,
    where: (count) => ` AND (${isSeenItself(`$${count + 1}`)} OR EXISTS (
      SELECT FROM unnest($${count + 2}::bigint[], $${count + 3}::bigint[]) AS kind (unit, place)
      WHERE kind.unit IS NOT DISTINCT FROM cm.history AND kind.place IS NOT DISTINCT FROM pm.history))`,
    given: [seenFrom, seen.map(({ unit_history }) => unit_history), seen.map(({ place_history }) => place_history)],
  };
}

interface HistoryPair {
  readonly unit_history: number | null;
  readonly place_history: number | null;
}

interface SerialRow extends HistoryPair {
  readonly epc: Epc;
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly status: string | null;
  readonly last_read: number | null;
}

/** @param after an EPC, or '' for the first ones */
async function itemsAfter(
  client: pg.ClientBase,
  { query, seen }: { readonly query: RecallQuery; readonly seen: Sight },
  after: Epc,
  count: number,
  known: Map<string, Location>,
): Promise<RecalledSerial[]> {
  const condition = conditionOf(query);
  const given = [...condition.given, ...seen.given];
  const where = `${condition.where}${seen.where(condition.given.length)}`;
  const [from, to] = [1, 2].map((n) => `$${given.length + n}`);
  const ends = await client.query<{ last: Epc | null }>(
    `SELECT max(epc) AS last FROM (
       SELECT s.epc FROM serials s${seen.joins} WHERE ${where} AND s.epc > ${from} ORDER BY s.epc LIMIT ${to}) AS page`,
    [...given, after, count],
  );
  const last = ends.rows[0]?.last ?? null;
  if (last === null) return [];
  // Between two EPCs, said of each table: the planner knows then how much lies there, and reads it in one go where the
  // serials are close together.
  const within = (epc: string) => `${epc} > ${from} AND ${epc} <= ${to}`;
  const { rows } = await client.query<SerialRow>(
    `SELECT s.epc, s.gtin, s.serial, s.lot, s.expiry, s.status, m.history AS unit_history, p.history AS place_history,
       max(r.last_seen) AS last_read
     FROM serials s${seen.joins}
       LEFT JOIN containment_members m ON m.subject = s.epc AND ${within('m.subject')}
       LEFT JOIN presence_members p ON p.subject = s.epc AND ${within('p.subject')}
       LEFT JOIN pass_reads r ON r.epc = s.epc AND ${within('r.epc')} AND r.status <> 'stray'
     WHERE ${where} AND ${within('s.epc')} GROUP BY s.epc, m.history, p.history ORDER BY s.epc`,
    [...given, after, last],
  );
  const keyOf = ({ unit_history, place_history }: HistoryPair) => `${unit_history}|${place_history}`;
  const first = new Map<string, Epc>();
  for (const row of rows) {
    const key = keyOf(row);
    if (!known.has(key) && !first.has(key)) first.set(key, row.epc);
  }
  const located = await locate(client, [...first.values()], seen.from);
  for (const [key, epc] of first) known.set(key, located.get(epc) ?? NOWHERE);
  return rows.map((row) => {
    const { epc, gtin, serial, lot, expiry, status, last_read } = row;
    const location = known.get(keyOf(row)) ?? NOWHERE;
    const lastSeen = Math.max(last_read ?? Number.NEGATIVE_INFINITY, location.since ?? Number.NEGATIVE_INFINITY);
    const seen = Number.isFinite(lastSeen) ? lastSeen : null;
    return { epc, gtin, serial, lot, expiry, status, ...location, lastSeen: seen };
  });
}

const NOWHERE: Location = {
  ...{ unit: null, outermost: null, place: null, site: null },
  ...{ shipment: null, shipmentState: null, since: null },
};

/** A place, and since when, epoch ms UTC; null: nobody knows. */
export interface Whereabouts {
  readonly place: string;
  readonly since: number | null;
}

/** Where goods stand now; those of which no place is known are left out. */
export async function whereabouts(database: Database, epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, Whereabouts>> {
  const located = await database.transaction((client) => locate(client, epcs, null));
  return new Map(
    [...located].flatMap(([epc, { place, since }]) => (place === null ? [] : [[epc, { place, since }] as const])),
  );
}

async function locate(
  client: pg.ClientBase,
  epcs: readonly Epc[],
  seenFrom: SeenFrom,
): Promise<ReadonlyMap<Epc, Location>> {
  if (epcs.length === 0) return new Map();
  const world = await loadWorld(client, epcs, { from: 0, to: Number.POSITIVE_INFINITY, places: true });
  const environments = new Environments(world);
  const chains = new Map(epcs.map((epc) => [epc, chainNow(epc, (child) => world.containment(child))]));
  const whereabouts = new Map(epcs.map((epc) => [epc, environments.places(epc).at(-1)]));
  const shipments = await shipmentsNow(client, [...chains.values()].flat(), seenFrom);
  const sites = await sitesOf(
    client,
    [...whereabouts.values()].flatMap((one) => one?.place ?? []),
  );
  const located = new Map<Epc, Location>();
  for (const [epc, chain] of chains) {
    const last = whereabouts.get(epc);
    const isThere = last !== undefined && last.to === Number.POSITIVE_INFINITY;
    const place = isThere ? last.place : null;
    const shipment = [...chain]
      .reverse()
      .map((unit) => shipments.get(unit))
      .find((one) => one !== undefined);
    const isBefore = shipment?.state === 'created' || shipment?.state === 'packed';
    located.set(epc, {
      unit: chain[0] ?? null,
      outermost: chain.at(-1) ?? null,
      place,
      site: place === null ? (isBefore ? (shipment?.origin ?? null) : null) : (sites.get(place) ?? place),
      shipment: shipment?.id ?? null,
      shipmentState: shipment?.state ?? null,
      since: isThere && Number.isFinite(last.from) ? last.from : null,
    });
  }
  return located;
}

function chainNow(
  epc: Epc,
  containment: (child: Epc) => readonly { readonly value: Epc; readonly to: number | null }[],
): Epc[] {
  const chain: Epc[] = [];
  const parentOf = (child: Epc) => containment(child).find(({ to }) => to === null)?.value;
  for (let unit = parentOf(epc); unit !== undefined && unit !== epc && !chain.includes(unit); unit = parentOf(unit)) {
    chain.push(unit);
  }
  return chain;
}

interface UnitShipment {
  readonly unit: Epc;
  readonly id: string;
  readonly state: ShipmentState;
  readonly origin: string;
}

async function shipmentsNow(
  client: pg.ClientBase,
  units: readonly Epc[],
  seenFrom: SeenFrom,
): Promise<ReadonlyMap<Epc, UnitShipment>> {
  const { rows } = await client.query<UnitShipment>(
    `SELECT DISTINCT ON (u.unit) u.unit, s.id, s.state, s.origin FROM shipment_units u
       JOIN shipments s ON s.id = u.shipment
     WHERE u.unit = ANY($1::text[]) AND ${isSeenFrom('s.id', '$2')} ORDER BY u.unit, s.departs DESC, s.id`,
    [[...new Set(units)], seenFrom],
  );
  return new Map(rows.map((row) => [row.unit, row]));
}

/** The site each place is or stands in; absent where no registered place leads to one. */
async function sitesOf(client: pg.ClientBase, places: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ place: string; site: string }>(
    `WITH RECURSIVE up (place, id, parent) AS (
       SELECT id, id, parent FROM places WHERE id = ANY($1::text[])
       UNION SELECT u.place, p.id, p.parent FROM up u JOIN places p ON p.id = u.parent)
     SELECT place, min(id) AS site FROM up WHERE id LIKE 'site:%' GROUP BY place`,
    [[...new Set(places)]],
  );
  return new Map(rows.map(({ place, site }) => [place, site]));
}

function conditionOf({ gtin, lot, shipment }: RecallQuery): { where: string; given: unknown[] } {
  const given: unknown[] = [];
  const conditions: string[] = [];
  const add = (condition: (parameter: string) => string, value: string | undefined) => {
    if (value !== undefined) conditions.push(condition(`$${given.push(value)}`));
  };
  add((parameter) => `s.gtin = ${parameter}`, gtin);
  // Lots are found by their folded form, as people write them.
  add((parameter) => `lower(s.lot) COLLATE "C" = lower(${parameter}) AND s.lot = ${parameter}`, lot);
  add((parameter) => `s.epc IN (SELECT epc FROM shipment_lines WHERE shipment = ${parameter} AND is_serial)`, shipment);
  if (conditions.length === 0) throw new InputError('RECALL_OF_WHAT', 'nothing given; allowed: gtin, lot, shipment');
  return { where: conditions.join(' AND '), given };
}
