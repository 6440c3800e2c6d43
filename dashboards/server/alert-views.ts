import { type AlertService, alertView, type KeptNotice, serialView } from '../../alerts/index.ts';
import {
  type Alert,
  goodsUnit,
  lowerLimit,
  PROFILES,
  type Rule,
  serverText,
  type TimeSource,
  upperLimit,
  type Words,
  type WordValue,
} from '../../domain/index.ts';
import type { StayAir, StayAirFigures, TraceQueries } from '../../trace/index.ts';
import { type AlertDetail, type AlertNoticeView, type AlertView, formatTime } from '../api/index.ts';
import { type Directory, placeRefOrNull, type Registered, ruleKey } from './directory.ts';
import { ruleText } from './rule-text.ts';

/** Serials shown with the alert itself; the others page through `/alerts/{id}/serials`. */
const FIRST_SERIALS = 25;
const MOST_DESTINATIONS = 5_000;

/** Alerts as people read them: with names, places and the clock of where it happened. */
export class AlertViews {
  readonly #alertService: AlertService;
  readonly #directory: Directory;
  readonly #trace: TraceQueries;
  readonly #stayAir: StayAir;
  readonly #time: TimeSource;
  readonly #destinations = new Map<string, string>();

  constructor(options: {
    alertService: AlertService;
    directory: Directory;
    trace: TraceQueries;
    stayAir: StayAir;
    time: TimeSource;
  }) {
    this.#stayAir = options.stayAir;
    this.#time = options.time;
    this.#alertService = options.alertService;
    this.#directory = options.directory;
    this.#trace = options.trace;
  }

  async list(found: readonly Alert[]): Promise<AlertView[]> {
    const registered = await this.#directory.registered();
    const devices = found.flatMap(({ subject }) => (subject.device === undefined ? [] : [subject.device]));
    const alerts = await this.#withSeenShipments(found);
    const [where, destinations] = await Promise.all([
      this.#placesOf([...new Set(devices)]),
      this.#destinationsOf(alerts),
    ]);
    return alerts.map((alert) => viewOf(alert, registered, { where, destinations }));
  }

  async detail(found: Alert): Promise<AlertDetail> {
    const [alert = found] = await this.#withSeenShipments([found]);
    const registered = await this.#directory.registered();
    const { device } = alert.subject;
    const [shipmentId] = alert.shipments;
    const [where, serials, breadth, elsewhere, events, notices, muted, needsComment, shipment, destinations, air] =
      await Promise.all([
        this.#placesOf(device === undefined ? [] : [device]),
        this.#alertService.serials(alert.id, { limit: FIRST_SERIALS }),
        this.#alertService.breadth(alert.id),
        this.#alertService.elsewhere(alert.id),
        this.#alertService.events(alert.id),
        this.#alertService.notices(alert.id),
        this.#alertService.muted(alert.id),
        this.#alertService.needsComment(alert.id),
        shipmentId === undefined ? null : this.#trace.shipment(shipmentId),
        this.#destinationsOf([alert]),
        this.#airOf(alert),
      ]);
    const rule = registered.rules.get(ruleKey(alert.rule.id, alert.rule.version))?.rule;
    const view = viewOf(alert, registered, { where, destinations });
    return {
      ...view,
      evidence: { ...view.evidence, changes: [...view.evidence.changes, ...air] },
      affected: {
        ...{ count: alert.affectedCount, elsewhere, serials: serials.items.map(serialView) },
        ...(alert.atStake !== null && { atStake: alert.atStake }),
      },
      about: { ...view.about, unit: breadth.units.length === 1 ? (breadth.units[0] ?? null) : null },
      units: [...breadth.units],
      minutes: breadth.minutes,
      ruleText: rule === undefined ? null : ruleText(rule),
      limits: limitsOf(alert, rule, shipment?.profile ?? profileOf(device, registered)),
      notices: notices.map(noticeView),
      ...{ muted, needsComment },
      history: events.map(({ at, by, action, comment }) => ({ at: formatTime(at), by, action, comment })),
    };
  }

  /** Of goods that stood too long: what was measured there meanwhile, as it is known now. */
  async #airOf({ kind, subject, from, to }: Alert): Promise<AlertView['evidence']['changes']> {
    if (kind !== 'dwell' || subject.portal === undefined) return [];
    const until = to ?? this.#time.now();
    const air = await this.#stayAir.during(subject.portal, from, until);
    return air.map((one) => ({ at: formatTime(until), what: 'counted', value: one.mkt, text: airText(one) }));
  }

  /** An alert may touch shipments of which only some are seen: the others are not named. */
  async #withSeenShipments(alerts: readonly Alert[]): Promise<readonly Alert[]> {
    const named = new Set(alerts.flatMap(({ shipments }) => shipments));
    const seen = await this.#trace.seenShipments([...named]);
    if (seen.size === named.size) return alerts;
    return alerts.map((alert) => {
      const hidden = alert.shipments.filter((id) => !seen.has(id));
      if (hidden.length === 0) return alert;
      const { shipment, ...subject } = alert.subject;
      return {
        ...alert,
        shipments: alert.shipments.filter((id) => seen.has(id)),
        subject: shipment !== undefined && seen.has(shipment) ? alert.subject : subject,
        summary: hiddenIn(alert.summary, hidden),
        evidence: withHiddenIn(alert.evidence, hidden),
      };
    });
  }

  /** Where shipments go; remembered, for lists are asked often and destinations hardly ever change. */
  async #destinationsOf(alerts: readonly Alert[]): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(alerts.flatMap(({ shipments }) => shipments.slice(0, 1)));
    const unknown = [...wanted].filter((id) => !this.#destinations.has(id));
    if (this.#destinations.size + unknown.length > MOST_DESTINATIONS) this.#destinations.clear();
    await Promise.all(
      unknown.map(async (id) => {
        const shipment = await this.#trace.shipment(id);
        if (shipment !== null) this.#destinations.set(id, shipment.destination);
      }),
    );
    return this.#destinations;
  }

  /** Where devices are now: in a place, or on a unit that is at one. */
  async #placesOf(devices: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const places = new Map<string, string>();
    if (devices.length === 0) return places;
    for (const { device, subject, place } of await this.#trace.attachments(devices)) {
      const at = place ?? (subject.startsWith('urn:') ? null : subject);
      if (at !== null) places.set(device, at);
    }
    return places;
  }
}

function airText({ place, device, min, max, mkt }: StayAirFigures): string {
  if (min === null || max === null) return serverText('found.dwell.air.unknown', { place, device });
  const figures = { min: rounded(min), max: rounded(max), mkt: rounded(mkt ?? max) };
  return serverText('found.dwell.air', { place, device, ...figures });
}

/** To a tenth. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function hiddenIn(text: string, ids: readonly string[]): string {
  return ids.reduce((said, id) => said.replaceAll(id, '–'), text);
}

function withHiddenIn({ words, ...evidence }: Alert['evidence'], ids: readonly string[]): Alert['evidence'] {
  if (words === undefined) return evidence;
  const hidden = (value: WordValue): WordValue => {
    if (typeof value === 'string') return hiddenIn(value, ids);
    if (typeof value === 'number') return value;
    return 'key' in value ? hiddenWords(value) : value.map(hiddenWords);
  };
  const hiddenWords = ({ key, values }: Words): Words => ({
    key,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hidden(value)])),
  });
  return { ...evidence, words: hiddenWords(words) };
}

/** Where devices are now, and where shipments go. */
interface Bearings {
  readonly where: ReadonlyMap<string, string>;
  readonly destinations: ReadonlyMap<string, string>;
}

function viewOf(alert: Alert, registered: Registered, { where, destinations }: Bearings): AlertView {
  const { device, portal: portalId } = alert.subject;
  const portal = portalId === undefined ? undefined : registered.portals.get(portalId);
  const destination = destinations.get(alert.shipments[0] ?? '');
  const place =
    portal?.site ??
    (device === undefined ? null : (where.get(device) ?? registered.devices.get(device)?.context.site ?? null));
  const { affected, ...view } = alertView(alert, []);
  return {
    ...view,
    evidence: {
      ...view.evidence,
      runs: [...view.evidence.runs],
      readings: [...view.evidence.readings],
      changes: [...view.evidence.changes],
    },
    affected: { ...affected, serials: [] },
    about: {
      place: placeRefOrNull(registered, place),
      zone: zoneOf(registered, place) ?? zoneOf(registered, destination ?? null),
      device: device === undefined ? null : (registered.devices.get(device)?.name ?? device),
      portal: portal === undefined ? (portalId ?? null) : portal.name,
      shipments: [...alert.shipments],
      unit: null,
      ...(isFaulty(alert, registered) ? { isFaulty: true as const } : {}),
    },
  };
}

/** Of a rule that tells a broken sensor from a silent one. */
function isFaulty({ rule: { id, version } }: Alert, { rules }: Registered): boolean {
  const rule = rules.get(ruleKey(id, version))?.rule;
  return rule?.kind === 'silence' && rule.onlyGood === true;
}

function zoneOf({ places }: Registered, place: string | null): string | null {
  return place === null ? null : (places.get(place)?.zone ?? null);
}

function limitsOf(
  alert: Alert,
  rule: Rule | undefined,
  profileId: string | undefined,
): { min: number | null; max: number | null } {
  const limits = { min: null as number | null, max: null as number | null };
  if (rule?.kind === 'threshold') {
    limits.min = lowerLimit(rule) ?? null;
    limits.max = upperLimit(rule) ?? null;
  } else if ((goodsUnit(alert.kind) ?? '°C') === '°C') {
    const { limit, extreme } = alert.evidence;
    if (limit !== null && extreme !== null) limits[extreme >= limit ? 'max' : 'min'] = limit;
  }
  // The other end of the band.
  const profile = PROFILES.find(({ id }) => id === profileId);
  if (profile !== undefined && (alert.subject.metric ?? 'temperature') === 'temperature') {
    limits.min ??= profile.min;
    limits.max ??= profile.max;
  }
  return limits;
}

function profileOf(device: string | undefined, { devices }: Registered): string | undefined {
  return device === undefined ? undefined : devices.get(device)?.context.profile;
}

function noticeView(notice: KeptNotice): AlertNoticeView {
  const { at, person, channel, step, route, why, attempts } = notice;
  const told = { who: person, channel, step, route, why, due: formatTime(at), attempts };
  const { toldAt, deliveredAt, givenUpAt, cancelledAt, cancelledWhy, lastError } = notice;
  if (cancelledAt !== null) return { ...told, state: 'not needed', at: formatTime(cancelledAt), reason: cancelledWhy };
  if (toldAt === null) return { ...told, state: 'waiting', at: null, reason: null };
  if (deliveredAt !== null) return { ...told, state: 'delivered', at: formatTime(deliveredAt), reason: null };
  if (givenUpAt !== null) return { ...told, state: 'given up', at: formatTime(givenUpAt), reason: lastError };
  return { ...told, state: 'sent', at: formatTime(toldAt), reason: lastError };
}
