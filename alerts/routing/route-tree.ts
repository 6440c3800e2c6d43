import { isWithin, LocalClocks } from './local-clock.ts';
import type { Escalation, Grouping, RoutedAlert, RouteMatch, RouteNode, Target } from './routing.ts';

/** A route that takes an alert, with what it inherits. */
export interface TakenRoute {
  /** From the root: `all / cold rooms / night`. */
  readonly path: string;
  readonly to: readonly Target[];
  readonly escalation: readonly Escalation[];
  readonly repeatMs: number;
  /** Null: each alert by itself. */
  readonly group: Grouping | null;
}

/** The routes that take an alert, in the order of the tree. The root takes every alert that none below it does. */
export function routesOf(root: RouteNode, alert: RoutedAlert, clocks = new LocalClocks()): readonly TakenRoute[] {
  return descend(root, alert, clocks, { path: '', to: [], escalation: [], repeatMs: 0, group: null });
}

function descend(node: RouteNode, alert: RoutedAlert, clocks: LocalClocks, from: TakenRoute): TakenRoute[] {
  const here: TakenRoute = {
    path: from.path === '' ? node.name : `${from.path} / ${node.name}`,
    to: node.to ?? from.to,
    escalation: node.escalation ?? from.escalation,
    repeatMs: node.repeatMs ?? from.repeatMs,
    group: node.group === undefined ? from.group : node.group === 'none' ? null : node.group,
  };
  const taken: TakenRoute[] = [];
  for (const child of node.routes) {
    if (!isTaken(child.match, alert, clocks)) continue;
    taken.push(...descend(child, alert, clocks, here));
    if (!child.isContinued) return taken;
  }
  return taken.length > 0 ? taken : [here];
}

/** Whether an alert is as a match says. */
export function isTaken(match: RouteMatch, alert: RoutedAlert, clocks = new LocalClocks()): boolean {
  const { severity, kind, rule, about, site, profile, product, shipment, device, gateway, labels, during } = match;
  return (
    (severity === undefined || severity.includes(alert.severity)) &&
    (kind === undefined || kind.includes(alert.kind)) &&
    (rule === undefined || rule.includes(alert.rule)) &&
    (about === undefined || about.includes(alert.about)) &&
    (device === undefined || (alert.device !== null && device.includes(alert.device))) &&
    (gateway === undefined || gateway.some((id) => alert.gateways.includes(id))) &&
    (shipment === undefined || shipment.some((id) => alert.shipments.includes(id))) &&
    (site === undefined || site.some((id) => alert.sites.includes(id))) &&
    (profile === undefined || profile.some((id) => alert.profiles.includes(id))) &&
    (product === undefined || product.some((gtin) => alert.products.includes(gtin))) &&
    (labels === undefined || Object.entries(labels).every(([name, value]) => alert.labels[name] === value)) &&
    (during === undefined || isWithin(clocks.of(during.zone).read(alert.openedAt), during.windows))
  );
}
