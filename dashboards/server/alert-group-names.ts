import type { AlertGroup, GroupedAlerts } from '../../alerts/index.ts';
import type { SeenFrom } from '../../domain/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { type AlertGroupView, formatTime } from '../api/index.ts';
import type { Registered } from './directory.ts';

interface GroupNamesOptions {
  readonly by: GroupedAlerts;
  readonly directory: Registered;
  readonly seenFrom: SeenFrom;
  readonly trace: Pick<TraceQueries, 'seenShipments' | 'seenDevices'>;
}

/** Groups of alerts by the names people know; what somebody does not see is not named. */
export class GroupNames {
  readonly #options: GroupNamesOptions;

  constructor(options: GroupNamesOptions) {
    this.#options = options;
  }

  async of(groups: readonly AlertGroup[]): Promise<AlertGroupView[]> {
    const { by } = this.#options;
    const kept = await this.#seen(groups);
    return kept.map(({ key, route, by: values, alerts, open, critical, warning, latestAt }) => ({
      key,
      label: by === 'notice' ? this.#noticeName(route, values) : this.#name(by, key),
      ...{ alerts, open, critical, warning, latestAt: formatTime(latestAt) },
    }));
  }

  async #seen(groups: readonly AlertGroup[]): Promise<readonly AlertGroup[]> {
    const { by, seenFrom, trace } = this.#options;
    if (seenFrom === null || by === 'rule') return groups;
    const keys = groups.flatMap(({ key }) => (key === null ? [] : [key]));
    // A group of notices is named by all that it was told by: of who sees some sites, no more than those that have none.
    const seen =
      by === 'shipment'
        ? await trace.seenShipments(keys)
        : by === 'gateway'
          ? await trace.seenDevices(keys)
          : new Set(by === 'site' ? seenFrom : []);
    return groups.filter(({ key }) => key === null || seen.has(key));
  }

  #noticeName(route: string | null, values: AlertGroup['by']): string | null {
    if (route === null) return null;
    const named = Object.entries(values ?? {}).map(([by, value]) => this.#name(by, value) ?? value);
    return [route, ...named].join(' · ');
  }

  #name(by: string, key: string | null): string | null {
    const { places, devices } = this.#options.directory;
    if (key === null) return null;
    if (by === 'site') return places.get(key)?.name ?? key;
    if (by === 'gateway' || by === 'device') return devices.get(key)?.name ?? key;
    return key;
  }
}
