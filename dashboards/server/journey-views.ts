import type { AlertService } from '../../alerts/index.ts';
import {
  type Alert,
  type DeviceContext,
  InputError,
  lowerLimit,
  METRICS,
  type SeenFrom,
  type ThresholdRule,
  type TimeSource,
  upperLimit,
} from '../../domain/index.ts';
import type { SerialDecisions, ShipmentDecision, Steps } from '../../quality/index.ts';
import type { Readings } from '../../storage/index.ts';
import type { ShipmentDetailRecord, TraceQueries, UnitHistories } from '../../trace/index.ts';
import { type BriefRunView, formatTime, type ShipmentJourneyView } from '../api/index.ts';
import { type BeyondRun, lookClose, type WatchedLimit } from './brief-runs.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import { appliesTo, excusedByRules, excusedBySteps } from './excused-time.ts';
import { isPortalSeen } from './portal-views.ts';
import type { ReadingQualities } from './reading-qualities.ts';
import { profileView } from './shipment-views.ts';

export interface JourneyViewsOptions {
  readonly alertService: AlertService;
  readonly directory: Directory;
  readonly qualities: ReadingQualities;
  readonly readings: Readings;
  readonly serialDecisions: SerialDecisions;
  readonly steps: Pick<Steps, 'excusingIn'>;
  readonly trace: TraceQueries;
  readonly seenFrom: SeenFrom;
  readonly time: TimeSource;
}

type SuspectView = ShipmentJourneyView['suspects'][number];

const MOST_ALERTS = 200;
const MOST_MESSAGES = 500;
/** Loggers whose short runs are looked for. */
const MOST_DEVICES = 24;
/** What lay this long before leaving is of another journey. */
const BEFORE_MS = 30 * 86_400_000;

/** All of a shipment that has a time, for one axis. */
export class JourneyViews {
  readonly #options: JourneyViewsOptions;

  constructor(options: JourneyViewsOptions) {
    this.#options = options;
  }

  /** @throws {InputError} SHIPMENT_UNKNOWN */
  async of(id: string): Promise<ShipmentJourneyView> {
    const { alertService, directory, serialDecisions, steps, trace, time, seenFrom } = this.#options;
    const shipment = await trace.shipment(id);
    const histories = await trace.unitHistories(id);
    if (shipment === null || histories === null)
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
    const [registered, { items: alerts }, decisions, excusing] = await Promise.all([
      directory.registered(),
      alertService.list({ shipment: id, limit: MOST_ALERTS }),
      serialDecisions.ofShipment(id),
      steps.excusingIn(id),
    ]);
    const now = time.now();
    const { from, to } = extentOf(shipment, histories, alerts, now);
    const end = to ?? now;
    const messages = await alertService.noticesTold(
      alerts.map((alert) => alert.id),
      MOST_MESSAGES,
    );
    const attached = histories.attachments.filter((one) => overlaps(one, from, end));
    const metrics = await this.#metricsOf([...new Set(attached.map(({ device }) => device))]);
    const close = await this.#closeLook(shipment, attached, { alerts, registered, from, end });
    const byRules = await excusedByRules(
      { shipment, attached: attached.slice(0, MOST_DEVICES), from, end },
      registered,
      {
        qualities: this.#options.qualities,
      },
    );
    return {
      ...{ from: formatTime(from), to: formatTime(to) },
      devices: attached.map(({ device, unit, ...during }) => ({
        ...{ device, unit, name: registered.devices.get(device)?.name ?? device, metrics: metrics.get(device) ?? [] },
        ...duringOf(during, from),
      })),
      presence: histories.presence
        .filter((one) => overlaps(one, from, end))
        .map(({ unit, place, ...during }) => ({
          ...{ unit, place: place === null ? null : placeRef(registered, place) },
          ...duringOf(during, from),
        })),
      containment: histories.containment
        .filter((one) => overlaps(one, from, end))
        .map(({ unit, parent, ...during }) => ({ unit, parent, ...duringOf(during, from) })),
      passes: histories.passes
        .filter((pass) => overlaps(pass, from, end))
        .flatMap(({ from: begin, to: finish, ...pass }) => {
          const portal = registered.portals.get(pass.portal);
          if (portal !== undefined && !isPortalSeen(portal, seenFrom)) return [];
          const times = { from: formatTime(begin), to: formatTime(finish) };
          return [{ ...pass, portalName: portal?.name ?? pass.portal, units: [...pass.units], ...times }];
        }),
      alerts: alerts.toSorted((a, b) => a.from - b.from).map(alertOf),
      brief: close.runs,
      suspects: close.suspects,
      excused: [...byRules.excused, ...excusedBySteps(excusing, attached, { from, end })].toSorted((a, b) =>
        a.from.localeCompare(b.from),
      ),
      isCloseWhole: close.isEvery && byRules.isEvery,
      decisions: decisions.map(decisionOf),
      messages: messages.map(({ alert, person, channel, toldAt, at, deliveredAt, lastError }) => ({
        ...{ alert, who: person, channel, at: formatTime(toldAt ?? at), deliveredAt: formatTime(deliveredAt) },
        error: deliveredAt === null ? lastError : null,
      })),
    };
  }

  async #metricsOf(devices: readonly string[]): Promise<ReadonlyMap<string, (typeof METRICS)[number]['name'][]>> {
    const latest = devices.length === 0 ? [] : await this.#options.readings.latest(devices);
    const byDevice = Map.groupBy(latest, ({ device }) => device);
    return new Map(
      [...byDevice].map(([device, keys]) => [
        device,
        METRICS.filter(({ code }) => keys.some(({ metric }) => metric === code)).map(({ name }) => name),
      ]),
    );
  }

  /** Beyond a limit and no alert of it, by the rules in force now for goods of this profile; and what is suspect. */
  async #closeLook(
    shipment: ShipmentDetailRecord,
    attached: UnitHistories['attachments'],
    { alerts, registered, from, end }: { alerts: readonly Alert[]; registered: Registered; from: number; end: number },
  ): Promise<{ readonly runs: BriefRunView[]; readonly suspects: SuspectView[]; readonly isEvery: boolean }> {
    const devices = [...new Set(attached.map(({ device }) => device))];
    let isEvery = devices.length <= MOST_DEVICES;
    const found: BriefRunView[] = [];
    const suspects: SuspectView[] = [];
    for (const device of devices.slice(0, MOST_DEVICES)) {
      const limits = limitsOf(shipment, registered, registered.devices.get(device)?.context ?? {});
      const alerted = alerts.filter(
        ({ kind, state, subject }) => kind === 'threshold' && state !== 'retracted' && subject.device === device,
      );
      for (const stretch of attached.filter((one) => one.device === device)) {
        const asked = { device, from: Math.max(from, stretch.from), to: Math.min(end, stretch.to ?? end), limits };
        const close = await lookClose(asked, this.#options);
        isEvery &&= close.isEvery;
        found.push(...close.runs.filter((run) => !isAlerted(run, alerted, end)).map((run) => briefOf(run, device)));
        suspects.push(
          ...close.suspects.map((run) => ({ ...run, device, from: formatTime(run.from), to: formatTime(run.to) })),
        );
      }
    }
    return { runs: found.toSorted((a, b) => a.from.localeCompare(b.from)), suspects, isEvery };
  }
}

function extentOf(
  shipment: ShipmentDetailRecord,
  { attachments, containment }: UnitHistories,
  alerts: readonly Alert[],
  now: number,
): { from: number; to: number | null } {
  const left = shipment.leftAt ?? shipment.departs;
  const begins = [...attachments, ...containment].map(({ from }) => from).filter((from) => from > left - BEFORE_MS);
  const end = shipment.receivedAt ?? shipment.closedAt;
  // What was found at the destination afterwards is of it as well.
  const ends = alerts.map(({ to }) => to ?? now);
  // Announced for later: it begins when the first of it was put together, else now.
  const from = Math.min(left, now, ...begins);
  return { from, to: end === null ? null : Math.max(end, ...ends, from) };
}

function overlaps(one: { from: number; to: number | null }, from: number, to: number): boolean {
  return one.from <= to && (one.to === null || one.to >= from);
}

function duringOf({ from, to }: { from: number; to: number | null }, earliest: number) {
  return { from: formatTime(Math.max(from, earliest)), to: formatTime(to) };
}

function alertOf(alert: Alert): ShipmentJourneyView['alerts'][number] {
  const { id, kind, severity, state, subject, summary, from, to, evidence } = alert;
  const { acknowledgedAt, acknowledgedBy, resolvedAt, resolvedBy } = alert;
  const act = (at: number | null, by: string | null) =>
    at === null || by === null ? null : { at: formatTime(at), by };
  return {
    ...{ id, kind, severity, state, summary, device: subject.device ?? null, metric: subject.metric ?? null },
    ...{ from: formatTime(from), to: formatTime(to) },
    runs: evidence.runs.map((run) => ({ from: formatTime(run.from), to: formatTime(run.to) })),
    acknowledged: act(acknowledgedAt, acknowledgedBy),
    resolved: act(resolvedAt, resolvedBy),
  };
}

function decisionOf(decision: ShipmentDecision): ShipmentJourneyView['decisions'][number] {
  const { decidedAt, inForceAt, signers, ...rest } = decision;
  return { ...rest, at: formatTime(decidedAt), inForceSince: formatTime(inForceAt), by: [...signers] };
}

/** Of the rules for such goods, the strictest on each side; where there is none, the limits of the profile alone. */
function limitsOf(
  { profile, lane }: ShipmentDetailRecord,
  { rules }: Registered,
  context: DeviceContext,
): WatchedLimit[] {
  const latest = new Map<string, { rule: ThresholdRule; version: number }>();
  for (const { rule, version } of rules.values()) {
    if (rule.kind !== 'threshold' || rule.metric !== 'temperature') continue;
    if ((latest.get(rule.id)?.version ?? 0) < version) latest.set(rule.id, { rule, version });
  }
  const goods = { ...context, profile, ...(lane === null ? {} : { lane }) };
  const judging = [...latest.values()].map(({ rule }) => rule).filter((rule) => appliesTo(rule, goods));
  const { min, max } = profileView(profile);
  return (['above', 'below'] as const).flatMap((side): WatchedLimit[] => {
    const ofSide = judging.flatMap((rule): WatchedLimit[] => {
      const limit = side === 'above' ? upperLimit(rule) : lowerLimit(rule);
      const isInclusive = (side === 'above' ? rule.atOrAbove : rule.atOrBelow) !== undefined;
      return limit === undefined ? [] : [{ side, limit, isInclusive, rule: rule.id, forMs: rule.forMs }];
    });
    const stricter = side === 'above' ? 1 : -1;
    const [strictest] = ofSide.toSorted((a, b) => stricter * (a.limit - b.limit) || (a.forMs ?? 0) - (b.forMs ?? 0));
    if (strictest !== undefined) return [strictest];
    const limit = side === 'above' ? max : min;
    return limit === null ? [] : [{ side, limit, isInclusive: false, rule: null, forMs: null }];
  });
}

function isAlerted(run: BeyondRun, alerts: readonly Alert[], end: number): boolean {
  return alerts.some(({ from, to }) => from <= run.to && (to ?? end) >= run.from);
}

function briefOf({ from, to, extreme, watched }: BeyondRun, device: string): BriefRunView {
  const { side, limit, rule, forMs } = watched;
  return {
    ...{ device, from: formatTime(from), to: formatTime(to), side, limit, extreme, rule },
    minutes: Math.round((to - from) / 60) / 1_000,
    ruleMinutes: forMs === null ? null : forMs / 60_000,
  };
}
