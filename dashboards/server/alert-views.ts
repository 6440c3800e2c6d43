import { type AlertBook, alertView, serialView } from '../../alerts/index.ts';
import { type Alert, PROFILES, type Rule } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { type AlertDetail, type AlertView, formatDuration, formatTime } from '../api/index.ts';
import { type Directory, placeRefOrNull, type Registered, ruleKey } from './directory.ts';

/** Serials shown with the alert itself; the others page through `/alerts/{id}/serials`. */
const FIRST_SERIALS = 25;

/** Alerts as people read them: with names, places and the clock of where it happened. */
export class AlertViews {
  readonly #alertBook: AlertBook;
  readonly #directory: Directory;
  readonly #trace: TraceQueries;

  constructor(options: { alertBook: AlertBook; directory: Directory; trace: TraceQueries }) {
    this.#alertBook = options.alertBook;
    this.#directory = options.directory;
    this.#trace = options.trace;
  }

  async list(alerts: readonly Alert[]): Promise<AlertView[]> {
    const registered = await this.#directory.registered();
    const devices = alerts.flatMap(({ subject }) => (subject.device === undefined ? [] : [subject.device]));
    const where = await this.#placesOf([...new Set(devices)]);
    return alerts.map((alert) => viewOf(alert, registered, where));
  }

  async detail(alert: Alert): Promise<AlertDetail> {
    const registered = await this.#directory.registered();
    const { device } = alert.subject;
    const [shipmentId] = alert.shipments;
    const [where, serials, breadth, events, shipment] = await Promise.all([
      this.#placesOf(device === undefined ? [] : [device]),
      this.#alertBook.serials(alert.id, { limit: FIRST_SERIALS }),
      this.#alertBook.breadth(alert.id),
      this.#alertBook.events(alert.id),
      shipmentId === undefined ? null : this.#trace.shipment(shipmentId),
    ]);
    const rule = registered.rules.get(ruleKey(alert.rule.id, alert.rule.version))?.rule;
    const view = viewOf(alert, registered, where);
    return {
      ...view,
      affected: { count: alert.affectedCount, serials: serials.items.map(serialView) },
      about: { ...view.about, unit: breadth.units.length === 1 ? (breadth.units[0] ?? null) : null },
      minutes: breadth.minutes,
      ruleText: rule === undefined ? null : ruleText(rule),
      limits: limitsOf(alert, rule, shipment?.profile ?? profileOf(device, registered)),
      history: events.map(({ at, by, action, comment }) => ({ at: formatTime(at), by, action, comment })),
    };
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

function viewOf(alert: Alert, registered: Registered, where: ReadonlyMap<string, string>): AlertView {
  const { device, portal: portalId } = alert.subject;
  const portal = portalId === undefined ? undefined : registered.portals.get(portalId);
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
    },
    affected: { count: affected.count, serials: [] },
    about: {
      place: placeRefOrNull(registered, place),
      device: device === undefined ? null : (registered.devices.get(device)?.name ?? device),
      portal: portal === undefined ? (portalId ?? null) : portal.name,
      shipments: [...alert.shipments],
      unit: null,
    },
  };
}

function limitsOf(
  alert: Alert,
  rule: Rule | undefined,
  profileId: string | undefined,
): { min: number | null; max: number | null } {
  const limits = { min: null as number | null, max: null as number | null };
  if (rule?.kind === 'threshold') {
    limits.min = rule.below ?? null;
    limits.max = rule.above ?? null;
  } else {
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

const UNITS: Readonly<Record<string, string>> = {
  temperature: ' °C',
  humidity: ' %RH',
  shock: ' g',
  light: ' lux',
  pressure: ' hPa',
  battery: ' %',
  tilt: '°',
  door: '',
};

/** A rule as a person would say it. */
function ruleText(rule: Rule): string {
  if (rule.kind === 'silence') return `No ${rule.metric} reading for ${formatDuration(rule.afterMs)}.`;
  if (rule.kind === 'unexpected') {
    return `${rule.atLeast} or more serials in a pass that no shipment expects there.`;
  }
  const unit = UNITS[rule.metric] ?? '';
  const ends = [
    rule.above === undefined ? null : `above ${rule.above}${unit}`,
    rule.below === undefined ? null : `below ${rule.below}${unit}`,
  ].filter((end) => end !== null);
  const clears = [
    rule.above === undefined || rule.clearAbove === undefined ? null : `${rule.clearAbove}${unit} or less`,
    rule.below === undefined || rule.clearBelow === undefined ? null : `${rule.clearBelow}${unit} or more`,
  ].filter((end) => end !== null);
  const lasting = rule.forMs > 0 ? ` for ${formatDuration(rule.forMs)} or longer` : '';
  const until = clears.length === 0 ? '' : `, until it is ${clears.join(' or ')}`;
  return `${rule.metric.charAt(0).toUpperCase()}${rule.metric.slice(1)} ${ends.join(' or ')}${lasting}${until}.`;
}
