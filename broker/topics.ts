import type { Principal } from './message.ts';

const DEVICES = 'isotherm/v1/devices/';
const GATEWAYS = 'isotherm/v1/gateways/';
const COMMANDS = '/commands';
const SLASH = 0x2f;

/** Where a gateway or device listens. */
export function commandsTopic(kind: 'device' | 'gateway', id: string): string {
  return `${kind === 'device' ? DEVICES : GATEWAYS}${id}${COMMANDS}`;
}

/**
 * Who may publish where. Each only under its own name:
 * - a device, a gateway being one, under `isotherm/v1/devices/{id}/` and `isotherm/v1/gateways/{id}/`, but for `commands`;
 * - on the dialects' topics where the topic names it as the source (see {@link dialectSource});
 * - a service on any of the dialects' topics, since it speaks for others, and on none of the native ones.
 */
export function mayPublish(principal: Principal, topic: string): boolean {
  if (principal.kind === 'service') return dialectSource(topic) !== null;
  // Compared in place: this runs for every message.
  const root = topic.startsWith(DEVICES) ? DEVICES : GATEWAYS;
  const end = root.length + principal.id.length;
  if (topic.startsWith(root) && topic.startsWith(principal.id, root.length) && topic.charCodeAt(end) === SLASH) {
    const isCommands = topic.length === end + COMMANDS.length && topic.endsWith(COMMANDS);
    return topic.length > end + 1 && !isCommands;
  }
  return dialectSource(topic) === principal.id;
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

export function isGatewayStatus(topic: string): boolean {
  return topic.startsWith(GATEWAYS) && topic.endsWith('/status');
}

/** Whose commands these are, or null where the topic is no commands topic. */
export function commandsRecipient(topic: string): string | null {
  return /^isotherm\/v1\/(?:gateways|devices)\/([^/]+)\/commands$/.exec(topic)?.[1] ?? null;
}

/** A will here would be taken as news at the moment the sender died: measured then, or sent then, it was not. */
export function mayBeWill(topic: string): boolean {
  return isGatewayStatus(topic) || !topic.startsWith('isotherm/');
}

/** The source that a topic of one of the sensors' dialects names, or null where it is no such topic. */
export function dialectSource(topic: string): string | null {
  const parts = topic.split('/');
  const [root, first, second, third, fourth, fifth] = parts;
  switch (root) {
    case 'isotherm':
      // isotherm/v1/dialects/{dialect}/{source}
      return first === 'v1' && second === 'dialects' && parts.length === 5 ? (fourth ?? null) : null;
    case 'spBv1.0':
      // spBv1.0/{group}/{type}/{node}[/{device}]
      return parts.length === 4 || parts.length === 5 ? (third ?? null) : null;
    case 'v3':
      // v3/{app}@{tenant}/devices/{id}/up
      return second === 'devices' && fourth === 'up' && parts.length === 5 ? (third ?? null) : null;
    case 'application':
      // application/{id}/device/{eui}/event/up
      return second === 'device' && fourth === 'event' && fifth === 'up' && parts.length === 6 ? (third ?? null) : null;
    case 'ruuvi':
      // ruuvi/{gateway}/{tag}
      return parts.length === 3 ? (first ?? null) : null;
    case 'zigbee2mqtt':
    case 'tele':
      // zigbee2mqtt/{name}, zigbee2mqtt/{name}/availability; tele/{name}/SENSOR
      return parts.length >= 2 ? (first ?? null) : null;
    case 'homie':
      // homie/5/{device}/{node}/{property}
      return first === '5' && parts.length >= 4 ? (second ?? null) : null;
    default:
      // {id}/events/rpc and what else a Shelly says under its own name
      return root !== undefined && root !== '' && !root.startsWith('$') && parts.length >= 2 ? root : null;
  }
}

function isOwnCommands(id: string, topic: string): boolean {
  return topic === commandsTopic('device', id) || topic === commandsTopic('gateway', id);
}
