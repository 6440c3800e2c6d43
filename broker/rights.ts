import { commandsTopic, isGatewayStatus, isOurs, nativeTopic, tailBehind } from '../domain/index.ts';
import type { Principal } from './message.ts';

/** The source that a topic of a sensors' dialect names; null where nobody decodes the topic. */
export type SourceOf = (topic: string) => string | null;

/**
 * Whose topic it is, for who publishes on it:
 * - `own`: it may;
 * - `foreign`: it names another source, or is the platform's to write (`commands`);
 * - `unknown`: nobody here decodes it, so it names nobody.
 */
export type Right = 'own' | 'foreign' | 'unknown';

/**
 * Who may publish where. Each only under its own name: a device or gateway below `isotherm/v1/devices/{id}/` and
 * `isotherm/v1/gateways/{id}/`, but for `commands`, and on the dialects' topics that name it; a service on any of the
 * dialects' topics, since it speaks for others, and on none of the native ones.
 */
export function rightToPublish({ kind, id }: Principal, topic: string, sourceOf: SourceOf): Right {
  if (kind !== 'service') {
    const tail = tailBehind(topic, 'device', id) ?? tailBehind(topic, 'gateway', id);
    if (tail !== null) return tail === 'commands' ? 'foreign' : 'own';
  }
  if (nativeTopic(topic) !== null) return 'foreign';
  const source = sourceOf(topic);
  if (source === null) return 'unknown';
  return kind === 'service' || source === id ? 'own' : 'foreign';
}

/** A device: its own commands, by either name. A service: the gateways' retained states. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.kind !== 'service') return isOwnCommands(principal.id, filter);
  return /^isotherm\/v1\/gateways\/[^/#]+\/status$/.test(filter);
}

/** Whether a topic may be delivered to a client, whatever it subscribed to. */
export function mayReceive(principal: Principal, topic: string): boolean {
  if (principal.kind === 'service') return isGatewayStatus(topic);
  return isOwnCommands(principal.id, topic);
}

/**
 * A will that a client may leave. Of ours only a gateway's own state: a will with readings would be taken as measured at
 * the moment the sender died. Other people's states (`zigbee2mqtt/bridge/state`, `tele/{name}/LWT`, a bridge's
 * `$SYS/broker/connection/{name}/state`) are what stock clients leave, whose they are not asked: they change nothing.
 */
export function mayBeWill({ id }: Principal, topic: string): boolean {
  if (isOurs(topic)) return tailBehind(topic, 'gateway', id) === 'status';
  return !topic.startsWith('$') || isBridgeState(topic);
}

/**
 * Where a Mosquitto bridge says that it is there, by will and by publishing (mosquitto.conf(5), `notifications` and
 * `notification_topic`): news for an operator of bridges, no measurement.
 */
export function isBridgeState(topic: string): boolean {
  return /^\$SYS\/broker\/connection\/[^/]+\/state$/.test(topic);
}

function isOwnCommands(id: string, topic: string): boolean {
  return topic === commandsTopic('device', id) || topic === commandsTopic('gateway', id);
}
