import { type MetricDefinition, metricByCode, metricByName } from './metric.ts';

/** What one device measures of one metric: rules judge keys, one by one. */
export interface Key {
  readonly device: string;
  /** Metric code. */
  readonly metric: number;
}

/** A key as findings name it: `device/metric`. */
export function keyOf({ device, metric }: Key): string {
  return `${device}/${metricByCode(metric)?.name ?? metric}`;
}

/** The device and the metric of a key; null where it names no known metric (a portal's finding has no such key). */
export function parseKey(key: string): { readonly device: string; readonly metric: MetricDefinition } | null {
  // A device id holds no slash.
  const slash = key.lastIndexOf('/');
  const metric = metricByName(key.slice(slash + 1));
  return slash < 1 || metric === undefined ? null : { device: key.slice(0, slash), metric };
}
