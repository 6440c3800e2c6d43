import {
  commandsTopic,
  gatewayTopic,
  HOST_STATE_TOPIC,
  isGatewayStatus,
  isOurs,
  isPlatformsTail,
  nativeTopic,
  tailBehind,
} from '../domain/index.ts';
import type { Principal } from './message.ts';

/** The source that a topic of a sensors' dialect names; null where nobody decodes the topic. */
export type SourceOf = (topic: string) => string | null;

/**
 * Whose topic it is, for who publishes on it:
 * - `own`: it may;
 * - `foreign`: it names another source, or is the platform's to write (`commands`, `manifest`);
 * - `unknown`: nobody here decodes it, so it names nobody.
 */
export type Right = 'own' | 'foreign' | 'unknown';

/**
 * Who may publish where. Each only under its own name: a device or gateway below `isotherm/v1/devices/{id}/` and
 * `isotherm/v1/gateways/{id}/`, but for `commands` and `manifest`, and on the dialects' topics that name it; a service on any of the
 * dialects' topics, since it speaks for others, and on none of the native ones.
 */
export function rightToPublish({ kind, id }: Principal, topic: string, sourceOf: SourceOf): Right {
  if (kind !== 'service') {
    const tail = tailBehind(topic, 'device', id) ?? tailBehind(topic, 'gateway', id);
    if (tail !== null) return isPlatformsTail(tail) ? 'foreign' : 'own';
  }
  if (nativeTopic(topic) !== null) return 'foreign';
  const source = sourceOf(topic);
  if (source === null) return 'unknown';
  return kind === 'service' || source === id ? 'own' : 'foreign';
}

/**
 * A device: its own commands, by either name, a gateway's manifest, and what its dialect has it listen to under its own name. A service: the
 * gateways' retained states, and what dialects listen to under any name. Nothing is delivered but what we send, so what is
 * granted beyond commands and states keeps stock clients from giving up.
 */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.kind !== 'service') return isOwnCommands(principal.id, filter) || isDialectsDown(filter, principal.id);
  if (isDialectsDown(filter, null)) return true;
  return /^isotherm\/v1\/gateways\/[^/#]+\/status$/.test(filter);
}

/** Whether a topic may be delivered to a client, whatever it subscribed to. */
export function mayReceive(principal: Principal, topic: string): boolean {
  if (principal.kind === 'service') return isGatewayStatus(topic) || isDialectsDown(topic, null);
  return isOwnCommands(principal.id, topic) || isDialectsDown(topic, principal.id);
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
  return topic.startsWith('$') && /^\$SYS\/broker\/connection\/[^/]+\/state$/.test(topic);
}

/**
 * Topics that sensors listen to: `zigbee2mqtt/{id}/...`, `cmnd/{id}/...`, `homie/5/{id}/...`, `{id}/rpc`, Sparkplug's
 * `spBv1.0/STATE/isotherm` and `spBv1.0/{group}/NCMD/{id}`, `DCMD/{id}/{device}`.
 * @param id whose they must be; null for anyone's
 */
function isDialectsDown(filter: string, id: string | null): boolean {
  const [root = '', first, second, third] = filter.split('/');
  const isOwn = (name: string | undefined) => name !== undefined && (id === null || name === id);
  if (root === 'spBv1.0') {
    return filter === HOST_STATE_TOPIC || ((second === 'NCMD' || second === 'DCMD') && isOwn(third));
  }
  if (root === 'homie') return first === '5' && isOwn(second);
  if (root === 'zigbee2mqtt' || root === 'cmnd') return isOwn(first);
  return id !== null && root === id && first !== undefined && !isOurs(filter);
}

function isOwnCommands(id: string, topic: string): boolean {
  if (topic === gatewayTopic(id, 'manifest')) return true;
  return topic === commandsTopic('device', id) || topic === commandsTopic('gateway', id);
}

/**
 * A topic or filter that is no text of MQTT: with NUL, or of bytes that were not UTF-8, which have become U+FFFD
 * (MQTT-1.5.3-1, MQTT-1.5.3-2). A U+FFFD that was really sent is in no topic of anybody here.
 */
export function isIllFormed(text: string): boolean {
  return text.includes('\0') || text.includes('\uFFFD');
}

/** Whether the wildcards of a filter stand where they may: each a level of its own, `#` the last one (MQTT 3.1.1, 4.7.1). */
export function isFilter(text: string): boolean {
  const levels = text.split('/');
  return (
    text !== '' &&
    levels.every((level, n) => !/[#+]/.test(level) || level === '+' || (level === '#' && n === levels.length - 1))
  );
}
