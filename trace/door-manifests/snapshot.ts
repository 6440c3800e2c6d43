import type pg from 'pg';
import {
  type DoorManifest,
  EARLY_MS,
  type Epc,
  type ExpectedShipment,
  type ManifestDoor,
  type ManifestThing,
} from '../../domain/index.ts';
import { goodsState } from '../goods/index.ts';
import { type PassRuleVersion, PORTAL_COLUMNS } from '../passes/index.ts';
import { BLOCKING, STATUS_IN_FORCE } from '../serials/index.ts';
import { ancestorsAt, contentsAt } from '../statements/index.ts';
import { doorRules } from './rules.ts';

/** What a manifest holds at most, and how far ahead it looks. */
export interface DoorBounds {
  /** Serials and units. */
  readonly things: number;
  /** Shipments that depart later than this from now are not yet in it, ms. */
  readonly aheadMs: number;
}

/** A manifest without what numbers and dates it. */
export type Snapshot = Omit<DoorManifest, 'version' | 'madeAt' | 'completeUntil'>;

/**
 * What the doors of a gateway expect, and what may not pass them, as it stands in this transaction: open shipments from
 * and to their sites, nearest departure first, with all that is in them, and goods that are stopped anywhere. A shipment
 * is in it whole or not at all; what did not fit is counted.
 *
 * @param readers of the gateway, as it names them itself
 * @param now epoch ms UTC
 * @param rules over passes, in force or switched off; absent: they are not told
 */
export async function doorSnapshot(
  client: pg.ClientBase,
  gateway: { readonly id: string; readonly readers: readonly string[] },
  now: number,
  bounds: DoorBounds,
  rules?: readonly PassRuleVersion[],
): Promise<Snapshot> {
  const doors = await doorsOf(client, gateway.readers);
  const sites = [...new Set(doors.map(({ site }) => site))];
  const announced = await shipmentsAt(client, sites, now + EARLY_MS + bounds.aheadMs, now);
  const { shipments, listed, left } = await fitting(client, announced, bounds.things);
  const units = [...listed.keys()];
  const known = new Set(units);
  for (const inside of (await contentsAt(client, units, now)).values()) for (const { epc } of inside) known.add(epc);
  if (doors.length > 0) {
    for (const epc of await stopped(client, Math.max(0, bounds.things - known.size))) known.add(epc);
  }
  const ancestors = await ancestorsAt(client, [...known], now);
  const parents = new Map<Epc, Epc>();
  for (const [epc, chain] of ancestors) {
    let child = epc;
    for (const unit of chain) {
      known.add(unit);
      parents.set(child, unit);
      child = unit;
    }
  }
  // A unit that is known for one thing in it is known with all of it: half of it would be judged as the whole.
  const whole = await contentsAt(client, [...new Set(parents.values())], now);
  for (const inside of whole.values()) {
    for (const { epc, parent } of inside) {
      known.add(epc);
      parents.set(epc, parent);
    }
  }
  const things = await thingsOf(client, [...known].sort(), { parents, listed, now });
  const snapshot = { gateway: gateway.id, doors, shipments, things, left };
  if (rules === undefined) return snapshot;
  const ids = shipments.map(({ shipment }) => shipment);
  return { ...snapshot, rules: await doorRules(client, rules, { sites, shipments: ids, things }) };
}

async function doorsOf(client: pg.ClientBase, readers: readonly string[]): Promise<ManifestDoor[]> {
  const { rows } = await client.query<ManifestDoor>(`SELECT ${PORTAL_COLUMNS} FROM portals ORDER BY id`);
  return rows
    .filter(({ antennas }) => antennas.some(({ reader }) => readers.includes(reader)))
    .map(({ id, site, antennas, triggers, quietMs, capMs }) => ({ id, site, antennas, triggers, quietMs, capMs }));
}

interface Announced extends ExpectedShipment {
  /** Serials and units that it lists. */
  readonly size: number;
}

/** Nearest departure first. */
async function shipmentsAt(
  client: pg.ClientBase,
  sites: readonly string[],
  until: number,
  now: number,
): Promise<Announced[]> {
  if (sites.length === 0) return [];
  const { rows } = await client.query<Announced>(
    `SELECT id AS shipment, origin, destination, departs, closed_at AS "closedAt",
       ((SELECT count(*) FROM shipment_lines l WHERE l.shipment = s.id)
         + (SELECT count(*) FROM shipment_units u WHERE u.shipment = s.id))::integer AS size
     FROM shipments s WHERE state NOT IN ('closed', 'cancelled') AND departs < $2
       AND (origin = ANY($1::text[]) OR destination = ANY($1::text[])) ORDER BY departs DESC, id`,
    [sites, until],
  );
  return rows.sort((a, b) => Math.abs(a.departs - now) - Math.abs(b.departs - now));
}

/** As many shipments as fit, whole, and which of them lists what. */
async function fitting(client: pg.ClientBase, announced: readonly Announced[], most: number) {
  const taken: ExpectedShipment[] = [];
  let room = most;
  let things = 0;
  for (const { size, ...shipment } of announced) {
    if (size <= room) {
      taken.push(shipment);
      room -= size;
    } else things += size;
  }
  // As the verdict reads them.
  const shipments = taken.sort((a, b) => a.departs - b.departs || (a.shipment < b.shipment ? -1 : 1));
  const listed = new Map<Epc, string[]>();
  const { rows } = await client.query<{ epc: Epc; shipment: string }>(
    `SELECT epc, shipment FROM shipment_lines WHERE shipment = ANY($1::text[])
     UNION SELECT unit, shipment FROM shipment_units WHERE shipment = ANY($1::text[])`,
    [shipments.map(({ shipment }) => shipment)],
  );
  const order = new Map(shipments.map(({ shipment }, index) => [shipment, index]));
  const rank = (shipment: string) => order.get(shipment) ?? 0;
  for (const { epc, shipment } of rows) {
    listed.set(
      epc,
      [...(listed.get(epc) ?? []), shipment].sort((a, b) => rank(a) - rank(b)),
    );
  }
  const left = announced.length === taken.length ? null : { shipments: announced.length - taken.length, things };
  return { shipments, listed, left };
}

/** Serials that are stopped wherever they are, the latest first. */
async function stopped(client: pg.ClientBase, most: number): Promise<Epc[]> {
  const { rows } = await client.query<{ epc: Epc }>(
    `SELECT epc FROM serials WHERE status IN ('recalled', 'stolen', 'expired', 'quarantined', 'rejected')
     ORDER BY status_since DESC LIMIT $1`,
    [most],
  );
  return rows.map(({ epc }) => epc);
}

async function thingsOf(
  client: pg.ClientBase,
  epcs: readonly Epc[],
  known: {
    readonly parents: ReadonlyMap<Epc, Epc>;
    readonly listed: ReadonlyMap<Epc, readonly string[]>;
    readonly now: number;
  },
): Promise<ManifestThing[]> {
  const { parents, listed, now } = known;
  const [blocked, state] = [await blockedAt(client, epcs, now), await goodsState(client, epcs, now)];
  const { rows } = await client.query<{ epc: Epc; expiry: string }>(
    'SELECT epc, expiry FROM serials WHERE epc = ANY($1::text[]) AND expiry IS NOT NULL',
    [epcs],
  );
  const expiries = new Map(rows.map(({ epc, expiry }) => [epc, expiry]));
  return epcs.map((epc): ManifestThing => {
    const status = blocked.get(epc) ?? null;
    return {
      ...{ epc, inside: parents.get(epc) ?? null, shipments: listed.get(epc) ?? [] },
      ...{ expiry: expiries.get(epc) ?? null, status },
      // That it is past its expiry the door sees by itself, also when the day comes.
      reasons: (state.get(epc) ?? []).filter(({ finding }) => finding !== 'expired' || status === 'expired'),
    };
  });
}

/** Which of these may not move on by what has become of them, and why. */
async function blockedAt(client: pg.ClientBase, epcs: readonly Epc[], at: number): Promise<ReadonlyMap<Epc, string>> {
  const { rows } = await client.query<{ epc: Epc; status: string }>(
    `SELECT t.epc, s.status FROM unnest($1::text[]) AS t (epc) ${STATUS_IN_FORCE('$2')} WHERE s.status IS NOT NULL`,
    [epcs, at],
  );
  return new Map(rows.filter(({ status }) => BLOCKING.has(status)).map(({ epc, status }) => [epc, status]));
}
