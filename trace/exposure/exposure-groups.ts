import { type AirLimits, airDuring, type Epc, HeldValues, type History, minutesOf } from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import { Environments } from './environment.ts';
import { type JourneyFigures, journeyOf, type Leg } from './journey.ts';
import { type MeasuredKey, Measurements } from './measurements.ts';
import { firstKnown, lastProfile, legsOf, TEMPERATURE } from './serial-exposure.ts';
import { type CarriedIn, type ProductLimits, type SerialIdentity, serialLimitsOf } from './serial-limits.ts';
import { type LoadedWorld, loadWorld } from './world.ts';

/** Serials of one product and lot that went through the same: worked out once for all of them. */
export interface ExposureGroup {
  /** Sorted. */
  readonly epcs: readonly Epc[];
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  /** What they are in by the end, sorted. */
  readonly units: readonly Epc[];
  /** Storage profile that was in force last; null where nobody says one. */
  readonly profile: string | null;
  readonly limits: AirLimits;
  readonly devices: readonly string[];
  readonly journey: JourneyFigures;
  /** Of `journey.minutesUnknown`, the part in which a device said something, but nothing that can be believed. */
  readonly minutesSuspect: number;
  /** Of what is out of range, inside the excused stretches; and of that, since the budget counts. */
  readonly minutesExcused: number;
  readonly budgetExcused: number;
}

/** What a device measured in [from, to) is excused by a person: it counts as in range. Epoch ms UTC. */
export interface Excused {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

/** In [from, to) goods around `device` are judged by what `instead` measured, and by no other. Epoch ms UTC. */
export interface Chosen extends Excused {
  readonly instead: string;
}

/**
 * Exposure of many serials at once (docs/trace.md, "Environment and exposure"): what {@link SerialExposures} says of
 * each alone, worked out once for those with the same facts. Ten thousand serials of a pallet are one group.
 */
export class ExposureGroups {
  readonly #database: Database;
  readonly #measurements: Measurements;

  constructor({ database, history }: { readonly database: Database; readonly history: History }) {
    this.#database = database;
    this.#measurements = new Measurements({ devices: new PostgresDeviceFacts({ client: database.pool }), history });
  }

  /**
   * @param until epoch ms UTC: what came after is no part of it
   * @param excused what devices measured out of range then is given back
   * @param excluded while devices told the air then, it is no part of the journey
   * @param chosen where both are on the same goods; the last one said counts
   * @returns largest first; serials that were in nothing and nowhere by then are in no group
   */
  async of(
    epcs: readonly Epc[],
    {
      until,
      excused = [],
      excluded = [],
      chosen = [],
    }: {
      readonly until: number;
      readonly excused?: readonly Excused[];
      readonly excluded?: readonly Excused[];
      readonly chosen?: readonly Chosen[];
    },
  ): Promise<readonly ExposureGroup[]> {
    const { alike, from } = await this.alike(epcs, { until, excluded });
    const values = await this.values(alike, TEMPERATURE, from, until);
    const groups = alike.map(({ epcs: members, legs: whole, budget, product, identity, units }): ExposureGroup => {
      const legs = judgedBy(whole, chosen);
      const profile = lastProfile(legs);
      const { journey } = journeyOf(legs, (device) => values.get(device)?.good ?? HeldValues.none, {
        windowMs: product.windowMs ?? profile?.mktWindowMs ?? null,
        budget,
      });
      const since = budget?.since ?? from;
      return {
        epcs: members,
        ...identity,
        units,
        profile: profile?.id ?? null,
        limits: { min: profile?.min ?? null, max: profile?.max ?? null },
        devices: [...new Set(whole.flatMap(({ devices }) => devices))].sort(),
        journey,
        minutesSuspect: minutesOf(suspectMs(legs, values)),
        minutesExcused: minutesOf(excusedMs(legs, values, excused, from)),
        budgetExcused: minutesOf(excusedMs(legs, values, excused, since)),
      };
    });
    return groups.sort((a, b) => b.epcs.length - a.epcs.length || ((a.epcs[0] ?? '') < (b.epcs[0] ?? '') ? -1 : 1));
  }

  /** Serials with the same legs, product, lot and budget, and when the first of them was first heard of. */
  async alike(
    epcs: readonly Epc[],
    { until, excluded = [] }: { readonly until: number; readonly excluded?: readonly Excused[] },
  ): Promise<{ readonly alike: readonly Alike[]; readonly from: number }> {
    const world = await loadWorld(this.#database.pool, epcs, { from: 0, to: until, places: true });
    const alike = await this.#alike(epcs, world, until, excluded);
    return { alike, from: alike.reduce((first, { legs }) => Math.min(first, legs[0]?.from ?? first), until) };
  }

  /** What the devices of these groups measured of a metric during [from, until). */
  async values(
    alike: readonly Alike[],
    metric: number,
    from: number,
    until: number,
  ): Promise<ReadonlyMap<string, MeasuredKey>> {
    const values = new Map<string, MeasuredKey>();
    const devices = new Set(alike.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices)));
    for (const device of [...devices].sort()) {
      values.set(device, await this.#measurements.all(device, metric, from, until));
    }
    return values;
  }

  async #alike(
    epcs: readonly Epc[],
    world: LoadedWorld,
    until: number,
    excluded: readonly Excused[],
  ): Promise<readonly Alike[]> {
    const limits = await serialLimitsOf(this.#database.pool, epcs, world.parents);
    const environments = new Environments(world);
    const numbers = new Map<unknown, number>();
    const numberOf = (thing: unknown) => numbers.get(thing) ?? numbers.set(thing, numbers.size).size - 1;
    /** With a number for what they say, by which groups are told apart: they are long, and shared by thousands. */
    const sharedLegs = new Map<string, { readonly legs: readonly Leg[]; readonly number: number }>();
    const groups = new Map<string, Omit<Alike, 'epcs' | 'units'> & { epcs: Epc[]; units: Set<Epc> }>();
    for (const epc of new Set(epcs)) {
      const from = firstKnown(world, epc);
      if (from >= until) continue;
      const product = limits.product(epc);
      const own = limits.listings([epc]);
      const containment = world.containment(epc);
      const presence = world.presence(epc);
      const devices = world.devices(epc);
      // What decides its legs: the same history in the same units, and nothing of its own.
      const facts = JSON.stringify([
        ...[numberOf(containment), presence, devices, product.profile],
        own.map(({ profile, since }) => [profile, since]),
      ]);
      let shared = sharedLegs.get(facts);
      if (shared === undefined) {
        const around = unitsAround(world, epc);
        const listed = limits.listings([epc, ...around]);
        const whole = legsOf(world, epc, { listings: listed, otherwise: product.profile }, from, until, environments);
        const legs = without(whole, excluded);
        shared = {
          legs,
          number: numberOf(JSON.stringify(legs.map(({ from, to, devices, profile }) => [from, to, devices, profile]))),
        };
        sharedLegs.set(facts, shared);
      }
      const { legs, number } = shared;
      const identity = limits.identity(epc);
      const carried = limits.carriedIn(epc);
      const budget =
        product.budgetMs === null ? null : { budgetMs: product.budgetMs, carriedInMs: 0, since: from, ...carried };
      const key = `${number} ${JSON.stringify([identity, product.windowMs, product.thermalMassMs, budget, carried])}`;
      const known = groups.get(key);
      const alike = { legs, budget, carried: carried ?? null, product, identity };
      const group = known ?? { epcs: [], units: new Set<Epc>(), ...alike };
      group.epcs.push(epc);
      const unit = containment.findLast(({ to }) => to === null || to >= until)?.value;
      if (unit !== undefined) group.units.add(unit);
      if (known === undefined) groups.set(key, group);
    }
    return [...groups.values()].map(({ epcs: members, units, ...group }) => ({
      ...{ ...group, epcs: members.sort(), units: [...units].sort() },
    }));
  }
}

/** Serials that went through the same. */
export interface Alike {
  readonly epcs: readonly Epc[];
  readonly units: readonly Epc[];
  readonly legs: readonly Leg[];
  readonly budget: Parameters<typeof journeyOf>[2]['budget'];
  /** What it brought along, whether its product has a budget or not. */
  readonly carried: CarriedIn | null;
  readonly product: ProductLimits;
  readonly identity: SerialIdentity;
}

/** Legs without what is excluded of their devices. */
function without(legs: readonly Leg[], excluded: readonly Excused[]): readonly Leg[] {
  let left = legs;
  for (const { device, from, to } of excluded) {
    left = left.flatMap((leg) => {
      if (!leg.devices.includes(device) || from >= leg.to || to <= leg.from) return [leg];
      const parts = [
        { ...leg, to: Math.max(leg.from, from) },
        { ...leg, from: Math.min(leg.to, to) },
      ];
      return parts.filter((part) => part.from < part.to);
    });
  }
  return left;
}

/** Legs with the devices that count: where one was chosen in the place of another, it alone. */
function judgedBy(legs: readonly Leg[], chosen: readonly Chosen[]): readonly Leg[] {
  let judged = legs.map((leg) => ({ leg, on: leg.devices }));
  for (const { device, instead, from, to } of chosen) {
    judged = judged.flatMap(({ leg, on }) => {
      const isOnBoth = on.includes(device) && on.includes(instead);
      if (!isOnBoth || from >= leg.to || to <= leg.from) return [{ leg, on }];
      const [start, end] = [Math.max(leg.from, from), Math.min(leg.to, to)];
      const parts = [
        { ...leg, to: start },
        { ...leg, from: start, to: end, devices: [instead] },
        { ...leg, from: end },
      ];
      return parts.filter((part) => part.from < part.to).map((part) => ({ leg: part, on }));
    });
  }
  return judged.map(({ leg }) => leg);
}

/** All that an EPC was ever in. */
function unitsAround(world: LoadedWorld, epc: Epc): ReadonlySet<Epc> {
  const around = new Set<Epc>();
  const waiting = [epc];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const { value } of world.containment(one)) {
      if (around.has(value)) continue;
      around.add(value);
      waiting.push(value);
    }
  }
  return around;
}

/** Unknown by what can be believed, known by all that was said. */
function suspectMs(legs: readonly Leg[], values: ReadonlyMap<string, MeasuredKey>): number {
  let ms = 0;
  for (const { devices, from, to, limits } of legs) {
    const keys = devices.flatMap((device) => values.get(device) ?? []);
    if (keys.every(({ hasSuspect }) => !hasSuspect)) continue;
    const unknown = (of: 'good' | 'all') =>
      airDuring(
        keys.map((key) => key[of]),
        from,
        to,
        limits,
      ).unknownMs;
    ms += Math.max(0, unknown('good') - unknown('all'));
  }
  return ms;
}

/** How long only excused devices were out of range. */
function excusedMs(
  legs: readonly Leg[],
  values: ReadonlyMap<string, MeasuredKey>,
  excused: readonly Excused[],
  since: number,
): number {
  const held = (devices: readonly string[]) => devices.map((device) => values.get(device)?.good ?? HeldValues.none);
  let ms = 0;
  for (const { devices, limits, ...leg } of legs) {
    const own = excused.filter(({ device }) => devices.includes(device));
    const edges = [Math.max(leg.from, since), leg.to, ...own.flatMap(({ from, to }) => [from, to])];
    const moments = [...new Set(edges)].filter((at) => at >= Math.max(leg.from, since) && at <= leg.to);
    moments.sort((a, b) => a - b);
    for (const [index, from] of moments.entries()) {
      const to = moments[index + 1];
      const given = new Set(own.filter((one) => one.from <= from && from < one.to).map(({ device }) => device));
      if (to === undefined || given.size === 0) continue;
      const outside = (of: readonly string[]) => airDuring(held(of), from, to, limits).outsideMs;
      ms += outside(devices) - outside(devices.filter((device) => !given.has(device)));
    }
  }
  return ms;
}
