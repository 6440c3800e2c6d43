import {
  type AirLeg,
  airPieces,
  type DeviceContext,
  declaredGap,
  type Finding,
  type FindingChange,
  findingId,
  type GoodsGroup,
  goodReadings,
  HeldValues,
  type KeyReadings,
  type Metric,
  metricByName,
  mktDuring,
  PROFILES,
  type RuleVersion,
  type ShipmentGoods,
  silentAfterOf,
  type UnitOpening,
} from '../../domain/index.ts';
import { changesBetween } from '../engine/changes.ts';
import { GoodsRules } from '../goods/judge-shipment.ts';
import { qualityOf } from '../rulebook.ts';

/** Goods as a context file gives them: a shipment's groups, each with the devices that told its air. */
export interface GoodsInFile {
  readonly shipment: string;
  readonly lane: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly arrives: number | null;
  /** From when on its units should stay closed. */
  readonly sealed: number;
  readonly openings: readonly (UnitOpening & Received)[];
  /** Of groups that name the same serial the one that was received last counts. */
  readonly groups: readonly GroupInFile[];
}

/** When we hear of it, epoch ms UTC; null: it was known all along. */
interface Received {
  readonly received: number | null;
}

export interface GroupInFile extends Received {
  readonly serials: readonly string[];
  readonly product: string | null;
  readonly profile: string | null;
  readonly budgetMs: number | null;
  readonly thermalMassMs: number | null;
  readonly carried: GoodsGroup['carried'];
  /** Ascending, without holes; `to` null = until now. */
  readonly legs: readonly { readonly from: number; readonly to: number | null; readonly devices: readonly string[] }[];
}

export interface GoodsTrial {
  readonly versions: readonly RuleVersion[];
  readonly goods: readonly GoodsInFile[];
  readonly context: ReadonlyMap<string, DeviceContext> | null;
}

/** Rules on goods over readings of a file: everything is judged anew whenever what has arrived is asked for. */
export class GoodsBacktest {
  readonly #rules: GoodsRules;
  readonly #goods: readonly GoodsInFile[];
  readonly #context: GoodsTrial['context'];
  readonly #devices: ReadonlySet<string>;
  readonly #readings = new Map<string, Map<number, number>>();
  #present: readonly Finding[] = [];
  /** Moments at which something is received that was not looked at yet, ascending. */
  #received: readonly number[];

  constructor({ versions, goods, context }: GoodsTrial) {
    this.#rules = new GoodsRules(versions);
    this.#goods = this.#rules.isEmpty ? [] : goods;
    this.#context = context;
    const facts = this.#goods.flatMap((one) =>
      [...one.groups, ...one.openings].flatMap(({ received }) => received ?? []),
    );
    this.#received = [...new Set(facts)].sort((a, b) => a - b);
    this.#devices = new Set(
      goods.flatMap(({ groups }) => groups.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices))),
    );
  }

  /** The next moment up to `until` at which something is received; it is past then. */
  nextReceived(until: number): number | null {
    const [next, ...later] = this.#received;
    if (next === undefined || next > until) return null;
    this.#received = later;
    return next;
  }

  get isEmpty(): boolean {
    return this.#goods.length === 0;
  }

  /** Of one identity the first counts. */
  take(device: string, metric: number, time: number, value: number): void {
    if (this.isEmpty || !this.#devices.has(device)) return;
    const key = `${device}/${metric}`;
    const own = this.#readings.get(key) ?? new Map<number, number>();
    this.#readings.set(key, own);
    if (!own.has(time)) own.set(time, value);
  }

  /** What changed since it was last asked, by time and readings. */
  changes(now: number): FindingChange[] {
    return this.#changed(now, { isLate: false });
  }

  /** What changed because something was received at this moment: what is found by it is late. */
  changesByFacts(now: number): FindingChange[] {
    const soFar = this.#changed(now, { isLate: false, knownAt: now - 1 });
    return [...soFar, ...this.#changed(now, { isLate: true })];
  }

  #changed(
    now: number,
    { isLate, knownAt = now }: { readonly isLate: boolean; readonly knownAt?: number },
  ): FindingChange[] {
    if (this.isEmpty) return [];
    const before = this.#present;
    const known = new Map(before.map((finding) => [findingId(finding), finding.detectedLate]));
    this.#present = this.#judge(now, knownAt).map((finding) => ({
      ...finding,
      detectedLate: known.get(findingId(finding)) ?? isLate,
    }));
    const alike = (findings: readonly Finding[]) => Map.groupBy(findings, ({ rule, key }) => `${rule} ${key}`);
    const [earlier, later] = [alike(before), alike(this.#present)];
    const names = [...new Set([...earlier.keys(), ...later.keys()])].sort();
    return names.flatMap((name) => changesBetween(earlier.get(name) ?? [], later.get(name) ?? []));
  }

  /** What is found by now. */
  judge(now: number): readonly Finding[] {
    this.changes(now);
    return this.#present;
  }

  #judge(now: number, knownAt: number): Finding[] {
    return this.#goods.flatMap((goods) => {
      const judged = this.#rules.judge(this.#loaded(goods, now, knownAt), now);
      return judged.found.map(({ finding }) => ({ ...finding, detectedAt: now }));
    });
  }

  #loaded(goods: GoodsInFile, now: number, knownAt: number): ShipmentGoods {
    const { shipment, lane, from, to, arrives, sealed } = goods;
    const until = Math.min(to ?? now, now);
    const devices = new Set(goods.groups.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices)));
    const groups = groupsKnown(goods.groups, knownAt).map((group) => this.#group(group, until));
    const openings = goods.openings.filter(({ at, received }) => at <= until && (received ?? at) <= knownAt);
    return { shipment, lane, from, to, arrives, sealed, openings, groups, devices: [...devices].sort() };
  }

  #group({ serials, product, profile, carried, legs: given, ...stands }: GroupInFile, until: number): GoodsGroup {
    const { min = null, max = null } = PROFILES.find(({ id }) => id === profile) ?? {};
    const legs = given.flatMap((leg): AirLeg[] => {
      const to = Math.min(leg.to ?? until, until);
      return leg.from < to ? [{ ...leg, to, limits: { min, max } }] : [];
    });
    const told = legs.map((leg) => ({
      leg,
      devices: leg.devices.map((device) => this.#values(device, 'temperature')),
    }));
    const metrics: Metric[] = ['temperature', ...this.#rules.metrics];
    const air = new Map(metrics.map((metric) => [metric, airPieces(legs, (device) => this.#values(device, metric))]));
    return {
      ...{ epcs: serials, gtin: product, lot: null, unit: null, profile, carried },
      way: { left: null, came: null },
      ...{ budgetMs: stands.budgetMs, thermalMassMs: stands.thermalMassMs },
      // In a file the devices are those on the goods.
      ...{ air, own: air },
      mktDuring: (from, to) => mktDuring(told, from, to),
      silentAfter: silentAfterOf(told),
    };
  }

  #values(device: string, metric: Metric): HeldValues {
    const code = metricByName(metric)?.code ?? 0;
    const sorted = [...(this.#readings.get(`${device}/${code}`) ?? [])].sort(([a], [b]) => a - b);
    const all: KeyReadings = {
      count: sorted.length,
      time: Float64Array.from(sorted, ([time]) => time),
      value: Float64Array.from(sorted, ([, value]) => value),
    };
    const known = this.#context?.get(device) ?? {};
    const record = { ...known, spans: [] };
    return HeldValues.of(goodReadings(all, qualityOf(code, record)), declaredGap(known), all);
  }
}

/** A serial is in the group that was received last of those that name it. */
function groupsKnown(groups: readonly GroupInFile[], at: number): GroupInFile[] {
  const heard = ({ received }: Received) => received ?? Number.NEGATIVE_INFINITY;
  const known = groups.filter((group) => heard(group) <= at);
  return known.flatMap((group) => {
    const isLater = (other: GroupInFile) => heard(other) > heard(group);
    const serials = group.serials.filter(
      (epc) => !known.some((other) => isLater(other) && other.serials.includes(epc)),
    );
    return serials.length === 0 ? [] : [{ ...group, serials }];
  });
}
