import { gtinOf, isSgtin, serialOf } from '../../codecs/epc/index.ts';
import {
  type AffectedGroup,
  type Carried,
  type Epc,
  type Exposure,
  type ExposureQuery,
  type Finding,
  type FoundGroup,
  figuresDuring,
  type HeldValues,
  type History,
  metricByCode,
  type SerialIdentity,
} from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import type { Holding } from '../statements/index.ts';
import { type Environment, Environments, type World } from './environment.ts';
import { foundGroups } from './goods-desk.ts';
import { Measurements } from './measurements.ts';
import { minutesWithin, type Stretch, stretchesOf, throughKey } from './stretch.ts';
import { candidatesAround, loadWorld } from './world.ts';

/** Which serials a finding touched, for how long, and what was measured meanwhile (trace.md). */
export class TraceExposure implements Exposure {
  readonly #database: Database;
  readonly #measurements: Measurements;

  constructor({ database, history }: { readonly database: Database; readonly history: History }) {
    this.#database = database;
    this.#measurements = new Measurements({ devices: new PostgresDeviceFacts({ client: database.pool }), history });
  }

  /**
   * Serials whose environment came from the finding's device during [from, to), each stretch its own group: a serial
   * that was taken away and brought back is in two. Sorted by `from`, then unit; serials sorted.
   */
  async affected(query: ExposureQuery): Promise<readonly AffectedGroup[]> {
    const from = query.from;
    const to = query.to ?? Number.POSITIVE_INFINITY;
    const subjects = await this.#subjectsOf(query.device, from, to);
    if (subjects.length === 0) return [];
    const client = this.#database.pool;
    const candidates = await candidatesAround(client, subjects, from, to);
    const places = subjects.some((subject) => !subject.startsWith('urn:'));
    const world = await loadWorld(client, candidates, { from, to, places });
    const serials = candidates.filter((epc) => isSgtin(epc) && !world.parents.has(epc));
    const stretches = sharedStretches(world, serials, query.device, from, to);
    if (stretches.length === 0) return [];
    const shipments = await this.#shipmentsOf(stretches);
    const values = await this.#values(query, stretches);
    const isTemperature = metricByCode(query.metric)?.name === 'temperature';
    return stretches.map(({ stretch, serials }) => ({
      unit: unitOf(stretch.through, world),
      shipment: shipmentAt(shipments, stretch),
      from: stretch.from,
      to: stretch.to === Number.POSITIVE_INFINITY ? null : stretch.to,
      minutesOutOfRange: minutesWithin(query.runs, stretch.from, stretch.to),
      ...figuresDuring(values, stretch.from, stretch.to, isTemperature),
      serials,
    }));
  }

  async carried(pass: string, at: number, epcs: readonly Epc[]): Promise<Carried> {
    const { rows } = await this.#database.query<{ epc: Epc; unit: Epc | null; shipment: string | null }>(
      `SELECT r.epc, c.parent AS unit, l.shipment FROM unnest($1::text[]) AS r (epc)
       LEFT JOIN containment c ON c.child = r.epc AND c.holds AND c.since <= $2 AND (c.until IS NULL OR c.until > $2)
       LEFT JOIN LATERAL (
         SELECT h.id AS shipment FROM (SELECT shipment FROM shipment_lines WHERE epc = r.epc
             UNION SELECT shipment FROM shipment_units WHERE unit = r.epc
             UNION SELECT shipment FROM shipment_units WHERE unit = c.parent) AS listed
           JOIN shipments h ON h.id = listed.shipment ORDER BY h.departs DESC, h.id LIMIT 1) AS l ON true
       ORDER BY r.epc`,
      [epcs, at],
    );
    const groups = Map.groupBy(rows, ({ unit, shipment }) => JSON.stringify([unit, shipment]));
    return {
      groups: [...groups.values()].map((group) => ({
        unit: group[0]?.unit ?? null,
        shipment: group[0]?.shipment ?? null,
        serials: [...new Set(group.map(({ epc }) => epc))],
      })),
      shipments: await this.#shipmentsIn(pass),
    };
  }

  foundInGoods(finding: Pick<Finding, 'rule' | 'key' | 'from'>): Promise<readonly FoundGroup[]> {
    return foundGroups(this.#database, finding);
  }

  /** Shipments that were expected in a pass. */
  async #shipmentsIn(pass: string): Promise<string[]> {
    const id = /^pass-(\d{1,15})$/.exec(pass)?.[1];
    if (id === undefined) return [];
    const { rows } = await this.#database.query<{ shipment: string }>(
      `SELECT shipment FROM pass_units WHERE pass = $1 AND shipment IS NOT NULL
       UNION SELECT jsonb_array_elements_text(verdict -> 'shipments') FROM passes WHERE id = $1
       ORDER BY shipment`,
      [Number(id)],
    );
    return rows.map(({ shipment }) => shipment);
  }

  async identities(epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, SerialIdentity>> {
    const { rows } = await this.#database.query<SerialIdentity>(
      'SELECT epc, gtin, serial, lot, expiry FROM serials WHERE epc = ANY($1::text[])',
      [epcs],
    );
    const identities = new Map<Epc, SerialIdentity>();
    for (const identity of rows) identities.set(identity.epc, identity);
    for (const epc of epcs) {
      if (identities.has(epc)) continue;
      identities.set(epc, { epc, gtin: gtinOf(epc), serial: serialOf(epc), lot: null, expiry: null });
    }
    return identities;
  }

  /** Units and places that the device was attached to. */
  async #subjectsOf(device: string, from: number, to: number): Promise<string[]> {
    const { rows } = await this.#database.query<{ subject: string }>(
      `SELECT DISTINCT subject FROM attachments WHERE device = $1 AND holds AND subject IS NOT NULL
         AND since < $3::double precision AND (until IS NULL OR until > $2::double precision)`,
      [device, from, to],
    );
    return rows.map(({ subject }) => subject);
  }

  #values({ device, metric }: ExposureQuery, stretches: readonly SharedStretch[]): Promise<HeldValues> {
    const from = Math.min(...stretches.map(({ stretch }) => stretch.from));
    const to = Math.max(...stretches.map(({ stretch }) => stretch.to));
    return this.#measurements.during(device, metric, from, to);
  }

  async #shipmentsOf(stretches: readonly SharedStretch[]): Promise<ReadonlyMap<Epc, readonly ListedIn[]>> {
    const epcs = new Set(
      stretches.map(({ stretch: { through } }) => ('unit' in through ? through.unit : through.carrier)),
    );
    const { rows } = await this.#database.query<ListedIn & { epc: Epc }>(
      `SELECT unit AS epc, shipment, since FROM shipment_units WHERE unit = ANY($1::text[])
       UNION
       SELECT l.epc, l.shipment, u.since FROM shipment_lines l
         JOIN shipment_units u ON u.shipment = l.shipment AND u.unit = l.unit WHERE l.epc = ANY($1::text[])
       ORDER BY since, shipment`,
      [[...epcs]],
    );
    const shipments = new Map<Epc, ListedIn[]>();
    for (const { epc, shipment, since } of rows) {
      const list = shipments.get(epc);
      if (list === undefined) shipments.set(epc, [{ shipment, since }]);
      else list.push({ shipment, since });
    }
    return shipments;
  }
}

interface ListedIn {
  readonly shipment: string;
  readonly since: number;
}

/** Serials that were in the device's air together. */
interface SharedStretch {
  readonly stretch: Stretch;
  readonly serials: readonly Epc[];
}

/**
 * Stretches of many serials: those with the same facts are worked out once, and equal stretches are put together.
 * Pure.
 */
export function sharedStretches(
  world: World,
  serials: readonly Epc[],
  device: string,
  from: number,
  to: number,
): SharedStretch[] {
  const environments = new Environments(world);
  // Serials of one path have the same list: it is read once.
  const byPath = new Map<readonly Holding[], Epc[]>();
  const alike = new Map<string, Epc[]>();
  for (const epc of serials) {
    if (world.devices(epc).length > 0 || world.presence(epc).length > 0) alike.set(epc, [epc]);
    else push(byPath, world.containment(epc), epc);
  }
  for (const [containment, epcs] of byPath) {
    const key = signature(containment);
    const others = alike.get(key);
    if (others === undefined) alike.set(key, epcs);
    else for (const epc of epcs) others.push(epc);
  }
  const shared = new Map<string, { stretch: Stretch; serials: Epc[] }>();
  for (const epcs of alike.values()) {
    const one = epcs[0];
    if (one === undefined) continue;
    for (const stretch of stretchesOf(environments, one, device, from, to)) {
      const key = `${stretch.from} ${stretch.to} ${throughKey(stretch.through)}`;
      const known = shared.get(key);
      if (known === undefined) shared.set(key, { stretch, serials: [...epcs] });
      else for (const epc of epcs) known.serials.push(epc);
    }
  }
  for (const { serials: together } of shared.values()) together.sort();
  return [...shared.values()].sort((a, b) => a.stretch.from - b.stretch.from || compareThrough(a.stretch, b.stretch));
}

/** Equal for serials whose environments must be equal, unless they have facts of their own. */
function signature(containment: readonly Holding[]): string {
  return containment.map(({ value, from, to }) => `${value} ${from} ${to}`).join('|');
}

function compareThrough(a: Stretch, b: Stretch): number {
  const [one, other] = [throughKey(a.through), throughKey(b.through)];
  return one < other ? -1 : one > other ? 1 : a.to - b.to;
}

/** What the serials were exposed through: the unit with the device, or the unit that was brought to the place. */
function unitOf(through: Environment['through'], world: { readonly parents: ReadonlySet<Epc> }): Epc | null {
  if ('unit' in through) return through.unit;
  return world.parents.has(through.carrier) ? through.carrier : null;
}

/** The shipment the unit was last listed in by then; where it was listed only later, the first. */
function shipmentAt(shipments: ReadonlyMap<Epc, readonly ListedIn[]>, { through, from }: Stretch): string | null {
  const listed = shipments.get('unit' in through ? through.unit : through.carrier) ?? [];
  return (listed.findLast(({ since }) => since <= from) ?? listed[0])?.shipment ?? null;
}

function push<Key>(groups: Map<Key, Epc[]>, key: Key, epc: Epc): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [epc]);
  else group.push(epc);
}
