import { DefectError } from './errors.ts';
import { Span } from './original.ts';

/** Device and gateway ids. */
export const DEVICE_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Readings as columns: row i is device `devices[device[i]]`, metric code `metric[i]`, event time `time[i]`
 * (epoch ms UTC, whole), value `value[i]` (float64). Only the first `count` rows are meant; arrays may be longer.
 *
 * Readings move in this shape from decode to log to evaluator; nothing makes an object per value.
 */
export interface ReadingColumns {
  readonly count: number;
  readonly devices: readonly string[];
  readonly device: Uint32Array;
  readonly metric: Uint8Array;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Collects readings row by row into growing columns; reusable after `reset`. */
export class ReadingBuilder {
  #count = 0;
  #devices: string[] = [];
  #index = new Map<string, number>();
  #device = new Uint32Array(1024);
  #metric = new Uint8Array(1024);
  #time = new Float64Array(1024);
  #value = new Float64Array(1024);

  get count(): number {
    return this.#count;
  }

  /** The column index of a device name, for `addRow`. */
  deviceIndex(device: string): number {
    let index = this.#index.get(device);
    if (index === undefined) {
      index = this.#devices.length;
      this.#devices.push(device);
      this.#index.set(device, index);
    }
    return index;
  }

  addRow(deviceIndex: number, metricCode: number, time: number, value: number): void {
    if (this.#count === this.#device.length) this.#grow();
    const row = this.#count++;
    this.#device[row] = deviceIndex;
    this.#metric[row] = metricCode;
    this.#time[row] = time;
    this.#value[row] = value;
  }

  add(device: string, metricCode: number, time: number, value: number): void {
    this.addRow(this.deviceIndex(device), metricCode, time, value);
  }

  /** Drops rows added after `count` was `to` (a message that turned out bad leaves nothing behind). */
  truncate(to: number): void {
    this.#count = to;
  }

  /** Event times of the rows from `first` on; empty where there is none. */
  spanFrom(first: number): Span {
    const span = new Span();
    for (let row = first; row < this.#count; row++) span.add(this.#time[row] as number);
    return span;
  }

  /** The rows so far, sharing memory with the builder: use before the next `reset` or `add`. */
  view(): ReadingColumns {
    return {
      count: this.#count,
      devices: this.#devices,
      device: this.#device,
      metric: this.#metric,
      time: this.#time,
      value: this.#value,
    };
  }

  reset(): void {
    this.#count = 0;
    this.#devices = [];
    this.#index = new Map();
  }

  #grow(): void {
    const size = this.#device.length * 2;
    this.#device = grown(this.#device, new Uint32Array(size));
    this.#metric = grown(this.#metric, new Uint8Array(size));
    this.#time = grown(this.#time, new Float64Array(size));
    this.#value = grown(this.#value, new Float64Array(size));
  }
}

function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}

/** Version of the `readings` payload below, stored in each log record. */
export const READINGS_VERSION = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The payload of a `readings` log record, little endian:
 * `u32 rows, u32 devices, u32 nameBytes`, names as UTF-8 joined by `\n` (ids cannot hold one), padding to 8 bytes,
 * then columns `f64 time[rows]`, `f64 value[rows]`, `u32 device[rows]`, `u8 metric[rows]`.
 */
export function encodeReadings(columns: ReadingColumns): Uint8Array {
  const rows = columns.count;
  const names = encoder.encode(columns.devices.join('\n'));
  const start = align8(12 + names.length);
  const bytes = new Uint8Array(start + rows * 21);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows, true);
  view.setUint32(4, columns.devices.length, true);
  view.setUint32(8, names.length, true);
  bytes.set(names, 12);
  const { buffer } = bytes;
  new Float64Array(buffer, start, rows).set(columns.time.subarray(0, rows));
  new Float64Array(buffer, start + rows * 8, rows).set(columns.value.subarray(0, rows));
  new Uint32Array(buffer, start + rows * 16, rows).set(columns.device.subarray(0, rows));
  bytes.set(columns.metric.subarray(0, rows), start + rows * 20);
  return bytes;
}

/**
 * Inverse of {@link encodeReadings}. Columns are views on `payload` where its alignment allows, else on a copy.
 * @throws {DefectError} READINGS_PAYLOAD_BAD if the payload is cut or inconsistent
 */
export function decodeReadings(payload: Uint8Array): ReadingColumns {
  if (payload.length < 12) throw damaged('shorter than its header', payload.length);
  // Of a Buffer `slice` would be a view.
  const bytes = payload.byteOffset % 8 === 0 ? payload : new Uint8Array(payload);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows = view.getUint32(0, true);
  const deviceCount = view.getUint32(4, true);
  const nameBytes = view.getUint32(8, true);
  const start = align8(12 + nameBytes);
  if (bytes.length !== start + rows * 21) throw damaged(`${rows} rows do not fit`, bytes.length);
  const joined = decoder.decode(bytes.subarray(12, 12 + nameBytes));
  const devices = deviceCount === 0 ? [] : joined.split('\n');
  if (devices.length !== deviceCount) throw damaged(`${deviceCount} device names expected`, bytes.length);
  const at = bytes.byteOffset + start;
  return {
    count: rows,
    devices,
    time: new Float64Array(bytes.buffer, at, rows),
    value: new Float64Array(bytes.buffer, at + rows * 8, rows),
    device: new Uint32Array(bytes.buffer, at + rows * 16, rows),
    metric: new Uint8Array(bytes.buffer, at + rows * 20, rows),
  };
}

function align8(offset: number): number {
  return (offset + 7) & ~7;
}

function damaged(reason: string, length: number): DefectError {
  return new DefectError('READINGS_PAYLOAD_BAD', `readings payload of ${length} bytes: ${reason}`);
}

/** FNV-1a over the device id: the fixed hash that puts a device into one of 64 slots, for good. */
export function slotOf(device: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < device.length; i++) hash = Math.imul(hash ^ device.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SLOTS;
}

/** Devices hash into this many slots. */
export const SLOTS = 64;

/** The rows of devices whose slot is wanted, in order; the columns themselves where all are. Names are shared. */
export function readingsOfSlots(columns: ReadingColumns, isWanted: (slot: number) => boolean): ReadingColumns {
  const wanted = columns.devices.map((device) => isWanted(slotOf(device)));
  if (wanted.every((is) => is)) return columns;
  const { count, devices } = columns;
  const device = new Uint32Array(count);
  const metric = new Uint8Array(count);
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  let kept = 0;
  for (let row = 0; row < count; row++) {
    const index = columns.device[row] as number;
    if (wanted[index] !== true) continue;
    device[kept] = index;
    metric[kept] = columns.metric[row] as number;
    time[kept] = columns.time[row] as number;
    value[kept] = columns.value[row] as number;
    kept++;
  }
  return { count: kept, devices, device, metric, time, value };
}
