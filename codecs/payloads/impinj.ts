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
 * Events of the Impinj IoT Device Interface (R700, R510...) as published over MQTT or posted to a webhook: one, or an
 * array. `tagInventory` with `epcHex` or `epc` (base64url), `antennaPort`, `peakRssiCdbm` (0.01 dBm), with
 * Fast ID `tidHex` or `tid` (base64url); `gpiTransition`;
 * any other event type is a sign of life.
 */
export function decodeImpinj(message: unknown): TagEvents {
  return decodeEach(message, decodeEvent);
}

export const IMPINJ: Dialect = tagDialect('impinj-r700', decodeImpinj);

function decodeEvent(event: Json): DecodedEvent {
  const at = timeIn(event.timestamp);
  if (at === undefined) return `timestamp: given ${shown(event.timestamp)}, allowed: RFC 3339 with a zone`;
  if (isObject(event.tagInventoryEvent)) return decodeTag(event.tagInventoryEvent, at);
  if (isObject(event.gpiTransitionEvent)) return decodeGpi(event.gpiTransitionEvent, at);
  if (event.eventType === 'tagInventory' || typeof event.eventType !== 'string') {
    return `eventType: given ${shown(event.eventType)}; wanted tagInventory with a tagInventoryEvent`;
  }
  return { kind: 'alive', at };
}

function decodeTag({ epcHex, epc, antennaPort, peakRssiCdbm, tidHex, tid }: Json, at: number | null): DecodedEvent {
  const antenna = portIn(antennaPort);
  if (antenna === null) return `antennaPort: given ${shown(antennaPort)}, allowed: a number from 1`;
  const hex = epcHex === undefined ? hexOfBase64(epc) : hexIn(epcHex);
  if (hex === null) return `epcHex or epc: given ${shown(epcHex ?? epc)}, allowed: hex or base64 of 1 to 62 bytes`;
  if (peakRssiCdbm !== undefined && !isCdbm(peakRssiCdbm)) {
    return `peakRssiCdbm: given ${shown(peakRssiCdbm)}, allowed: -15,000 to 5,000`;
  }
  const rssiDbm = isCdbm(peakRssiCdbm) ? peakRssiCdbm / 100 : null;
  const own = tidIn(tidHex ?? hexOfBase64(tid));
  return { kind: 'tag', antenna, epcHex: hex, rssiDbm, count: 1, at, ...own };
}

function decodeGpi({ gpi, transition }: Json, at: number | null): DecodedEvent {
  const port = portIn(gpi);
  if (port === null) return `gpi: given ${shown(gpi)}, allowed: a number from 1`;
  if (transition !== 'low-to-high' && transition !== 'high-to-low') {
    return `transition: given ${shown(transition)}, allowed: low-to-high, high-to-low`;
  }
  return { kind: 'gpi', port, isHigh: transition === 'low-to-high', at };
}

function isCdbm(value: unknown): value is number {
  return typeof value === 'number' && value >= -15_000 && value <= 5_000;
}

function hexOfBase64(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return null;
  return hexIn(Buffer.from(value, 'base64').toString('hex'));
}
