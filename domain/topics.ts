/**
 * Isotherm's own MQTT topics, `isotherm/v1/...`: written here and nowhere else. The topics of sensors' dialects stand
 * with their decoders in codecs/payloads.
 */
const DEVICES = 'isotherm/v1/devices/';
const GATEWAYS = 'isotherm/v1/gateways/';
const DIALECTS = 'isotherm/v1/dialects/';

/** What stands behind the id in a topic of ours, where somebody reads or writes it. */
export type TopicTail = 'readings' | 'batches' | 'status' | 'commands' | 'manifest';

export function readingsTopic(device: string): string {
  return `${DEVICES}${device}/readings`;
}

/** What a gateway publishes on, and listens to. */
export function gatewayTopic(gateway: string, tail: Exclude<TopicTail, 'readings'>): string {
  return `${GATEWAYS}${gateway}/${tail}`;
}

/** Where a gateway or device listens. */
export function commandsTopic(kind: 'device' | 'gateway', id: string): string {
  return `${kind === 'device' ? DEVICES : GATEWAYS}${id}/commands`;
}

/** Where a maker's messages go that have no topic of their own. */
export function dialectTopic(dialect: string, source: string): string {
  return `${DIALECTS}${dialect}/${source}`;
}

/** A topic below devices/ or gateways/, taken apart: `isotherm/v1/devices/logger-7/readings`. */
export interface NativeTopic {
  readonly kind: 'device' | 'gateway';
  readonly id: string;
  /** All behind the id's slash; empty where there is none. */
  readonly tail: string;
}

/** null where the topic is not one of ours, or names nobody. */
export function nativeTopic(topic: string): NativeTopic | null {
  const kind = topic.startsWith(DEVICES) ? 'device' : topic.startsWith(GATEWAYS) ? 'gateway' : null;
  if (kind === null) return null;
  const from = kind === 'device' ? DEVICES.length : GATEWAYS.length;
  const slash = topic.indexOf('/', from);
  const end = slash < 0 ? topic.length : slash;
  return end === from ? null : { kind, id: topic.slice(from, end), tail: topic.slice(end + 1) };
}

/**
 * What is behind `id` in a topic of ours of that kind, or null where the topic is of another kind or names another id.
 * Compares in place: this runs for every message.
 */
export function tailBehind(topic: string, kind: 'device' | 'gateway', id: string): string | null {
  const root = kind === 'device' ? DEVICES : GATEWAYS;
  const end = root.length + id.length;
  if (topic.charCodeAt(end) !== 0x2f || !topic.startsWith(root) || !topic.startsWith(id, root.length)) return null;
  return topic.slice(end + 1);
}

export function isGatewayStatus(topic: string): boolean {
  return topic.startsWith(GATEWAYS) && topic.endsWith('/status');
}

/** Whether only the platform speaks there: commands and door manifests. */
export function isPlatformsTail(tail: string): boolean {
  return tail === 'commands' || tail === 'manifest';
}

/** For whom this is, or null where the topic is none on which the platform speaks to one of its own. */
export function commandsRecipient(topic: string): string | null {
  const native = nativeTopic(topic);
  return native !== null && isPlatformsTail(native.tail) ? native.id : null;
}

/** `isotherm/v1/dialects/{dialect}/{source}` taken apart; null where it is no such topic. */
export function dialectTopicParts(topic: string): { readonly dialect: string; readonly source: string } | null {
  if (!topic.startsWith(DIALECTS)) return null;
  const [dialect = '', source = '', more] = topic.slice(DIALECTS.length).split('/');
  return dialect === '' || source === '' || more !== undefined ? null : { dialect, source };
}

/** Every topic of ours begins like this; nobody else's does. */
export function isOurs(topic: string): boolean {
  return topic.startsWith('isotherm/');
}
