import type { Metric } from '../../domain/index.ts';
import { type Collector, decimal, decodeObject, isTold, NOTHING_MEASURED, shown } from './collector.ts';
import type { Decoded, Dialect } from './dialect.ts';
import { NotJson } from './json.ts';
import { type Json, timeIn } from './tag-event.ts';

const BASE = 'zigbee2mqtt/';

/** As zigbee2mqtt.io (*Exposes*) names them, in our units. */
const FIELDS: Readonly<Record<string, Metric>> = {
  temperature: 'temperature',
  humidity: 'humidity',
  pressure: 'pressure',
  battery: 'battery',
};

/** What stands behind a device's name and measures nothing. */
const OF_ITSELF: ReadonlySet<string> = new Set(['availability', 'set', 'get', 'action']);

/**
 * Zigbee2MQTT (zigbee2mqtt.io, *MQTT Topics and Messages*): `zigbee2mqtt/{name}` with an object of what the device
 * exposes; of several endpoints (`temperature_l1`, `temperature_1`) each is `{name}.l1`, `{name}.1`, and a probe on a cable
 * (`probe_temperature`) is `{name}.probe`. A name may have folders: `kitchen/fridge` is
 * `kitchen.fridge`. `last_seen` is the time, where it is switched on. `contact` is true while a door is closed. Its
 * availability, and all below `zigbee2mqtt/bridge`, measures nothing.
 */
export const ZIGBEE2MQTT: Dialect = {
  name: 'zigbee2mqtt',
  sourceOf(topic) {
    if (!topic.startsWith(BASE)) return null;
    const [name = ''] = topic.slice(BASE.length).split('/');
    return name === '' ? null : name;
  },
  decode({ topic, source, payload }) {
    const below = topic.startsWith(BASE) ? topic.slice(BASE.length).split('/').slice(1) : [];
    if (source === 'bridge' || below.some((part) => OF_ITSELF.has(part))) return NOTHING_MEASURED;
    // An empty message takes a retained one back.
    if (payload.length === 0) return NOTHING_MEASURED;
    // With `output: attribute` each value has a topic of its own, and none is an object: an object is a device's.
    const attribute = isObjectText(payload) ? undefined : below.at(-1);
    if (attribute !== undefined) return decodeAttribute(attribute, [source, ...below.slice(0, -1)].join('.'), payload);
    return decodeObject(payload, (message, into) => readExposed(message, [source, ...below].join('.'), into));
  },
};

/** What a field measures, and of which part of the device: an endpoint, or its probe. */
function exposedAs(field: string): { readonly metric: Metric; readonly part: string | null } | null {
  if (field === 'probe_temperature' || field === 'temperature_probe') return { metric: 'temperature', part: 'probe' };
  const [, name = '', endpoint = null] = /^([a-z]+)(?:_(l?\d+))?$/.exec(field) ?? [];
  const metric = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  return metric === undefined ? null : { metric, part: endpoint };
}

/** Some devices expose air pressure in hPa, more in kPa; the message does not say which, and no air has both numbers. */
function hectopascals(given: unknown): unknown {
  return typeof given === 'number' && given >= 30 && given <= 120 ? decimal(given * 10) : given;
}

function isObjectText(payload: Uint8Array): boolean {
  return Buffer.from(payload.subarray(0, 16)).toString('latin1').trimStart().startsWith('{');
}

function readExposed(message: Json, source: string, into: Collector): void {
  const time = timeOf(message.last_seen);
  if (time === undefined) {
    into.refuse(
      'TIME_NOT_UNDERSTOOD',
      'last_seen',
      `is ${shown(message.last_seen)}; allowed: ISO 8601 with a zone, epoch ms`,
    );
    return;
  }
  if (!isTold(time, message, 'last_seen', into)) return;
  for (const [field, value] of Object.entries(message)) {
    // Before a sensor has reported, Zigbee2MQTT says null: absent, not bad.
    if (value === null) continue;
    const exposed = exposedAs(field);
    if (exposed === null) continue;
    const { metric, part } = exposed;
    const given = metric === 'pressure' ? hectopascals(value) : value;
    into.measure(part === null ? source : `${source}.${part}`, metric, given, time, field);
  }
  // Version 1 has a raw `illuminance` beside `illuminance_lux`; version 2 has lux in `illuminance`.
  const light = message.illuminance_lux ?? message.illuminance ?? undefined;
  into.measure(source, 'light', light, time, message.illuminance_lux === undefined ? 'illuminance' : 'illuminance_lux');
  const { contact } = message;
  if (typeof contact === 'boolean') into.measure(source, 'door', contact ? 0 : 1, time, 'contact');
}

function decodeAttribute(field: string, source: string, payload: Uint8Array): Decoded {
  const isMeasured = exposedAs(field) !== null || ['illuminance', 'illuminance_lux', 'contact'].includes(field);
  if (!isMeasured) return NOTHING_MEASURED;
  const text = Buffer.from(payload).toString('utf8');
  return decodeObject(Buffer.from(`{"${field}":${text}}`), (message, into) => {
    const value = message[field];
    if (value instanceof NotJson && value.text === '') return;
    readExposed(message, source, into);
  });
}

function timeOf(given: unknown): number | null | undefined {
  if (typeof given === 'number')
    return Number.isFinite(given) && given >= 1e11 && given < 1e14 ? Math.floor(given) : undefined;
  return timeIn(given);
}
