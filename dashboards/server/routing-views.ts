import {
  type AlertRouting,
  alertRecord,
  changeRouting,
  type Notice,
  parseRouting,
  personalPlan,
  type RoutingChange,
  type RoutingInForce,
  type RoutingPlan,
  type RoutingVersions,
  shiftsOf,
  type WrittenRouting,
  writtenRouting,
} from '../../alerts/index.ts';
import type { Severity, TimeSource } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import {
  formatTime,
  type RoutedNoticeView,
  type RoutingDraftView,
  type RoutingPartsView,
  type RoutingTextView,
  type RoutingView,
} from '../api/index.ts';
import { notFound } from './problems.ts';

export interface RoutingViewsOptions {
  readonly alertRouting: AlertRouting;
  readonly channelIds: () => Promise<readonly string[]>;
  readonly database: Database;
  readonly routingInForce: RoutingInForce;
  readonly routingVersions: RoutingVersions;
  readonly time: TimeSource;
}

/** An alert that is invented, or that there is (`alert`). */
export interface RoutingTrial {
  readonly alert?: string | undefined;
  readonly severity: Severity;
  readonly kind: string;
  readonly rule: string;
  readonly sites: readonly string[];
  readonly shipments: readonly string[];
  readonly profiles: readonly string[];
  readonly products: readonly string[];
  readonly gateways: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly at?: number | undefined;
  /** A routing that is not in force. */
  readonly text?: string | undefined;
}

const SHOWN_MS = 14 * 86_400_000;
const MINUTE_MS = 60_000;

/** Who is told of alerts, and who would be. */
export class RoutingViews {
  readonly #options: RoutingViewsOptions;

  constructor(options: RoutingViewsOptions) {
    this.#options = options;
  }

  async view(): Promise<RoutingView> {
    const { channelIds, routingInForce, routingVersions, time } = this.#options;
    // Another process may have changed it a moment ago.
    await routingInForce.refresh();
    const { source, written, personal, problems } = routingInForce.found;
    const versions = await routingVersions.list();
    const text = source.kind === 'file' || source.kind === 'edited' ? source.text : null;
    return {
      source: source.kind,
      file: source.kind === 'file' ? source.file : null,
      version: versions[0]?.version ?? 0,
      text,
      problems: [...problems],
      channels: [...(await channelIds())],
      ...partsOf(text, written, time.now(), personal),
      versions: versions.map(({ version, author, at, reason }) => ({ version, author, at: formatTime(at), reason })),
    };
  }

  /** @throws {Refusal} 404 ROUTING_VERSION_UNKNOWN */
  async version(given: string): Promise<RoutingTextView> {
    const versions = await this.#options.routingVersions.list();
    const found = versions.find(({ version }) => String(version) === given);
    if (found === undefined) throw notFound('ROUTING_VERSION_UNKNOWN', `the routing has no version ${given}`);
    return { ...found, at: formatTime(found.at) };
  }

  /**
   * A routing that is being written, after a change by a form.
   * @throws {InputError} ROUTING_FILE_BAD, ROUTING_CHANGE_UNABLE
   */
  async draft({ text, change }: { text: string; change?: RoutingChange | undefined }): Promise<RoutingDraftView> {
    const { channelIds, time } = this.#options;
    const changed = change === undefined ? { text, lost: [] } : changeRouting(text, change);
    const plan = parseRouting(changed.text, 'routing', await channelIds());
    return {
      text: changed.text,
      lost: [...changed.lost],
      ...partsOf(changed.text, plan, time.now(), this.#options.routingInForce.found.personal),
    };
  }

  /** By time. @throws {InputError} ALERT_UNKNOWN, ROUTING_FILE_BAD */
  async trial({ alert, text, at, ...invented }: RoutingTrial): Promise<readonly RoutedNoticeView[]> {
    const { channelIds, database, time } = this.#options;
    const plan = text === undefined ? null : parseRouting(text, 'routing', await channelIds());
    const { personal } = this.#options.routingInForce.found;
    const routing =
      plan === null ? this.#options.alertRouting : this.#options.alertRouting.by(personalPlan(plan, personal));
    if (alert !== undefined) {
      const record = await alertRecord(database, alert);
      return (await routing.ofRecord(database.pool, record, at ?? record.alert.detectedAt)).map(noticeView);
    }
    const asked = { ...invented, about: 'device' as const, device: null, openedAt: at ?? time.now() };
    return (await routing.channelsFor(database.pool, asked)).map(noticeView);
  }
}

function partsOf(
  text: string | null,
  plan: RoutingPlan | null,
  now: number,
  personal: RoutingInForce['found']['personal'],
): RoutingPartsView {
  const written = text === null ? { people: {}, teams: {}, schedules: {} } : writtenRouting(text);
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  return {
    people: [...(plan?.people.values() ?? [])].map(({ id, zone, language, notify, addresses }) => ({
      ...{ id, zone, language, addresses: { ...addresses } },
      notify: { critical: [...notify.critical], warning: [...notify.warning], info: [...notify.info] },
      quiet: windowsOf(written.people[id]?.quiet),
      own: ownOf(personal.get(id)),
      channels: [...new Set([...notify.critical, ...notify.warning, ...notify.info])],
    })),
    teams: [...(plan?.teams.values() ?? [])].map(({ id, members }) => ({ id, members: [...members] })),
    schedules: [...(plan?.schedules.values() ?? [])].map((schedule) => {
      const { id, zone, people, start, days } = schedule;
      const { handOver = '00:00', hours, holidays = [], instead = [] } = written.schedules[id] ?? {};
      return {
        ...{ id, zone, people: [...people], start, days, handOver },
        hours: hours == null ? null : windowsOf(hours),
        holidays: holidays.map(({ date, people = [] }) => ({ date, people })),
        instead: instead.map(({ from, to, person }) => ({ from, to, person })),
        shifts: shiftsOf(schedule, from, from + SHOWN_MS).map(({ from, to, people, why }) => ({
          ...{ from: formatTime(from), to: formatTime(to), people: [...people], why },
        })),
      };
    }),
  };
}

/** What somebody set for themselves. */
function ownOf(
  own: (RoutingInForce['found']['personal'] extends ReadonlyMap<string, infer T> ? T : never) | undefined,
) {
  if (own === undefined) return [];
  const { language, zone, quiet, addresses } = own;
  return [
    ...(language === null ? [] : ['language']),
    ...(zone === null ? [] : ['zone']),
    ...(quiet === null ? [] : ['quiet']),
    ...Object.keys(addresses),
  ];
}

type WindowsGiven = NonNullable<WrittenRouting['people'][string]['quiet']>;

function windowsOf(given: WindowsGiven = []) {
  return given.map(({ from, to, days }) => ({ from, to, ...(days !== undefined && { days: [...days] }) }));
}

function noticeView({ at, person, channel, step, route, why, group }: Notice): RoutedNoticeView {
  return {
    who: person,
    channel,
    when: formatTime(at),
    why,
    step,
    route,
    group: group === null ? null : { ...group.by },
  };
}
