import { type Collector, celsiusOf, shown } from '../collector.ts';
import { type Meant, meaningOf } from '../metric-names.ts';
import { measurePosition } from '../position.ts';
import { statedTime } from '../stated-time.ts';
import { isObject, type Json } from '../tag-event.ts';
import { decoderFor } from './decoders.ts';

/** What a LoRaWAN network server hands on of one uplink. */
export interface Uplink {
  readonly device: string;
  readonly time: number | null;
  /** What a decoder of the network server's made of the bytes, and where it stands in the message. */
  readonly decoded: { readonly object: Json; readonly field: string } | null;
  /** Base64, and where it stands; null where there are no bytes. */
  readonly raw: { readonly data: string; readonly field: string; readonly port: number } | null;
  /** Brand and model, or names of profiles: what a decoder can be found by. */
  readonly hints: readonly string[];
}

/** A decoded object where there is one, else its bytes through a named decoder. @param named a decoder by name */
export function readUplink(uplink: Uplink, into: Collector, named?: string): void {
  const { decoded, raw, device, time, hints } = uplink;
  if (decoded !== null && named === undefined) {
    readObject(decoded.object, { device, time, field: decoded.field }, into);
    return;
  }
  if (raw === null) return;
  const decode = decoderFor(named === undefined ? hints : [named]);
  if (decode === null) {
    const known = hints.filter((hint) => hint !== '').join(' ');
    const what = named ?? (known === '' ? 'neither brand nor model in the message' : known);
    into.refuse('DECODER_MISSING', raw.field, `no decoder for ${what}; decode it in the network server, or name one`);
    return;
  }
  const bytes = bytesOf(raw.data);
  if (bytes === null) into.refuse('MESSAGE_MALFORMED', raw.field, 'is no base64');
  else decode({ bytes, port: raw.port, device, time, field: raw.field }, into);
}

/** Numbers under names that say what they are, of the time that stands beside them, else of when they were received; of several probes (`temperature_1`, `temperature_2`) each is a device. */
export function readObject(
  object: Json,
  { device, time: received, field }: { readonly device: string; readonly time: number | null; readonly field: string },
  into: Collector,
): void {
  const stated = statedTime(object);
  if (stated !== null && 'field' in stated) {
    const detail = `is ${shown(object[stated.field])}, and what stands beside it was measured then; allowed: one time, with a zone`;
    into.refuse('TIME_NOT_UNDERSTOOD', `${field}.${stated.field}`, detail, device);
    return;
  }
  const time = stated?.time ?? received;
  const found = Object.entries(object).flatMap(([name, value]) => valuesOf(name, value, `${field}.${name}`));
  for (const { meant, channel, value, path } of found) {
    const isOnly = found.filter((other) => other.meant.metric === meant.metric).length === 1;
    // A probe that measures nothing now is one of several all the same: the other keeps its id.
    if (value === null) continue;
    const of = channel === null || isOnly ? device : `${device}.${channel}`;
    into.measure(of, meant.metric, celsiusOf(value, meant.unit ?? 'C'), time, path);
  }
  readPosition(object, { device, time, field }, into, 0);
}

/** `{latitude, longitude}`, or one level or two further down: Cayenne LPP has `{"gps_1": {...}}`, `{"gpsLocation": {"1": {...}}}`. */
function readPosition(
  object: Json,
  of: { readonly device: string; readonly time: number | null; readonly field: string },
  into: Collector,
  depth: number,
): void {
  const { latitude, longitude, accuracy } = object;
  if (latitude !== undefined && longitude !== undefined) {
    measurePosition({ latitude, longitude, accuracy }, of.device, of.time, of.field, into);
    return;
  }
  if (depth === 2) return;
  for (const [name, part] of Object.entries(object)) {
    const isPlace = depth === 1 || /gps|location|position/i.test(name);
    if (isPlace && isObject(part)) readPosition(part, { ...of, field: `${of.field}.${name}` }, into, depth + 1);
  }
}

interface Found {
  readonly meant: Meant;
  readonly channel: string | null;
  readonly value: unknown;
  readonly path: string;
}

function valuesOf(name: string, value: unknown, path: string): Found[] {
  // Cayenne LPP by channel, as ChirpStack decodes it: {"temperatureSensor": {"1": 22.5}}.
  if (isObject(value)) {
    const meant = meaningOf(name.replace(/sensor$/i, ''));
    if (meant === null) return [];
    return Object.entries(value).map(([channel, inner]) => ({
      ...{ meant, channel, value: inner, path: `${path}.${channel}` },
    }));
  }
  const [, stem = name, channel = null] = /^(.*?)_(\d+)$/.exec(name) ?? [];
  const meant = meaningOf(name) ?? meaningOf(stem);
  return meant === null ? [] : [{ meant, channel, value, path }];
}

function bytesOf(data: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) return null;
  return Buffer.from(data, 'base64');
}
