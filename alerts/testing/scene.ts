import {
  type AffectedGroup,
  type Carried,
  type Exposure,
  type Finding,
  type FindingChange,
  type FoundGroup,
  goodsKey,
  type History,
  type KeyReadings,
  ManualTime,
  type SerialIdentity,
  silentLogger,
  silentMeter,
} from '../../domain/index.ts';
import { type Database, effectsOf, PostgresAuditTrail, PostgresFindings } from '../../storage/index.ts';
import {
  AlertRouting,
  AlertService,
  type AlertsConfig,
  AlertWorker,
  type AlertWorkerDependencies,
  type RoutingPlan,
  type RuleLabels,
  simplePlan,
} from '../index.ts';

export const NO_CHANNELS: AlertsConfig = { channels: [], route: null };
export const MINUTE = 60_000;

/** `at('10:05')` on the day all scenes play, epoch ms UTC. */
export function at(clock: string): number {
  return Date.parse(`2026-11-22T${clock}${clock.length === 5 ? ':00' : ''}Z`);
}

/** A running excursion of logger-7 above 8 °C from 10:00 on, seen until 10:20, but for what `change` says. */
export function excursion(change: Partial<Finding> = {}): Finding {
  const from = change.from ?? at('10:00');
  return {
    rule: 'too-warm',
    ruleVersion: 1,
    kind: 'threshold',
    severity: 'critical',
    key: 'logger-7/temperature',
    from,
    to: null,
    endedBy: null,
    extreme: 9.1,
    readings: 0,
    minutesOutOfRange: 20,
    runs: [{ from, to: change.to ?? at('10:20') }],
    limit: 8,
    detectedAt: from + 10 * MINUTE,
    detectedLate: false,
    ...change,
  };
}

/** One that has ended. @param from, @param to as `10:00` */
export function ended(from: string, to: string, change: Partial<Finding> = {}): Finding {
  return excursion({ from: at(from), to: at(to), endedBy: 'recovery', ...change });
}

/** The goods of SHP-1001 have used 61 of 60 minutes since 10:20, but for what `change` says. */
export function usedUp({ shipment = 'SHP-1001', ...change }: Partial<Finding> & { shipment?: string } = {}): Finding {
  return excursion({
    ...{ rule: 'used-up', kind: 'budget', key: goodsKey(shipment), from: at('10:20'), extreme: 61, limit: 60 },
    ...{ minutesOutOfRange: null, runs: [], goods: { shipment, serials: 3, digest: '' }, ...change },
  });
}

export const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

/** A pallet of serials 1..count exposed for the whole finding, but for what `change` says. */
export function pallet(count: number, change: Partial<AffectedGroup> = {}): AffectedGroup {
  return {
    unit: 'urn:epc:id:sscc:0614141.1234567890',
    shipment: 'SHP-1001',
    from: at('10:00'),
    to: null,
    minutesOutOfRange: 20,
    min: 4.5,
    max: 9.1,
    mkt: 7.2,
    serials: Array.from({ length: count }, (_, i) => sgtin(i + 1)),
    ...change,
  };
}

/** Serials 1..count as a rule on goods found them, but for what `change` says. */
export function foundGoods(count: number, change: Partial<FoundGroup> = {}): FoundGroup {
  const { serials: epcs, unit, min, max, mkt } = pallet(count);
  return { epcs, unit, min, max, mkt, from: at('10:20'), to: null, minutes: 61, ...change };
}

/** The alert worker and service on a real database, with exposure and history as the scene sets them. */
export class Scene {
  readonly time = new ManualTime(at('12:00'));
  readonly database: Database;
  readonly findings: PostgresFindings;
  readonly audit: PostgresAuditTrail;
  readonly routing: AlertRouting;
  readonly worker: AlertWorker;
  readonly service: AlertService;
  /** By device: what exposure answers. */
  readonly exposed = new Map<string, readonly AffectedGroup[]>();
  /** By rule and shipment, `used-up SHP-1001`: what rules on goods found. */
  readonly goods = new Map<string, readonly FoundGroup[]>();
  /** By device: [time, value], ascending. */
  readonly readings = new Map<string, readonly (readonly [number, number])[]>();
  readonly lots = new Map<string, string>();
  /** What a pass carried; null: serials of no unit and no shipment. */
  carried: Carried | null = null;
  failure: Error | null = null;
  /** Devices whose exposure fails: those whose name starts so, or `device from HH:MM`. */
  readonly failing = new Set<string>();
  identityQuestions = 0;

  constructor(
    database: Database,
    {
      config = NO_CHANNELS,
      plan = simplePlan(config),
      labels,
      ...options
    }: Partial<AlertWorkerDependencies> & {
      readonly config?: AlertsConfig;
      readonly plan?: RoutingPlan | null;
      readonly labels?: RuleLabels;
    } = {},
  ) {
    const configured = config.channels.map(({ id }) => id);
    const routing = new AlertRouting({ plan: () => plan, configured, ...(labels !== undefined && { labels }) });
    this.routing = routing;
    this.database = database;
    this.findings = new PostgresFindings({ database });
    const audit = new PostgresAuditTrail({ database });
    this.audit = audit;
    this.service = new AlertService({ audit, database, time: this.time, routing });
    this.worker = new AlertWorker({
      audit,
      database,
      exposure: this.exposure(),
      history: this.history(),
      time: this.time,
      logger: silentLogger,
      meter: silentMeter,
      routing,
      ...options,
    });
  }

  /** Changes findings as a consumer would, and waits until the worker has settled them. */
  async found(...changes: FindingChange[]): Promise<void> {
    await this.database.transaction((client) => this.findings.apply(effectsOf(client), changes));
    await this.worker.settled();
  }

  async exposureChanged(device: string, reason: string): Promise<void> {
    const change = { device, from: at('00:00'), to: null, reason };
    await this.database.transaction((client) => this.findings.markExposureChanged(effectsOf(client), [change]));
    await this.worker.settled();
  }

  /** Every alert, oldest first. */
  async alerts() {
    const { items } = await this.service.list({ limit: 1_000 });
    return Promise.all(items.toReversed().map(({ id }) => this.service.get(id)));
  }

  async clear(): Promise<void> {
    await this.worker.settled();
    await this.database.query(
      `TRUNCATE findings, finding_changes, alert_work, alerts, alert_exposures, alert_serials, outbox,
         alert_flaps, alert_caps, alert_changes`,
    );
    this.exposed.clear();
    this.goods.clear();
    this.readings.clear();
    this.lots.clear();
    this.failing.clear();
    this.carried = null;
  }

  exposure(): Exposure {
    return {
      affected: async ({ device, from }) => {
        if (this.failure !== null) throw this.failure;
        const clock = new Date(from).toISOString().slice(11, 16);
        const isFailing = [...this.failing].some((name) => `${device} from ${clock}`.startsWith(name));
        if (isFailing) throw new Error(`the exposure of ${device} fails`);
        return this.exposed.get(device) ?? [];
      },
      foundInGoods: async ({ rule, key }) => {
        if (this.failure !== null) throw this.failure;
        return this.goods.get(`${rule} ${key.slice(goodsKey('').length)}`) ?? [];
      },
      carried: async (_pass, _at, epcs) =>
        this.carried ?? { groups: [{ unit: null, shipment: null, serials: epcs }], shipments: [] },
      identities: async (epcs) => {
        this.identityQuestions++;
        return new Map(epcs.map((epc) => [epc, this.#identityOf(epc)]));
      },
    };
  }

  history(): History {
    const within = (device: string, isWanted: (time: number) => boolean): KeyReadings => {
      const kept = (this.readings.get(device) ?? []).filter(([time]) => isWanted(time));
      return {
        count: kept.length,
        time: Float64Array.from(kept, ([time]) => time),
        value: Float64Array.from(kept, ([, value]) => value),
      };
    };
    return {
      read: async (device, _metric, from, to) => within(device, (time) => time >= from && time < to),
      before: async (device, _metric, before) => within(device, (time) => time < before),
      keys: async () => [],
    };
  }

  #identityOf(epc: string): SerialIdentity {
    const serial = epc.split('.').at(-1) ?? null;
    return { epc, gtin: '80614141123458', serial, lot: this.lots.get(epc) ?? 'A17', expiry: '2027-06-30' };
  }
}
