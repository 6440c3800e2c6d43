import {
  type AlertRouting,
  alertRecord,
  type Notice,
  parseRouting,
  type RoutingInForce,
  type RoutingVersions,
  shiftsOf,
} from '../../alerts/index.ts';
import type { Severity, TimeSource } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { formatTime, type RoutedNoticeView, type RoutingTextView, type RoutingView } from '../api/index.ts';
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
    const { source, plan, problems } = routingInForce.found;
    const versions = await routingVersions.list();
    const from = Math.floor(time.now() / MINUTE_MS) * MINUTE_MS;
    return {
      source: source.kind,
      file: source.kind === 'file' ? source.file : null,
      version: versions[0]?.version ?? 0,
      text: source.kind === 'file' || source.kind === 'edited' ? source.text : null,
      problems: [...problems],
      channels: [...(await channelIds())],
      people: [...(plan?.people.values() ?? [])].map(({ id, zone, language, notify }) => ({
        ...{ id, zone, language },
        channels: [...new Set([...notify.critical, ...notify.warning, ...notify.info])],
      })),
      schedules: [...(plan?.schedules.values() ?? [])].map((schedule) => ({
        ...{ id: schedule.id, zone: schedule.zone },
        shifts: shiftsOf(schedule, from, from + SHOWN_MS).map(({ from, to, people, why }) => ({
          ...{ from: formatTime(from), to: formatTime(to), people: [...people], why },
        })),
      })),
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

  /** By time. @throws {InputError} ALERT_UNKNOWN, ROUTING_FILE_BAD */
  async trial({ alert, text, at, ...invented }: RoutingTrial): Promise<readonly RoutedNoticeView[]> {
    const { channelIds, database, time } = this.#options;
    const plan = text === undefined ? null : parseRouting(text, 'routing', await channelIds());
    const routing = plan === null ? this.#options.alertRouting : this.#options.alertRouting.by(plan);
    if (alert !== undefined) {
      const record = await alertRecord(database, alert);
      return (await routing.ofRecord(database.pool, record, at ?? record.alert.detectedAt)).map(noticeView);
    }
    const asked = { ...invented, about: 'device' as const, device: null, openedAt: at ?? time.now() };
    return (await routing.channelsFor(database.pool, asked)).map(noticeView);
  }
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
