import { EPOCH_2000 } from '../types.ts';

/**
 * PostgreSQL's binary formats, packed straight from columns: no object, no text per value.
 * PostgreSQL manual: COPY, "Binary Format"; arrays as in `array_recv` (src/backend/utils/adt/arrayfuncs.c).
 */

const COPY_SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Signature, flags, length of the header extension. */
const COPY_HEADER_BYTES = 19;
const COPY_TRAILER_BYTES = 2;
/** Field count, then each field's length and value: int4, int2, timestamptz, float8. */
const COPY_ROW_BYTES = 2 + (4 + 4) + (4 + 2) + (4 + 8) + (4 + 8);

/** Rows of `readings (device_id, metric, time, value)` on their way into `COPY ... FROM STDIN (FORMAT binary)`. */
export class CopyRows {
  #buffer: Buffer;
  #view: DataView;
  #at = COPY_HEADER_BYTES;

  constructor(expectedRows: number) {
    this.#buffer = Buffer.alloc(COPY_HEADER_BYTES + expectedRows * COPY_ROW_BYTES + COPY_TRAILER_BYTES);
    this.#view = viewOf(this.#buffer);
    COPY_SIGNATURE.copy(this.#buffer);
  }

  get count(): number {
    return (this.#at - COPY_HEADER_BYTES) / COPY_ROW_BYTES;
  }

  add(deviceId: number, metric: number, time: number, value: number): void {
    if (this.#at + COPY_ROW_BYTES + COPY_TRAILER_BYTES > this.#buffer.length) this.#grow();
    const view = this.#view;
    const at = this.#at;
    view.setInt16(at, 4);
    view.setInt32(at + 2, 4);
    view.setInt32(at + 6, deviceId);
    view.setInt32(at + 10, 2);
    view.setInt16(at + 14, metric);
    view.setInt32(at + 16, 8);
    setTimestamp(view, at + 20, time);
    view.setInt32(at + 28, 8);
    view.setFloat64(at + 32, value);
    this.#at = at + COPY_ROW_BYTES;
  }

  /** Header, rows and trailer. Nothing may be added after it. */
  finish(): Buffer {
    this.#view.setInt16(this.#at, -1);
    return this.#buffer.subarray(0, this.#at + COPY_TRAILER_BYTES);
  }

  #grow(): void {
    const larger = Buffer.alloc(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

const ARRAY_HEADER_BYTES = 20;

/** Element types by OID (pg_type.dat). */
const INT2 = 21;
const INT4 = 23;
const FLOAT8 = 701;
const TIMESTAMPTZ = 1184;

export function int2Array(values: ArrayLike<number>): Buffer {
  return packed(INT2, 2, values, (view, at, value) => view.setInt16(at, value));
}

export function int4Array(values: ArrayLike<number>): Buffer {
  return packed(INT4, 4, values, (view, at, value) => view.setInt32(at, value));
}

export function float8Array(values: ArrayLike<number>): Buffer {
  return packed(FLOAT8, 8, values, (view, at, value) => view.setFloat64(at, value));
}

/** @param values epoch ms UTC, whole */
export function timestamptzArray(values: ArrayLike<number>): Buffer {
  return packed(TIMESTAMPTZ, 8, values, setTimestamp);
}

/** Of `array_send(array_agg(...))` over a float8 column; null, the aggregate of no rows, is empty. */
export function readFloat8Array(array: Buffer | null): Float64Array {
  return unpacked(array, (view, at) => view.getFloat64(at));
}

/** Likewise over a timestamptz column, in epoch ms UTC, floored to the millisecond. */
export function readTimestamptzArray(array: Buffer | null): Float64Array {
  return unpacked(array, (view, at) => {
    const microseconds = view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
    return Math.floor(microseconds / 1000) + EPOCH_2000;
  });
}

/** Likewise over int2 and int4 columns. */
export function readInt2Array(array: Buffer | null): Float64Array {
  return unpacked(array, (view, at) => view.getInt16(at), 2);
}

export function readInt4Array(array: Buffer | null): Float64Array {
  return unpacked(array, (view, at) => view.getInt32(at), 4);
}

/** Likewise over a bytea column: each is a part of what is given. */
export function readByteaArray(array: Buffer | null): Buffer[] {
  if (array === null || array.length < ARRAY_HEADER_BYTES) return [];
  const values: Buffer[] = [];
  const count = array.readInt32BE(12);
  for (let at = ARRAY_HEADER_BYTES; values.length < count; ) {
    const length = array.readInt32BE(at);
    values.push(array.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

function unpacked(array: Buffer | null, read: (view: DataView, at: number) => number, width = 8): Float64Array {
  if (array === null || array.length < ARRAY_HEADER_BYTES) return new Float64Array(0);
  const view = viewOf(array);
  const values = new Float64Array(view.getInt32(12));
  for (let i = 0, at = ARRAY_HEADER_BYTES + 4; i < values.length; i++, at += 4 + width) values[i] = read(view, at);
  return values;
}

function packed(
  type: number,
  width: number,
  values: ArrayLike<number>,
  write: (view: DataView, at: number, value: number) => void,
): Buffer {
  const array = Buffer.allocUnsafe(ARRAY_HEADER_BYTES + values.length * (4 + width));
  const view = viewOf(array);
  // One dimension, no nulls, lower bound 1. An array of no elements has no dimension.
  view.setInt32(0, values.length === 0 ? 0 : 1);
  view.setInt32(4, 0);
  view.setInt32(8, type);
  view.setInt32(12, values.length);
  view.setInt32(16, 1);
  let at = ARRAY_HEADER_BYTES;
  for (let i = 0; i < values.length; i++) {
    view.setInt32(at, width);
    write(view, at + 4, values[i] as number);
    at += 4 + width;
  }
  return values.length === 0 ? array.subarray(0, 12) : array;
}

function setTimestamp(view: DataView, at: number, time: number): void {
  const microseconds = (time - EPOCH_2000) * 1000;
  view.setInt32(at, Math.floor(microseconds / 2 ** 32));
  // ToUint32: modulo 2^32, also of negative numbers.
  view.setUint32(at + 4, microseconds >>> 0);
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
