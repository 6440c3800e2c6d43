import type { GroupedBy, RoutedAlert } from './routing.ts';

/** What an alert without a value is grouped under. */
const NONE = 'none';

/**
 * The values by which a route groups an alert: alerts that agree in all of them are told together. One that has several (two
 * shipments) goes with those that have the same several.
 */
export function groupValues(by: readonly GroupedBy[], alert: RoutedAlert): Readonly<Record<string, string>> {
  return Object.fromEntries(by.map((one) => [one, valuesOf(one, alert).toSorted().join(', ') || NONE]));
}

/** The same values in one line, whatever the order they were asked for in. */
export function groupKey(by: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(by).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What an alert has of something by which it is grouped or compared. */
export function valuesOf(by: GroupedBy, alert: RoutedAlert): readonly string[] {
  switch (by) {
    case 'shipment':
      return alert.shipments;
    case 'site':
      return alert.sites;
    case 'gateway':
      return alert.gateways;
    case 'device':
      return alert.device === null ? [] : [alert.device];
    case 'rule':
      return [alert.rule];
    case 'kind':
      return [alert.kind];
    case 'severity':
      return [alert.severity];
    default: {
      const value = alert.labels[by.slice('label:'.length)];
      return value === undefined ? [] : [value];
    }
  }
}
