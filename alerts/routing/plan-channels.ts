import { SEVERITIES } from '../../domain/index.ts';
import type { RouteNode, RoutingPlan, Target } from './routing.ts';

/** The channels that a routing names, each with the first place that does: `people.anna.notify.critical`. */
export function channelsOfPlan({ people, root }: RoutingPlan): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const note = (channel: string, where: string) => {
    if (!found.has(channel)) found.set(channel, where);
  };
  for (const { id, notify, addresses } of people.values()) {
    for (const channel of Object.keys(addresses)) note(channel, `people.${id}.addresses`);
    for (const severity of SEVERITIES) {
      for (const channel of notify[severity]) note(channel, `people.${id}.notify.${severity}`);
    }
  }
  const noteTargets = (to: readonly Target[], route: string) => {
    for (const target of to) if ('channel' in target) note(target.channel, `the route ${route}`);
  };
  const descend = ({ name, to, escalation, routes }: RouteNode) => {
    noteTargets(to ?? [], name);
    for (const step of escalation ?? []) noteTargets(step.to, name);
    for (const child of routes) descend(child);
  };
  descend(root);
  return found;
}
