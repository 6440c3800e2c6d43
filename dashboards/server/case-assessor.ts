import { createHash } from 'node:crypto';
import { type Epc, type History, metricByName, PROFILES, type TimeSource } from '../../domain/index.ts';
import {
  type AssessedGroup,
  type Assessment,
  type Assessor,
  type EvidenceAlert,
  propose,
  type Steps,
} from '../../quality/index.ts';
import type { Database } from '../../storage/index.ts';
import { type ExposureGroup, ExposureGroups } from '../../trace/index.ts';

export interface CaseAssessorOptions {
  readonly database: Database;
  readonly history: History;
  readonly time: TimeSource;
  readonly steps: Steps;
}

/** A reading that is due any moment is not missing yet. */
const TAIL_MS = 3_600_000;
const TEMPERATURE = metricByName('temperature')?.code ?? 0;
const NOTHING = {
  ...{ min: null, max: null, mkt: null, minutesAbove: 0, minutesBelow: 0 },
  ...{ minutesOutOfRange: 0, minutesUnknown: 0, minutesSuspect: 0 },
};

interface AlertRow extends EvidenceAlert {
  /** null: a rule on goods found it, in a shipment. */
  readonly device: string | null;
}

/** What a case comes to now: its serials by what they went through over their whole life, with what is proposed of each group. */
export class CaseAssessor implements Assessor {
  readonly #database: Database;
  readonly #history: History;
  readonly #time: TimeSource;
  readonly #steps: Steps;
  readonly #exposures: ExposureGroups;

  constructor(options: CaseAssessorOptions) {
    this.#database = options.database;
    this.#history = options.history;
    this.#time = options.time;
    this.#steps = options.steps;
    this.#exposures = new ExposureGroups(options);
  }

  async assess({ number, ...asked }: { readonly number: number; readonly until?: number }): Promise<Assessment> {
    const [serials, alerts] = [await this.#serials(number), await this.#alerts(number)];
    const until = asked.until ?? (await this.#until(number, alerts));
    const groups = await this.#exposures.of(serials, { until, ...(await this.#steps.effectsOn({ number })) });
    const products = await this.#products(groups);
    const assessed = groups.map((group) => assessedGroup(group, products.get(group.gtin ?? '')));
    const found = new Set(groups.flatMap(({ epcs }) => epcs));
    const lost = serials.filter((epc) => !found.has(epc));
    return {
      at: this.#time.now(),
      groups: [...assessed, ...(lost.length === 0 ? [] : [untold(lost)])],
      alerts: alerts.map(({ device: _, ...alert }) => alert),
    };
  }

  async #serials(number: number): Promise<readonly Epc[]> {
    const { rows } = await this.#database.query<{ epc: Epc }>(
      'SELECT epc FROM case_serials WHERE case_number = $1 AND (is_affected OR decision IS NOT NULL) ORDER BY epc',
      [number],
    );
    return rows.map(({ epc }) => epc);
  }

  async #alerts(number: number): Promise<readonly AlertRow[]> {
    const { rows } = await this.#database.query<AlertRow>(
      `SELECT a.id, a.rule, a.rule_version AS "ruleVersion", a.state, a.device,
         (extract(epoch FROM a.from_at) * 1000)::float8 AS "from",
         CASE WHEN NOT a.goes_on THEN (extract(epoch FROM a.to_at) * 1000)::float8 END AS "to"
       FROM case_alerts c JOIN alerts a ON a.number = c.alert
       WHERE c.case_number = $1 AND c.left_at IS NULL ORDER BY a.from_at, a.id`,
      [number],
    );
    return rows;
  }

  /** What came after the shipment was received, and after the last of its alerts, is another's to decide. */
  async #until(number: number, alerts: readonly AlertRow[]): Promise<number> {
    const now = this.#time.now();
    const { rows } = await this.#database.query<{ receivedAt: number | null }>(
      'SELECT s.received_at AS "receivedAt" FROM cases c JOIN shipments s ON s.id = c.shipment WHERE c.number = $1',
      [number],
    );
    const received = rows[0]?.receivedAt ?? null;
    // What a rule on goods found stands for good, and is of nothing after its shipment.
    const lasting = alerts.filter(({ device }) => device !== null);
    const isOver = lasting.every(({ to }) => to !== null);
    if (received !== null && isOver) return lasting.reduce((last, { to }) => Math.max(last, to ?? now), received);
    const devices = new Set(alerts.flatMap(({ device }) => device ?? []));
    if (lasting.length < alerts.length) for (const device of await this.#devicesOfGoods(number)) devices.add(device);
    let last = 0;
    for (const device of devices) {
      const { time, count } = await this.#history.before(device, TEMPERATURE, now, 1);
      if (count > 0) last = Math.max(last, time[0] ?? 0);
    }
    return now - last <= TAIL_MS ? last : now;
  }

  /** Those that rules on goods judge the goods of its shipment by. */
  async #devicesOfGoods(number: number): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ devices: readonly string[] }>(
      'SELECT w.devices FROM cases c JOIN goods_watch w ON w.shipment = c.shipment WHERE c.number = $1',
      [number],
    );
    return rows[0]?.devices ?? [];
  }

  async #products(groups: readonly ExposureGroup[]) {
    const { rows } = await this.#database.query<{ gtin: string } & ProductOfGroup>(
      `SELECT g.gtin, p.value_class AS "valueClass", coalesce(p.name, (SELECT l.name FROM shipment_products l
         WHERE l.gtin = g.gtin ORDER BY l.shipment, l.line LIMIT 1)) AS name
       FROM unnest($1::text[]) AS g (gtin) LEFT JOIN products p USING (gtin)`,
      [[...new Set(groups.flatMap(({ gtin }) => gtin ?? []))]],
    );
    return new Map(rows.map(({ gtin, ...product }) => [gtin, product]));
  }
}

interface ProductOfGroup {
  readonly name: string | null;
  readonly valueClass: number | null;
}

function assessedGroup(group: ExposureGroup, product: ProductOfGroup | undefined): AssessedGroup {
  const { epcs, gtin, lot, expiry, units, devices, limits, journey, minutesSuspect, minutesExcused } = group;
  const profile = PROFILES.find(({ id }) => id === group.profile);
  const { min, max, mkt, minutesAbove, minutesBelow, minutesOutOfRange } = journey;
  const unknown = Math.max(0, journey.minutesUnknown - minutesSuspect);
  const budget =
    journey.budget === null
      ? null
      : {
          ...{ limit: journey.budget.budget, carriedIn: journey.budget.carriedIn, used: journey.budget.used },
          excused: group.budgetExcused,
        };
  const exposure = {
    ...{ min, max, mkt, minutesAbove, minutesBelow, minutesOutOfRange },
    ...{ minutesUnknown: unknown, minutesSuspect },
  };
  // What was unknown before the budget's figures were stated is in them.
  const since = journey.budget === null ? unknown : journey.budget.usedAtWorst - journey.budget.used - minutesSuspect;
  const sinceBudget = { ...exposure, minutesUnknown: Math.max(0, Math.min(unknown, since)) };
  const judged = { limits, budget, minutesExcused };
  return {
    ...{ id: idOf(group), gtin, product: product?.name ?? null, lot, expiry, units, devices, epcs },
    ...{ from: journey.from, to: journey.to, limits, exposure, budget },
    proposal: propose({ ...judged, exposure: sinceBudget, unknown: profile?.unknown ?? 'asked' }),
    needsSecond: (product?.valueClass ?? 0) >= (profile?.secondSignerFrom ?? Number.POSITIVE_INFINITY),
  };
}

/** Serials of which nobody ever said where they were. */
function untold(epcs: readonly Epc[]): AssessedGroup {
  const limits = { min: null, max: null };
  const nothing = { limits, exposure: NOTHING, budget: null };
  return {
    ...{ id: idOf({ epcs, gtin: null, lot: null, devices: [] }), gtin: null, product: null, lot: null, expiry: null },
    ...{ units: [], devices: [], epcs, from: null, to: null, ...nothing },
    proposal: propose({ ...nothing, minutesExcused: 0, unknown: 'asked' }),
    needsSecond: false,
  };
}

/** Stable while the same serials went through the same: figures may still grow. */
function idOf({ epcs, gtin, lot, devices }: Pick<ExposureGroup, 'epcs' | 'gtin' | 'lot' | 'devices'>): string {
  const text = JSON.stringify([gtin, lot, devices, [...epcs].sort()]);
  return `g-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
