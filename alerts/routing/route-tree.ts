import { isWithin, LocalClocks } from './local-clock.ts';
import type { Escalation, RoutedAlert, RouteMatch, RouteNode, Target } from './routing.ts';

/** A route that takes an alert, with what it inherits. */
export interface TakenRoute {
  /** From the root: `all / cold rooms / night`. */
  readonly path: string;
  readonly to: readonly Target[];
  readonly escalation: readonly Escalation[];
  readonly repeatMs: number;
}

interface Inherited {
  readonly path: string;
  readonly to: readonly Target[];
  readonly escalation: readonly Escalation[];
  readonly repeatMs: number;
}

/** The routes that take an alert, in the order of the tree. The root takes every alert that none below it does. */
export function routesOf(root: RouteNode, alert: RoutedAlert, clocks = new LocalClocks()): readonly TakenRoute[] {
  return descend(root, alert, clocks, { path: '', to: [], escalation: [], repeatMs: 0 });
}

function descend(node: RouteNode, alert: RoutedAlert, clocks: LocalClocks, from: Inherited): TakenRoute[] {
  const here: Inherited = {
    path: from.path === '' ? node.name : `${from.path} / ${node.name}`,
    to: node.to ?? from.to,
    escalation: node.escalation ?? from.escalation,
    repeatMs: node.repeatMs ?? from.repeatMs,
  };
  const taken: TakenRoute[] = [];
  for (const child of node.routes) {
    if (!isTaken(child.match, alert, clocks)) continue;
    taken.push(...descend(child, alert, clocks, here));
    if (!child.isContinued) return taken;
  }
  return taken.length > 0 ? taken : [here];
}

function isTaken(match: RouteMatch, alert: RoutedAlert, clocks: LocalClocks): boolean {
  const { severity, kind, site, profile, product, labels, during } = match;
  return (
    (severity === undefined || severity.includes(alert.severity)) &&
    (kind === undefined || kind.includes(alert.kind)) &&
    (site === undefined || site.some((id) => alert.sites.includes(id))) &&
    (profile === undefined || profile.some((id) => alert.profiles.includes(id))) &&
    (product === undefined || product.some((gtin) => alert.products.includes(gtin))) &&
    (labels === undefined || Object.entries(labels).every(([name, value]) => alert.labels[name] === value)) &&
    (during === undefined || isWithin(clocks.of(during.zone).read(alert.openedAt), during.windows))
  );
}
