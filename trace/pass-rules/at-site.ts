import type pg from 'pg';
import type { Epc, Portal } from '../../domain/index.ts';
import { EARLY_MS, type JudgedPass } from '../passes/index.ts';
import { firstOf } from './kinds/shortage.ts';
import type { Passage, ShipmentAtSite, ShipmentFacts } from './pass-facts.ts';

/** Some shipments as the doors of one of their sites saw them. */
export async function shipmentsAtSite(
  client: pg.ClientBase,
  judged: JudgedPass,
  shipments: readonly ShipmentFacts[],
  doors: readonly Pick<Portal, 'id'>[],
): Promise<ShipmentAtSite[]> {
  if (shipments.length === 0) return [];
  const ids = shipments.map(({ id }) => id);
  const portals = doors.map(({ id }) => id);
  const units = await client.query<{ shipment: string; unit: Epc }>(
    'SELECT shipment, unit FROM shipment_units WHERE shipment = ANY($1::text[]) AND is_outermost ORDER BY unit',
    [ids],
  );
  const passages = await client.query<Passage & { shipment: string }>(
    `SELECT u.shipment, m.unit, m.pass, p.portal, m.direction, p.since AS "from", p.until AS "to"
     FROM shipment_units u JOIN pass_units m ON m.unit = u.unit JOIN passes p ON p.id = m.pass
     WHERE u.shipment = ANY($1::text[]) AND u.is_outermost AND p.portal = ANY($2::text[]) ORDER BY p.since, p.portal`,
    [ids, portals],
  );
  const unitsOf = Map.groupBy(units.rows, ({ shipment }) => shipment);
  const passagesOf = Map.groupBy(passages.rows, ({ shipment }) => shipment);
  const all: ShipmentAtSite[] = [];
  for (const shipment of shipments) {
    const role = judged.portal.site === shipment.destination ? 'destination' : 'origin';
    const outermost = (unitsOf.get(shipment.id) ?? []).map(({ unit }) => unit);
    const own = (passagesOf.get(shipment.id) ?? []).filter(({ from }) => isExpectedAt(shipment, from));
    const absent = new Set(outermost.filter((unit) => firstOf(own, unit, role) === undefined));
    const serialsOf = absent.size === 0 ? new Map<Epc, Epc[]>() : await serialsIn(client, shipment.id, absent);
    const missing = judged.outcome.missing.filter((one) => one.shipment === shipment.id).map(({ epc }) => epc);
    const short = [...missing, ...absent, ...[...serialsOf.values()].flat()];
    const found = await foundAllTheSame(client, { shipment, role, epcs: short, portals, passages: own });
    all.push({ shipment, role, outermost, passages: own, serialsOf, found });
  }
  return all;
}

function isExpectedAt({ departs, closedAt }: ShipmentFacts, at: number): boolean {
  return at >= departs - EARLY_MS && (closedAt === null || at < closedAt);
}

/** Listed serials by the outermost unit they are listed in, of some units. */
async function serialsIn(
  client: pg.ClientBase,
  shipment: string,
  outermost: ReadonlySet<Epc>,
): Promise<Map<Epc, Epc[]>> {
  const { rows } = await client.query<{ epc: Epc; unit: Epc | null; is_serial: boolean }>(
    'SELECT epc, unit, is_serial FROM shipment_lines WHERE shipment = $1 ORDER BY epc',
    [shipment],
  );
  const parents = new Map(rows.map(({ epc, unit }) => [epc, unit]));
  const serials = new Map<Epc, Epc[]>();
  for (const { epc, is_serial } of rows) {
    const top = is_serial ? topOf(epc, parents) : epc;
    if (!is_serial || !outermost.has(top)) continue;
    const list = serials.get(top);
    if (list === undefined) serials.set(top, [epc]);
    else list.push(epc);
  }
  return serials;
}

function topOf(epc: Epc, parents: ReadonlyMap<Epc, Epc | null>): Epc {
  const seen = new Set<Epc>();
  let top = epc;
  for (let unit = parents.get(top); unit != null && !seen.has(unit); unit = parents.get(unit)) {
    seen.add(unit);
    top = unit;
  }
  return top;
}

/** Of these, what was read at the site all the same, or later elsewhere, or was in the last count of a unit that came in. */
async function foundAllTheSame(
  client: pg.ClientBase,
  {
    shipment,
    role,
    epcs,
    portals,
    passages,
  }: {
    readonly shipment: ShipmentFacts;
    readonly role: ShipmentAtSite['role'];
    readonly epcs: readonly Epc[];
    readonly portals: readonly string[];
    readonly passages: readonly Passage[];
  },
): Promise<Set<Epc>> {
  if (epcs.length === 0) return new Set();
  const [first] = passages;
  // What is read on the way did leave; what was read before it was to come has not come.
  const elsewhereFrom = role === 'origin' ? (first?.from ?? null) : null;
  const { rows: read } = await client.query<{ epc: Epc }>(
    `SELECT DISTINCT r.epc FROM pass_reads r JOIN passes p ON p.id = r.pass
     WHERE r.epc = ANY($1::text[]) AND r.status <> 'stray' AND p.since >= $3 AND ($4::bigint IS NULL OR p.since < $4)
       AND CASE WHEN p.portal = ANY($2::text[]) THEN r.direction <> $5 ELSE p.since >= $6::bigint END`,
    [epcs, portals, shipment.departs - EARLY_MS, shipment.closedAt, role === 'origin' ? 'in' : 'out', elsewhereFrom],
  );
  const found = new Set(read.map(({ epc }) => epc));
  if (role === 'origin' || first === undefined) return found;
  const { rows: counted } = await client.query<{ found: Epc[]; damaged: Epc[] }>(
    `SELECT DISTINCT ON (c.unit) c.found, c.damaged FROM shipment_units u JOIN unit_counts c ON c.unit = u.unit
     WHERE u.shipment = $1 AND c.at >= $2 ORDER BY c.unit, c.at DESC, c.position DESC, c.index DESC`,
    [shipment.id, first.from],
  );
  for (const count of counted) for (const epc of [...count.found, ...count.damaged]) found.add(epc);
  return found;
}
