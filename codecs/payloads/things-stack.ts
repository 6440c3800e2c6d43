import { type Collector, decodeObject, isTold, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { readUplink } from './lorawan/uplink.ts';
import { measurePosition } from './position.ts';
import { hearSignal } from './radio-signal.ts';
import { isObject, type Json, timeIn } from './tag-event.ts';

/** `v3/{application}@{tenant}/devices/{device}/up`, and its other events. */
const TOPIC = /^v3\/[^/]+\/devices\/([^/]+)\/([a-z/_]+)$/;

/**
 * The Things Stack v3 (thethingsindustries.com/docs, *Data Formats*): an uplink by its `device_id`, of
 * `uplink_message.received_at`. `normalized_payload` first, which has units by its definition; then `decoded_payload`; else
 * the bytes of `frm_payload`. Empty fields are left out by the server, so absent is zero or nothing.
 */
export const THINGS_STACK: Dialect = {
  name: 'the-things-stack',
  sourceOf: (topic) => TOPIC.exec(topic)?.[1] ?? null,
  decode({ topic, source, payload, decoder }) {
    const event = TOPIC.exec(topic)?.[2];
    if (event !== undefined && event !== 'up' && event !== 'location/solved') return NOTHING_MEASURED;
    return decodeObject(payload, (message, into) => {
      const { end_device_ids: ids, uplink_message: uplink, location_solved: solved } = message;
      // Webhooks carry joins and other events as well.
      if (uplink === undefined && solved === undefined && isObject(ids)) return;
      // A topic that names the device is what its sender may publish on; what the message says then changes nothing.
      const named = isObject(ids) && typeof ids.device_id === 'string' ? ids.device_id : source;
      const device = event === undefined ? named : source;
      if (isObject(solved)) readSolved(solved, message.received_at, device, into);
      else if (!isObject(uplink))
        into.refuse('MESSAGE_MALFORMED', 'uplink_message', `is ${shown(uplink)}; allowed: an object`);
      else {
        hearSignal(uplink.rx_metadata, device, into);
        frameOf(uplink, ids, device, into);
        readMessage(uplink, device, into, decoder);
      }
    });
  },
};

/** The same frame by several networks or ways: session, counter (absent where it is 0) and payload. */
function frameOf(uplink: Json, ids: unknown, device: string, into: Collector): void {
  const session = uplink.session_key_id ?? (isObject(ids) ? ids.dev_addr : undefined);
  const time = timeIn(uplink.received_at);
  if (typeof session !== 'string' || time === undefined) return;
  const { f_cnt: counter = 0, frm_payload: bytes = '' } = uplink;
  into.isFrame({ key: `${device} ${session} ${String(counter)} ${String(bytes)}`, time });
}

function readMessage(uplink: Json, device: string, into: Collector, decoder?: string): void {
  const time = timeIn(uplink.received_at);
  if (time === undefined) {
    const detail = `is ${shown(uplink.received_at)}; allowed: RFC 3339 with a zone`;
    into.refuse('TIME_NOT_UNDERSTOOD', 'uplink_message.received_at', detail);
    return;
  }
  if (!isTold(time, uplink, 'uplink_message.received_at', into, device)) return;
  const { normalized_payload: normalized, decoded_payload: decoded, frm_payload: bytes, f_port: port } = uplink;
  const parts = Array.isArray(normalized) ? normalized.filter(isObject) : [];
  if (parts.length > 0 && decoder === undefined) {
    readLocations(uplink, device, time, into);
    for (const [index, part] of parts.entries()) readNormalized(part, { device, time, index }, into);
    return;
  }
  readLocations(uplink, device, time, into);
  const versions = isObject(uplink.version_ids) ? uplink.version_ids : {};
  readUplink(
    {
      ...{ device, time },
      decoded:
        isObject(decoded) && Object.keys(decoded).length > 0
          ? { object: decoded, field: 'uplink_message.decoded_payload' }
          : null,
      raw:
        typeof bytes === 'string' && bytes !== ''
          ? { data: bytes, field: 'uplink_message.frm_payload', port: typeof port === 'number' ? port : 0 }
          : null,
      hints: [versions.brand_id, versions.model_id].filter((hint) => typeof hint === 'string'),
    },
    into,
    decoder,
  );
}

/** Measurements with units of the definition: °C, %RH, hPa, lux; each may have a time of its own. */
function readNormalized(
  part: Json,
  { device, time, index }: { readonly device: string; readonly time: number | null; readonly index: number },
  into: Collector,
): void {
  const at = part.time === undefined ? time : timeIn(part.time);
  const field = `uplink_message.normalized_payload[${index}]`;
  if (at === undefined) {
    into.refuse('TIME_NOT_UNDERSTOOD', `${field}.time`, `is ${shown(part.time)}; allowed: RFC 3339 with a zone`);
    return;
  }
  const air = isObject(part.air) ? part.air : {};
  into.measure(device, 'temperature', air.temperature, at, `${field}.air.temperature`);
  into.measure(device, 'humidity', air.relativeHumidity, at, `${field}.air.relativeHumidity`);
  into.measure(device, 'pressure', air.pressure, at, `${field}.air.pressure`);
  into.measure(device, 'light', air.lightIntensity, at, `${field}.air.lightIntensity`);
}

/** Where the device was by this very uplink; what somebody typed into a registry is no fix. */
function readLocations({ locations }: Json, device: string, time: number | null, into: Collector): void {
  for (const [name, location] of Object.entries(isObject(locations) ? locations : {})) {
    if (!isObject(location) || name === 'user' || location.source === 'SOURCE_REGISTRY') continue;
    const { latitude, longitude, accuracy } = location;
    measurePosition({ latitude, longitude, accuracy }, device, time, `uplink_message.locations.${name}`, into);
    return;
  }
}

/** A position that a service worked out, of when it said so. */
function readSolved({ location }: Json, received: unknown, device: string, into: Collector): void {
  const time = timeIn(received);
  if (time === undefined || !isObject(location)) {
    into.refuse('TIME_NOT_UNDERSTOOD', 'received_at', `is ${shown(received)}; allowed: RFC 3339 with a zone`);
    return;
  }
  const { latitude, longitude, accuracy } = location;
  measurePosition({ latitude, longitude, accuracy }, device, time, 'location_solved.location', into);
}
