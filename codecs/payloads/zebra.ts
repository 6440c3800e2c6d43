import type { Dialect } from './dialect.ts';
import { tagDialect } from './tag-dialect.ts';
import {
  type DecodedEvent,
  decodeEach,
  hexIn,
  isObject,
  type Json,
  portIn,
  shown,
  type TagEvents,
  tidIn,
  timeIn,
} from './tag-event.ts';

/**
 * Events of the Zebra IoT Connector (FX7500, FX9600, ATR7000) as published over MQTT or posted: one, or an array.
 * Tag events (`SIMPLE`, `CUSTOM`...) have `data` with `idHex`, `antenna`, `peakRssi` (dBm), `reads` and `TID`; `gpi` events
 * `data` with `pin` and `state`; any other type (heartbeat) is a sign of life.
 */
export function decodeZebra(message: unknown): TagEvents {
  return decodeEach(message, decodeEvent);
}

export const ZEBRA: Dialect = tagDialect('zebra-fx', decodeZebra);

function decodeEvent({ data, timestamp, type }: Json): DecodedEvent {
  const at = timeIn(timestamp);
  if (at === undefined) return `timestamp: given ${shown(timestamp)}, allowed: RFC 3339 with a zone`;
  if (!isObject(data)) return `data: given ${shown(data)}, allowed: an object`;
  if (data.idHex !== undefined) return decodeTag(data, at);
  if (typeof type !== 'string') return `type: given ${shown(type)}; wanted a tag event with data.idHex`;
  if (type.toLowerCase() === 'gpi') return decodeGpi(data, at);
  return /^(simple|custom|inventory|portal|conveyor)$/i.test(type) ? 'data.idHex: missing' : { kind: 'alive', at };
}

function decodeTag({ idHex, antenna, peakRssi, reads, TID }: Json, at: number | null): DecodedEvent {
  const port = portIn(antenna);
  if (port === null) return `data.antenna: given ${shown(antenna)}, allowed: a number from 1`;
  const epcHex = hexIn(idHex);
  if (epcHex === null) return `data.idHex: given ${shown(idHex)}, allowed: hex of 1 to 62 bytes`;
  if (peakRssi !== undefined && !isDbm(peakRssi)) {
    return `data.peakRssi: given ${shown(peakRssi)}, allowed: -150 to 50 dBm`;
  }
  const count = portIn(reads) ?? 1;
  return { kind: 'tag', antenna: port, epcHex, rssiDbm: isDbm(peakRssi) ? peakRssi : null, count, at, ...tidIn(TID) };
}

function decodeGpi({ pin, state }: Json, at: number | null): DecodedEvent {
  const port = portIn(pin);
  if (port === null) return `data.pin: given ${shown(pin)}, allowed: a number from 1`;
  const level = typeof state === 'string' ? state.toUpperCase() : '';
  if (level !== 'HIGH' && level !== 'LOW') return `data.state: given ${shown(state)}, allowed: HIGH, LOW`;
  return { kind: 'gpi', port, isHigh: level === 'HIGH', at };
}

function isDbm(value: unknown): value is number {
  return typeof value === 'number' && value >= -150 && value <= 50;
}
