import { type Collector, decodeObject, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { readUplink } from './lorawan/uplink.ts';
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
    if (event !== undefined && event !== 'up') return NOTHING_MEASURED;
    return decodeObject(payload, (message, into) => {
      const { end_device_ids: ids, uplink_message: uplink } = message;
      // Webhooks carry joins and other events as well.
      if (uplink === undefined && isObject(ids)) return;
      // A topic that names the device is what its sender may publish on; what the message says then changes nothing.
      const named = isObject(ids) && typeof ids.device_id === 'string' ? ids.device_id : source;
      const device = event === undefined ? named : source;
      if (!isObject(uplink))
        into.refuse('MESSAGE_MALFORMED', 'uplink_message', `is ${shown(uplink)}; allowed: an object`);
      else readMessage(uplink, device, into, decoder);
    });
  },
};

function readMessage(uplink: Json, device: string, into: Collector, decoder?: string): void {
  const time = timeIn(uplink.received_at);
  if (time === undefined) {
    const detail = `is ${shown(uplink.received_at)}; allowed: RFC 3339 with a zone`;
    into.refuse('TIME_NOT_UNDERSTOOD', 'uplink_message.received_at', detail);
    return;
  }
  const { normalized_payload: normalized, decoded_payload: decoded, frm_payload: bytes, f_port: port } = uplink;
  const parts = Array.isArray(normalized) ? normalized.filter(isObject) : [];
  if (parts.length > 0 && decoder === undefined) {
    for (const [index, part] of parts.entries()) readNormalized(part, { device, time, index }, into);
    return;
  }
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
