import { type Epc, HeldValues, type History, metricByName, PROFILES, type Profile } from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import { type Environment, Environments, type World } from './environment.ts';
import { type JourneyFigures, journeyOf, type Leg, type LegFigures } from './journey.ts';
import { Measurements } from './measurements.ts';
import { type Listing, serialLimitsOf } from './serial-limits.ts';
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
    const limits = await serialLimitsOf(this.#database.pool, [epc], world.parents);
    const listings = limits.listings([epc, ...world.parents]);
    const product = limits.product(epc);
    const carried = limits.carriedIn(epc) ?? { carriedInMs: 0, since: from };
    const legs = legsOf(world, epc, { listings, otherwise: product.profile }, from, now);
    const values = await this.#values(legs, from, now);
    return journeyOf(legs, (device) => values.get(device) ?? HeldValues.none, {
      windowMs: product.windowMs ?? lastProfile(legs)?.mktWindowMs ?? null,
      budget: product.budgetMs === null ? null : { budgetMs: product.budgetMs, ...carried },
    });
  }

  async #values(legs: readonly Leg[], from: number, to: number): Promise<ReadonlyMap<string, HeldValues>> {
    const values = new Map<string, HeldValues>();
    for (const device of new Set(legs.flatMap(({ devices }) => devices))) {
      values.set(device, await this.#measurements.during(device, TEMPERATURE, from, to));
    }
    return values;
  }
}

export const TEMPERATURE = metricByName('temperature')?.code ?? 0;

/** The storage profile that was in force last; undefined where nobody ever said one. */
export function lastProfile(legs: readonly Leg[]): Profile | undefined {
  return PROFILES.find(({ id }) => id === legs.findLast((leg) => leg.profile !== null)?.profile);
}

/** Between which limits something had to be. */
export interface Profiles {
  /** The last to hold first. */
  readonly listings: readonly Listing[];
  /** Where no notice lists it. */
  readonly otherwise: string | null;
}

/** When it first was in something, somewhere, or had a device of its own; Infinity where it never did. */
export function firstKnown(world: World, epc: Epc): number {
  const words = [...world.containment(epc), ...world.presence(epc), ...world.devices(epc)];
  return words.reduce((first, { from }) => Math.min(first, from), Number.POSITIVE_INFINITY);
}

/**
 * The chain of an EPC's environments over [from, to) without holes, cut where another shipment has it. Pure.
 * @param remembered environments of the same world, where more than one EPC is asked for
 */
export function legsOf(
  world: World,
  epc: Epc,
  profiles: Profiles,
  from: number,
  to: number,
  remembered: Environments = new Environments(world),
): Leg[] {
  const environments = remembered.of(epc);
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
