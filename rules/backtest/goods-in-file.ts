import {
  type AirLeg,
  airPieces,
  type DeviceContext,
  declaredGap,
  type Finding,
  type FindingChange,
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
  readonly openings: readonly UnitOpening[];
  readonly groups: readonly GroupInFile[];
}

export interface GroupInFile {
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

  constructor({ versions, goods, context }: GoodsTrial) {
    this.#rules = new GoodsRules(versions);
    this.#goods = this.#rules.isEmpty ? [] : goods;
    this.#context = context;
    this.#devices = new Set(
      goods.flatMap(({ groups }) => groups.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices))),
    );
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

  /** What changed since it was last asked. */
  changes(now: number): FindingChange[] {
    if (this.isEmpty) return [];
    const before = this.#present;
    this.#present = this.judge(now);
    const alike = (findings: readonly Finding[]) => Map.groupBy(findings, ({ rule, key }) => `${rule} ${key}`);
    const [earlier, later] = [alike(before), alike(this.#present)];
    const names = [...new Set([...earlier.keys(), ...later.keys()])].sort();
    return names.flatMap((name) => changesBetween(earlier.get(name) ?? [], later.get(name) ?? []));
  }

  /** What is found by now. */
  judge(now: number): Finding[] {
    return this.#goods.flatMap((goods) => {
      const judged = this.#rules.judge(this.#loaded(goods, now), now);
      return judged.found.map(({ finding }) => ({ ...finding, detectedAt: now }));
    });
  }

  #loaded(goods: GoodsInFile, now: number): ShipmentGoods {
    const { shipment, lane, from, to, arrives, sealed } = goods;
    const until = Math.min(to ?? now, now);
    const devices = new Set(goods.groups.flatMap(({ legs }) => legs.flatMap((leg) => leg.devices)));
    const groups = goods.groups.map((group) => this.#group(group, until));
    const openings = goods.openings.filter(({ at }) => at <= until);
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
