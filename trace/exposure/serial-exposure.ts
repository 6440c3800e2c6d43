import { gtinOf } from '../../codecs/epc/index.ts';
import { type Epc, type History, metricByName, PROFILES } from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import { type Environment, Environments, type World } from './environment.ts';
import { HeldValues } from './held-values.ts';
import { type Budget, type JourneyFigures, journeyOf, type Leg, type LegFigures } from './journey.ts';
import { Measurements } from './measurements.ts';
import { throughKey } from './stretch.ts';
import { loadWorld } from './world.ts';

/** What a serial was exposed to from when it was first heard of until now. */
export interface SerialExposure {
  /** Ascending, without holes. */
  readonly legs: readonly LegFigures[];
  readonly journey: JourneyFigures;
}

/** Exposure of single serials and units (docs/trace.md, "Environment and exposure"). */
export class SerialExposures {
  readonly #database: Database;
  readonly #measurements: Measurements;

  constructor({ database, history }: { readonly database: Database; readonly history: History }) {
    this.#database = database;
    this.#measurements = new Measurements({ devices: new PostgresDeviceFacts({ client: database.pool }), history });
  }

  /**
   * @param now epoch ms UTC
   * @returns null where it was in nothing and nowhere by then
   */
  async of(epc: Epc, now: number): Promise<SerialExposure | null> {
    const world = await loadWorld(this.#database.pool, [epc], { from: 0, to: now, places: true });
    const from = firstKnown(world, epc);
    if (from >= now) return null;
    const listings = await this.#listings([epc, ...world.parents]);
    const product = await this.#product(epc);
    const legs = legsOf(world, epc, { listings, otherwise: product.profile }, from, now);
    const values = await this.#values(legs, from, now);
    const profile = PROFILES.find(({ id }) => id === legs.findLast((leg) => leg.profile !== null)?.profile);
    return journeyOf(legs, (device) => values.get(device) ?? HeldValues.none, {
      windowMs: product.windowMs ?? profile?.mktWindowMs ?? null,
      budget: product.budgetMs === null ? null : await this.#budget(epc, product.budgetMs, from),
    });
  }

  async #values(legs: readonly Leg[], from: number, to: number): Promise<ReadonlyMap<string, HeldValues>> {
    const values = new Map<string, HeldValues>();
    for (const device of new Set(legs.flatMap(({ devices }) => devices))) {
      values.set(device, await this.#measurements.during(device, TEMPERATURE, from, to));
    }
    return values;
  }

  /** Notices that list these, the last to hold first. */
  async #listings(epcs: readonly Epc[]): Promise<readonly Listing[]> {
    const { rows } = await this.#database.query<Listing>(
      `SELECT l.epc, s.profile, coalesce(u.since, s.departs) AS since FROM shipment_lines l
         JOIN shipments s ON s.id = l.shipment LEFT JOIN shipment_units u ON u.shipment = l.shipment AND u.unit = l.unit
       WHERE l.epc = ANY($1::text[])
       UNION SELECT u.unit, s.profile, u.since FROM shipment_units u JOIN shipments s ON s.id = u.shipment
       WHERE u.unit = ANY($1::text[]) ORDER BY since DESC, profile`,
      [epcs],
    );
    return rows;
  }

  /** What the last notice to depart says its product stands; else what is registered of the product. */
  async #product(epc: Epc): Promise<ProductLimits> {
    const { rows } = await this.#database.query<ProductLimits>(
      `SELECT coalesce(n.budget_ms, p.budget_ms) AS "budgetMs", coalesce(n.mkt_window_ms, p.mkt_window_ms) AS "windowMs",
         p.profile
       FROM (SELECT $2::text AS gtin) g LEFT JOIN products p USING (gtin)
         LEFT JOIN LATERAL (
           SELECT l.budget_ms, l.mkt_window_ms
           FROM shipment_lines i JOIN shipments s ON s.id = i.shipment JOIN shipment_products l ON l.shipment = i.shipment
             LEFT JOIN serials k ON k.epc = i.epc
           WHERE i.epc = $1 AND l.gtin = g.gtin AND (l.budget_ms IS NOT NULL OR l.mkt_window_ms IS NOT NULL)
           ORDER BY s.departs DESC, s.id, l.lot IS NOT DISTINCT FROM k.lot DESC, l.line LIMIT 1) n ON true`,
      [epc, gtinOf(epc)],
    );
    return rows[0] ?? { budgetMs: null, windowMs: null, profile: null };
  }

  /** What the latest notice says was used before replaces all that we know of from before it. */
  async #budget(epc: Epc, budgetMs: number, from: number): Promise<Budget> {
    const { rows } = await this.#database.query<{ carriedInMs: number; since: number }>(
      `SELECT l.budget_used_ms AS "carriedInMs", u.since FROM shipment_lines l
         JOIN shipment_units u ON u.shipment = l.shipment AND u.unit = l.unit
       WHERE l.epc = $1 AND l.budget_used_ms IS NOT NULL ORDER BY u.since DESC, l.shipment DESC LIMIT 1`,
      [epc],
    );
    return { budgetMs, ...(rows[0] ?? { carriedInMs: 0, since: from }) };
  }
}

const TEMPERATURE = metricByName('temperature')?.code ?? 0;

interface ProductLimits {
  readonly budgetMs: number | null;
  readonly windowMs: number | null;
  readonly profile: string | null;
}

/** Between which limits something had to be. */
export interface Profiles {
  /** The last to hold first. */
  readonly listings: readonly Listing[];
  /** Where no notice lists it. */
  readonly otherwise: string | null;
}

/** A notice lists an EPC from a moment on. */
export interface Listing {
  readonly epc: Epc;
  readonly profile: string;
  readonly since: number;
}

/** When it first was in something, somewhere, or had a device of its own; Infinity where it never did. */
export function firstKnown(world: World, epc: Epc): number {
  const words = [...world.containment(epc), ...world.presence(epc), ...world.devices(epc)];
  return words.reduce((first, { from }) => Math.min(first, from), Number.POSITIVE_INFINITY);
}

/** The chain of an EPC's environments over [from, to) without holes, cut where another shipment has it. Pure. */
export function legsOf(world: World, epc: Epc, profiles: Profiles, from: number, to: number): Leg[] {
  const environments = new Environments(world).of(epc);
  const edges = new Set([from, to]);
  for (const environment of environments) edges.add(environment.from).add(environment.to);
  for (const { since } of profiles.listings) edges.add(since);
  const moments = [...edges].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
  const legs: Leg[] = [];
  for (const [index, start] of moments.entries()) {
    const end = moments[index + 1];
    if (end === undefined) break;
    const environment = environments.find((one) => one.from <= start && start < one.to);
    const profile = profileAt(world, epc, profiles, start);
    const leg = { from: start, to: end, ...airOf(environment), profile, limits: limitsOf(profile) };
    const last = legs.at(-1);
    if (last !== undefined && isAlike(last, leg)) legs[legs.length - 1] = { ...last, to: end };
    else legs.push(leg);
  }
  return legs;
}

function airOf(environment: Environment | undefined): Pick<Leg, 'devices' | 'through'> {
  const { devices = [], through = null } = environment ?? {};
  return { devices, through };
}

/** Of the shipment it, or what it then was in, was last listed in by then; where it was listed only later, the first. */
function profileAt(world: World, epc: Epc, { listings, otherwise }: Profiles, at: number): string | null {
  const around = new Set<Epc>();
  for (let unit: Epc | undefined = epc; unit !== undefined && !around.has(unit); ) {
    around.add(unit);
    unit = world.containment(unit).find((held) => held.from <= at && at < (held.to ?? Number.POSITIVE_INFINITY))?.value;
  }
  const own = listings.filter((listing) => around.has(listing.epc));
  return (own.find(({ since }) => since <= at) ?? own.at(-1) ?? listings.at(-1))?.profile ?? otherwise;
}

function limitsOf(profileId: string | null): Leg['limits'] {
  const { min = null, max = null } = PROFILES.find(({ id }) => id === profileId) ?? {};
  return { min, max };
}

function isAlike(a: Leg, b: Leg): boolean {
  return (
    a.profile === b.profile &&
    a.devices.join('\n') === b.devices.join('\n') &&
    (a.through === null ? b.through === null : b.through !== null && throughKey(a.through) === throughKey(b.through))
  );
}
