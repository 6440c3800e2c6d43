import protobuf from 'protobufjs/light.js';
import { InputError } from '../../../domain/index.ts';
import { COMPRESSED, unpacked } from './compression.ts';

/*
 * The messages of Sparkplug 3.0, 6.4.1 (Google protocol buffers, proto2), as far as a receiver of measurements reads them.
 * Data sets, templates and bytes are read as bytes: that they are there is all that is asked.
 */
const uint64 = (id: number) => ({ type: 'uint64', id });
const uint32 = (id: number) => ({ type: 'uint32', id });
const bool = (id: number) => ({ type: 'bool', id });
const text = (id: number) => ({ type: 'string', id });
const bytes = (id: number) => ({ type: 'bytes', id });

// Fields have presence: in proto3, as which protobufjs reads JSON by default, 0 °C would be nothing at all.
const root = protobuf.Root.fromJSON({
  nested: {
    PropertyValue: {
      edition: 'proto2',
      fields: {
        ...{ type: uint32(1), isNull: bool(2), intValue: uint32(3), longValue: uint64(4) },
        ...{ floatValue: { type: 'float', id: 5 }, doubleValue: { type: 'double', id: 6 } },
        ...{ booleanValue: bool(7), stringValue: text(8) },
      },
    },
    PropertySet: {
      edition: 'proto2',
      fields: {
        keys: { rule: 'repeated', ...text(1) },
        values: { rule: 'repeated', type: 'PropertyValue', id: 2 },
      },
    },
    Metric: {
      edition: 'proto2',
      fields: {
        ...{ name: text(1), alias: uint64(2), timestamp: uint64(3), datatype: uint32(4) },
        ...{ isHistorical: bool(5), isTransient: bool(6), isNull: bool(7) },
        properties: { type: 'PropertySet', id: 9 },
        ...{ intValue: uint32(10), longValue: uint64(11) },
        ...{ floatValue: { type: 'float', id: 12 }, doubleValue: { type: 'double', id: 13 } },
        ...{ booleanValue: bool(14), stringValue: text(15), bytesValue: bytes(16) },
        ...{ datasetValue: bytes(17), templateValue: bytes(18) },
      },
    },
    Payload: {
      edition: 'proto2',
      fields: {
        ...{ timestamp: uint64(1), metrics: { rule: 'repeated', type: 'Metric', id: 2 }, seq: uint64(3) },
        ...{ uuid: text(4), body: bytes(5) },
      },
    },
  },
});
const PAYLOAD = root.lookupType('Payload');

/** As protobufjs gives a 64-bit number. */
interface Long {
  readonly low: number;
  readonly high: number;
}
type Wide = Long | number;

interface RawMetric {
  readonly name?: string;
  readonly alias?: Wide;
  readonly timestamp?: Wide;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: { readonly keys?: readonly string[]; readonly values?: readonly RawProperty[] };
  readonly intValue?: number;
  readonly longValue?: Wide;
  readonly floatValue?: number;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly stringValue?: string;
  readonly bytesValue?: Uint8Array;
  readonly datasetValue?: Uint8Array;
  readonly templateValue?: Uint8Array;
}

interface RawProperty {
  readonly stringValue?: string;
}

/** `DataType` of 6.4.16: those that change how bits are read. */
const SIGNED_BITS: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 };
export const BOOLEAN = 11;

/** Something that is no number, by its kind. */
export type Structure = 'a data set' | 'a template' | 'bytes';

export interface SparkplugMetric {
  readonly name: string | null;
  /** As decimal digits: it has 64 bits. */
  readonly alias: string | null;
  /** Epoch ms UTC. */
  readonly timestamp: number | null;
  readonly datatype: number | null;
  readonly isHistorical: boolean;
  /** Of the property `engUnit`. */
  readonly unit: string | null;
  /** The value, given the data type that a birth told; null where there is none. */
  readonly valueAs: (datatype: number | null) => number | boolean | string | Structure | null;
}

export interface SparkplugPayload {
  /** Epoch ms UTC. */
  readonly timestamp: number | null;
  readonly seq: number | null;
  readonly metrics: readonly SparkplugMetric[];
  /** Whether it has a body that nobody here can read. */
  readonly hasForeignBody: boolean;
}

interface RawPayload {
  readonly timestamp?: Wide;
  readonly seq?: Wide;
  readonly metrics?: readonly RawMetric[];
  readonly uuid?: string;
  readonly body?: Uint8Array;
}

/**
 * What a payload says; one that is compressed, what the one inside says.
 * @throws {InputError} MESSAGE_MALFORMED it is no protocol buffer of this shape, or not compressed as it says
 */
export function decodePayload(payload: Uint8Array): SparkplugPayload {
  try {
    const outer = rawPayload(payload);
    if (outer.uuid !== COMPRESSED) return payloadOf(outer);
    const algorithm = outer.metrics?.find(({ name }) => name === 'algorithm')?.stringValue ?? null;
    const inner = payloadOf(rawPayload(unpacked(outer.body ?? new Uint8Array(), algorithm)));
    return { ...inner, seq: inner.seq ?? payloadOf(outer).seq };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('MESSAGE_MALFORMED', `no Sparkplug payload: ${reason.slice(0, 120)}`, {}, cause);
  }
}

/** The descriptor above is what makes it of this shape. */
const rawPayload = (bytes: Uint8Array): RawPayload => PAYLOAD.decode(bytes) as unknown as RawPayload;

function payloadOf(raw: RawPayload): SparkplugPayload {
  return {
    timestamp: Object.hasOwn(raw, 'timestamp') ? wide(raw.timestamp) : null,
    seq: Object.hasOwn(raw, 'seq') ? wide(raw.seq) : null,
    metrics: (raw.metrics ?? []).map(metricOf),
    hasForeignBody: (raw.body?.length ?? 0) > 0,
  };
}

/** A request for a rebirth (6.4.22, NCMD): no sequence number. @param now epoch ms UTC */
export function rebirthPayload(now: number): Uint8Array {
  const metric = { name: REBIRTH, timestamp: now, datatype: BOOLEAN, booleanValue: true };
  return PAYLOAD.encode(PAYLOAD.fromObject({ timestamp: now, metrics: [metric] })).finish();
}

export const REBIRTH = 'Node Control/Rebirth';

function metricOf(raw: RawMetric): SparkplugMetric {
  const has = (name: keyof RawMetric) => Object.hasOwn(raw, name);
  return {
    name: has('name') && raw.name !== '' ? (raw.name ?? null) : null,
    alias: has('alias') ? digits(raw.alias) : null,
    timestamp: has('timestamp') ? wide(raw.timestamp) : null,
    datatype: has('datatype') ? (raw.datatype ?? null) : null,
    isHistorical: raw.isHistorical === true,
    unit: unitOf(raw),
    valueAs: (datatype) => valueIn(raw, raw.datatype || datatype),
  };
}

function unitOf({ properties }: RawMetric): string | null {
  const at = properties?.keys?.findIndex((key) => /^eng(ineering)?_?units?$/i.test(key)) ?? -1;
  const unit = at < 0 ? undefined : properties?.values?.[at]?.stringValue;
  return unit === undefined || unit === '' ? null : unit;
}

function valueIn(raw: RawMetric, datatype: number | null): ReturnType<SparkplugMetric['valueAs']> {
  if (raw.isNull === true) return null;
  const has = (name: keyof RawMetric) => Object.hasOwn(raw, name);
  if (has('floatValue')) return shortest(raw.floatValue ?? Number.NaN);
  if (has('doubleValue')) return raw.doubleValue ?? Number.NaN;
  if (has('intValue')) return datatype === BOOLEAN ? raw.intValue !== 0 : signed(raw.intValue ?? 0, datatype);
  if (has('longValue'))
    return SIGNED_BITS[datatype ?? 0] === undefined ? wide(raw.longValue) : signedWide(raw.longValue);
  if (has('booleanValue')) return raw.booleanValue ?? false;
  if (has('stringValue')) return raw.stringValue ?? '';
  if (has('datasetValue')) return 'a data set';
  if (has('templateValue')) return 'a template';
  return has('bytesValue') ? 'bytes' : null;
}

/** Two's complement in as many bits as the type has: some send -5 of Int8 as 251, others as 4294967291. */
function signed(value: number, datatype: number | null): number {
  const bits = SIGNED_BITS[datatype ?? 0];
  if (bits === undefined) return value;
  const shift = 32 - Math.min(bits, 32);
  return (value << shift) >> shift;
}

function wide(value: Wide | undefined): number {
  if (value === undefined || typeof value === 'number') return value ?? 0;
  return (value.high >>> 0) * 2 ** 32 + (value.low >>> 0);
}

function signedWide(value: Wide | undefined): number {
  if (value === undefined || typeof value === 'number') return value ?? 0;
  return value.high * 2 ** 32 + (value.low >>> 0);
}

function digits(value: Wide | undefined): string {
  if (value === undefined || typeof value === 'number') return String(value ?? 0);
  return String((BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0));
}

/** A float32 as the decimal that was meant: 5.1 and not 5.099999904632568. */
function shortest(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : value;
}
