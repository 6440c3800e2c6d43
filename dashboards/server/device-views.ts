import type { AlertService } from '../../alerts/index.ts';
import {
  type DeviceRegistration,
  type DeviceVitals,
  formatDuration,
  type History,
  InputError,
  metricByCode,
  metricByName,
  type TimeSource,
} from '../../domain/index.ts';
import { afterOf, type DeviceVitalsStore, pageOf, type Readings, type RefusalStore } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { type DeviceView, formatTime, type PageQuery } from '../api/index.ts';
import { Conditions } from './conditions.ts';
import { calibrationsNow } from './device-calibrations.ts';
import type { Directory, Registered } from './directory.ts';
import { measured } from './measured.ts';
import { firstAfter } from './paging.ts';
import { profileView } from './shipment-views.ts';

export interface DeviceViewsOptions {
  readonly alertService: AlertService;
  readonly directory: Directory;
  readonly history: History;
  readonly readings: Readings;
  readonly refusals: RefusalStore;
  readonly trace: TraceQueries;
  readonly vitals: Pick<DeviceVitalsStore, 'of'>;
  readonly time: TimeSource;
}

/** Steps that an interval is learnt from, as rules learn it (docs/rules.md). */
const STEPS = 20;
const LEAST_STEPS = 4;

/** Devices as people look for them: registered ones, ones that were only ever heard, and ones never understood. */
export class DeviceViews {
  readonly #options: DeviceViewsOptions;

  constructor(options: DeviceViewsOptions) {
    this.#options = options;
  }

  async list(query: PageQuery): Promise<{ items: DeviceView[]; nextCursor: string | null }> {
    const { directory, refusals } = this.#options;
    const [registered, refused] = await Promise.all([directory.registered(), refusals.sources()]);
    const [from = ''] = afterOf(query, ['text']) ?? [];
    const seen: string[] = [];
    for (let after: string | null = from; after !== null && seen.length <= query.limit; ) {
      const next: Names = await this.#after(after, query.limit + 1, [registered.devices.keys(), refused]);
      const isSeen = await this.#options.trace.seenDevices(next.names);
      seen.push(...next.names.filter((name) => isSeen.has(name)));
      after = next.more;
    }
    const page = pageOf(seen, query.limit, (id) => [id]);
    return { items: await this.#viewsOf(page.items, registered), nextCursor: page.nextCursor };
  }

  /** The next names of devices, of which nobody has to have all in order. */
  async #after(after: string, count: number, lists: readonly Iterable<string>[]): Promise<Names> {
    const heard = await this.#options.readings.heardAfter(after, count);
    const all = [...heard, ...lists.flatMap((list) => firstAfter(list, after, count))];
    const names = [...new Set(all)].sort(byText).slice(0, count);
    return { names, more: names.length < count ? null : (names.at(-1) ?? null) };
  }

  /** @throws {InputError} DEVICE_UNKNOWN neither registered nor ever heard, nor refused; or not seen */
  async detail(id: string): Promise<DeviceView> {
    const registered = await this.#options.directory.registered();
    const [view] = await this.#viewsOf([id], registered);
    const isSeen = (await this.#options.trace.seenDevices([id])).has(id);
    const isKnown =
      registered.devices.has(id) || (view !== undefined && (view.lastHeard !== null || view.refusals.length > 0));
    if (view === undefined || !isKnown || !isSeen) {
      throw new InputError('DEVICE_UNKNOWN', `there is no device ${id}`, { device: id });
    }
    const learned = await this.#learnedInterval(view);
    return learned === null ? view : { ...view, learnedInterval: learned };
  }

  /** The median of its latest steps; null while there are too few to tell. */
  async #learnedInterval({ id, latest }: DeviceView): Promise<string | null> {
    const metric = latest.find((one) => one.metric === 'temperature') ?? latest[0];
    const code = metricByName(metric?.metric ?? '')?.code;
    if (code === undefined) return null;
    const { count, time } = await this.#options.history.before(id, code, Number.POSITIVE_INFINITY, STEPS + 1);
    const steps = Array.from({ length: Math.max(0, count - 1) }, (_, i) => (time[i + 1] ?? 0) - (time[i] ?? 0));
    if (steps.length < LEAST_STEPS) return null;
    const median = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
    const second = 1_000;
    return formatDuration(median < second ? Math.max(1, Math.round(median)) : Math.round(median / second) * second);
  }

  async #viewsOf(ids: readonly string[], registered: Registered): Promise<DeviceView[]> {
    const { trace, refusals } = this.#options;
    const [conditions, attachments, counts, vitals] = await Promise.all([
      Conditions.look(ids, { ...this.#options, registered }),
      trace.attachments(ids),
      refusals.of(ids),
      this.#options.vitals.of(ids),
    ]);
    const refused = Map.groupBy(counts, ({ source }) => source);
    const now = this.#options.time.now();
    const attached = new Map(attachments.map((attachment) => [attachment.device, attachment]));
    return ids.map((id) => {
      const device = registered.devices.get(id);
      const attachment = attached.get(id);
      const profileId = attachment?.profile ?? device?.context.profile ?? null;
      const profile = profileId === null ? null : profileView(profileId);
      const lastHeard = conditions.lastHeard(id);
      return {
        ...describe(id, device),
        calibrations: calibrationsNow(registered.calibrations.get(id) ?? [], now),
        profile,
        attachment:
          attachment === undefined
            ? null
            : { subject: attachment.subject, from: formatTime(attachment.from), shipment: attachment.shipment },
        latest: conditions.latestOf(id).flatMap(({ metric, time, value }) => {
          const known = metricByCode(metric);
          if (known === undefined) return [];
          const { isSuspect, received, ...judged } = measured(registered, id, metric, time, value);
          return [
            {
              ...{ metric: known.name, unit: known.unit, time: formatTime(time), ...judged },
              ...(received === undefined ? {} : { received }),
              ...(isSuspect ? { isSuspect } : {}),
            },
          ];
        }),
        lastHeard: formatTime(lastHeard),
        ...vitalsView(vitals.get(id)),
        condition: conditions.of(id, profile),
        refusals: (refused.get(id) ?? []).map(({ reason, count, from, to, topic, detail }) => ({
          ...{ reason, count, first: formatTime(from), last: formatTime(to), topic, detail },
        })),
      };
    });
  }
}

function vitalsView(vitals: DeviceVitals | undefined) {
  const { clock = null, signal = null } = vitals ?? {};
  return {
    clock: clock === null ? null : { ...clock, at: formatTime(clock.at) },
    signal: signal === null ? null : { ...signal, at: formatTime(signal.at) },
  };
}

function describe(id: string, device: DeviceRegistration | undefined) {
  const { intervalMs, reportsEveryMs, heartbeatMs, product, lane, site, labels } = device?.context ?? {};
  const {
    reportsOnChange = false,
    readOut = false,
    sensor = null,
    corrections = {},
    stepPerMinute = null,
  } = device?.context ?? {};
  return {
    id,
    kind: device?.kind ?? null,
    name: device?.name ?? null,
    interval: intervalMs === undefined ? null : formatDuration(intervalMs),
    reportsEvery: reportsEveryMs === undefined ? null : formatDuration(reportsEveryMs),
    effectiveFrom: formatTime(device?.effectiveFrom ?? null),
    heartbeat: heartbeatMs === undefined ? null : formatDuration(heartbeatMs),
    ...{ reportsOnChange, readOut, sensor, stepPerMinute, correction: { ...corrections } },
    product: product ?? null,
    lane: lane ?? null,
    site: site ?? null,
    labels: { ...labels },
  };
}

interface Names {
  readonly names: readonly string[];
  /** The last of them, where there may be more. */
  readonly more: string | null;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}
