import type pg from 'pg';
import { gtinOf } from '../../codecs/epc/index.ts';
import { type Epc, goodsOfPass, type PassRule, type Portal } from '../../domain/index.ts';
import {
  completeUntil,
  expectedBy,
  type JudgedPass,
  type Registry,
  readersOf,
  type TagNumbers,
  tagNumbersAt,
} from '../passes/index.ts';
import { shipmentsAtSite } from './at-site.ts';
import { longestTravelMs } from './kinds/clone.ts';
import { noticeData } from './notice-data.ts';
import type { GoodsFacts, PassFacts, ShipmentFacts, Sight, Stay } from './pass-facts.ts';
import { hourFacts, minutesBefore, shareSeries } from './usual/index.ts';

/** Loads what the rules in force at a pass judge it by, as it stands in this transaction. */
export async function factsOfPass(
  client: pg.ClientBase,
  registry: Registry,
  judged: JudgedPass,
  now: number,
): Promise<PassFacts> {
  const { portal, pass, evidence, outcome } = judged;
  const rules = registry.rulesAt(pass.from).map(({ rule }) => rule);
  const asks = (...kinds: readonly PassRule['kind'][]) => rules.some(({ kind }) => kinds.includes(kind));
  const isByGoods = rules.some(({ appliesTo }) => appliesTo !== undefined);
  const isBySite = asks('shortage', 'wrongDirection', 'wrongPortal');
  const isByShipment = isByGoods || isBySite || asks('diversion', 'badData');
  const shipments = isByShipment ? await shipmentsListing(client, judged) : new Map<string, ShipmentFacts>();
  const doors = [portal, ...registry.neighboursOf(portal)];
  const elsewhere = asks('clone') ? await sightsElsewhere(client, judged, registry.most(reach)) : new Map();
  const stays = asks('dwell') ? await staysAfter(client, judged) : new Map<Epc, Stay>();
  return {
    ...{ portal, evidence, outcome, now, shipments },
    ...goodsOfPass(evidence, outcome),
    siteComplete: asks('shortage', 'dwell') ? await completeUntil(client, doors.flatMap(readersOf)) : null,
    goods: isByGoods || asks('expired', 'noData') ? await goodsIn(client, judged) : new Map(),
    atSite: isBySite ? await shipmentsAtSite(client, judged, expectedHere(judged, shipments), doors) : [],
    ...{ elsewhere, stays },
    numbers: asks('clone') ? await numbersOf(client, judged) : new Map(),
    hour: asks('surge') ? await hourFacts(client, portal, pass.from) : null,
    shares: asks('weakReads') && evidence.isComplete ? await shareSeries(client, portal, pass.from) : [],
    usualStays: await usualStays(client, pass.from, stays),
    usualWays: await usualWays(client, judged, elsewhere),
    notices: asks('badData') ? await noticeData(client, judged, shipments) : null,
    arrived: asks('diversion') ? await arrivedBefore(client, judged) : new Set(),
  };
}

async function usualStays(client: pg.ClientBase, at: number, stays: ReadonlyMap<Epc, Stay>) {
  const places = [...new Set([...stays.values()].map(({ place }) => place))];
  return places.length === 0 ? new Map<string, number[]>() : minutesBefore(client, 'stay', places, at);
}

async function usualWays(
  client: pg.ClientBase,
  { portal, pass }: JudgedPass,
  elsewhere: ReadonlyMap<Epc, readonly Sight[]>,
) {
  const sites = [...new Set([...elsewhere.values()].flat().map(({ site }) => site))];
  const ways = sites.map((site) => `${site}>${portal.site}`);
  return ways.length === 0 ? new Map<string, number[]>() : minutesBefore(client, 'way', ways, pass.from);
}

/** How long before a pass it matters where something was read. */
export function reach(rule: PassRule): number {
  return rule.kind === 'clone' ? longestTravelMs(rule) : 0;
}

/** Everything that the pass tells of: what was read, what went through, and what that is in. */
function goodsOf({ evidence, outcome }: JudgedPass): Epc[] {
  const epcs = new Set([...outcome.reads.map(({ epc }) => epc), ...outcome.through]);
  for (const epc of [...epcs]) for (const unit of evidence.ancestors(epc)) epcs.add(unit);
  return [...epcs];
}

async function shipmentsListing(client: pg.ClientBase, judged: JudgedPass): Promise<Map<string, ShipmentFacts>> {
  const listed = goodsOf(judged).flatMap((epc) => judged.evidence.expectations(epc));
  const ids = new Set(listed.map(({ shipment }) => shipment));
  if (ids.size === 0) return new Map();
  const { rows } = await client.query<ShipmentFacts>(
    `SELECT id, profile, origin, destination, departs, closed_at AS "closedAt",
       (SELECT gtin FROM shipment_products p WHERE p.shipment = s.id ORDER BY line LIMIT 1) AS gtin
     FROM shipments s WHERE id = ANY($1::text[]) ORDER BY departs, id`,
    [[...ids]],
  );
  return new Map(rows.map((shipment) => [shipment.id, shipment]));
}

function expectedHere({ evidence, outcome }: JudgedPass, shipments: ReadonlyMap<string, ShipmentFacts>) {
  const units = outcome.units.flatMap(({ unit }) => expectedBy(evidence, unit)).map(({ shipment }) => shipment);
  const ids = new Set([...units, ...outcome.verdict.shipments]);
  return [...shipments.values()].filter(({ id }) => ids.has(id));
}

async function goodsIn(client: pg.ClientBase, { outcome }: JudgedPass): Promise<Map<Epc, GoodsFacts>> {
  const { rows } = await client.query<Omit<GoodsFacts, 'gtin'> & { epc: Epc }>(
    `SELECT t.epc, s.lot, s.expiry, s.unreadable_expiry AS "unreadableExpiry", p.profile
     FROM unnest($1::text[], $2::text[]) AS t (epc, gtin) LEFT JOIN serials s ON s.epc = t.epc
       LEFT JOIN products p ON p.gtin = t.gtin`,
    [outcome.through, outcome.through.map((epc) => gtinOf(epc))],
  );
  return new Map(rows.map(({ epc, ...goods }) => [epc, { ...goods, gtin: gtinOf(epc) }]));
}

async function sightsElsewhere(
  client: pg.ClientBase,
  { portal, pass, evidence, outcome }: JudgedPass,
  reachMs: number,
): Promise<Map<Epc, Sight[]>> {
  const here = outcome.reads.filter(({ status }) => status !== 'stray' && status !== 'other').map(({ epc }) => epc);
  const asked = new Set(here.flatMap((epc) => [epc, ...evidence.ancestors(epc)]));
  const { rows } = await client.query<Sight & { epc: Epc }>(
    `SELECT r.epc, p.portal, t.site, p.since AS "from", p.until AS "to"
     FROM pass_reads r JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
     WHERE r.epc = ANY($1::text[]) AND r.status <> 'stray' AND t.site <> $2
       AND (p.since, p.portal) < ($3::bigint, $4::text) AND p.until > $5 ORDER BY p.since, p.portal`,
    [[...asked], portal.site, pass.from, portal.id, pass.from - reachMs],
  );
  const sights = new Map<Epc, Sight[]>();
  for (const { epc, ...sight } of rows) sights.set(epc, [...(sights.get(epc) ?? []), sight]);
  return sights;
}

async function numbersOf(client: pg.ClientBase, { portal, pass }: JudgedPass): Promise<Map<Epc, TagNumbers>> {
  const memories = pass.reads.map(({ epcHex }) => epcHex);
  const numbers = await tagNumbersAt(client, portal, pass, memories);
  return new Map(
    pass.reads.flatMap(({ epc, epcHex }) => {
      const own = numbers.get(epcHex);
      return own === undefined ? [] : [[epc, own] as const];
    }),
  );
}

/** Until it is seen elsewhere, or packed into something. */
async function staysAfter(client: pg.ClientBase, { portal, pass, outcome }: JudgedPass): Promise<Map<Epc, Stay>> {
  const moved = outcome.moved.map(({ epc }) => epc);
  if (moved.length === 0) return new Map();
  const { rows } = await client.query<{ epc: Epc; until: number | null; packed: number | null }>(
    `SELECT t.epc, n.until, (SELECT min(c.since) FROM containment c
         WHERE c.child = t.epc AND c.holds AND c.parent IS NOT NULL AND c.since > $2) AS packed
     FROM unnest($1::text[]) AS t (epc) JOIN presence n ON n.epc = t.epc AND n.holds AND n.since = $2 AND n.source = $3`,
    [moved, pass.from, `pass:${pass.id}`],
  );
  const placeOf = new Map(outcome.moved.map(({ epc, direction }) => [epc, placeBehind(portal, direction)]));
  return new Map(
    rows.map(({ epc, until, packed }) => {
      const ends = [until, packed].filter((at) => at !== null);
      return [epc, { place: placeOf.get(epc) ?? '', to: ends.length === 0 ? null : Math.min(...ends) }];
    }),
  );
}

function placeBehind({ inside, outside }: Portal, direction: string): string {
  return direction === 'in' ? inside : outside;
}

async function arrivedBefore(client: pg.ClientBase, { pass, outcome, evidence }: JudgedPass): Promise<Set<Epc>> {
  const families = outcome.through.filter((epc) => evidence.ancestors(epc).length === 0);
  if (families.length === 0) return new Set();
  const { rows } = await client.query<{ unit: Epc }>(
    `SELECT DISTINCT u.unit FROM shipment_units u JOIN shipments s ON s.id = u.shipment
       JOIN pass_units m ON m.unit = u.unit JOIN passes p ON p.id = m.pass JOIN portals t ON t.id = p.portal
     WHERE u.unit = ANY($1::text[]) AND t.site = s.destination AND m.direction = 'in' AND p.since < $2`,
    [families, pass.from],
  );
  return new Set(rows.map(({ unit }) => unit));
}
