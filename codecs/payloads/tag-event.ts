import { tidOf } from '../../domain/index.ts';
import { NotJson } from './json.ts';

/** What an RFID reader with a JSON interface says; `at` is epoch ms UTC, null where the message has no time. */
export type TagEvent =
  | {
      readonly kind: 'tag';
      readonly antenna: number;
      /** EPC memory as upper-case hex, whole bytes. */
      readonly epcHex: string;
      readonly rssiDbm: number | null;
      readonly count: number;
      readonly at: number | null;
      /** TID memory as upper-case hex; absent: the reader did not read it, or what it read is none. */
      readonly tidHex?: string;
    }
  | { readonly kind: 'gpi'; readonly port: number; readonly isHigh: boolean; readonly at: number | null }
  /** Nothing was seen, but the reader is there. */
  | { readonly kind: 'alive'; readonly at: number | null };

export interface TagRefusal {
  /** Which key, what is there, what is allowed. */
  readonly reason: string;
  readonly part: object;
}

export interface TagEvents {
  readonly events: readonly TagEvent[];
  readonly refused: readonly TagRefusal[];
}

export type Json = Readonly<Record<string, unknown>>;

/** An event decoded, or what is wrong with it. */
export type DecodedEvent = TagEvent | string;

/** Events come alone or in an array; one that cannot be taken costs only itself. */
export function decodeEach(message: unknown, decode: (event: Json) => DecodedEvent): TagEvents {
  const events: TagEvent[] = [];
  const refused: TagRefusal[] = [];
  for (const part of Array.isArray(message) ? message : [message]) {
    if (!isObject(part)) {
      refused.push({ reason: 'an event is no object', part: { event: part } });
      continue;
    }
    const decoded = decode(part);
    if (typeof decoded === 'string') refused.push({ reason: decoded, part });
    else events.push(decoded);
  }
  return { events, refused };
}

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof NotJson);
}

/** A number of an antenna or input, from 1; null where it is none. */
export function portIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535 ? value : null;
}

/** EPC memory: hex of 1 to 62 whole bytes (TDS 2.3, 15: a length of 5 bits in words). */
export function hexIn(value: unknown): string | null {
  if (typeof value !== 'string' || !/^([0-9A-Fa-f]{2}){1,62}$/.test(value)) return null;
  return value.toUpperCase();
}

/** The tag's own number, for an event; nothing where it is none: the read is good without. */
export function tidIn(value: unknown): { readonly tidHex?: string } {
  const tid = typeof value === 'string' ? tidOf(value) : null;
  return tid === null ? {} : { tidHex: tid };
}

/** RFC 3339, the zone with or without a colon; undefined where there is something else, null where there is nothing. */
export function timeIn(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d):?(\d\d)?$/.exec(value);
  if (match === null) return undefined;
  const [, day = '', fraction = '', zone = 'Z', minutes = '00'] = match;
  const time = Date.parse(`${day}${fraction}${zone === 'Z' ? 'Z' : `${zone}:${minutes}`}`);
  return Number.isNaN(time) ? undefined : time;
}

/** What is there, short. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
