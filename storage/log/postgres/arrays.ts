/**
 * Postgres arrays in their binary form (src/backend/utils/adt/arrayfuncs.c, array_recv): dimensions, flags, element
 * type, length, lower bound, then each element with its length. Sent as one parameter a column they cost one copy,
 * where text would cost an escaped string a value.
 */
const HEADER = 20;
const INT2 = 21;
const INT8 = 20;
const TEXT = 25;
const BYTEA = 17;
const NULL_LENGTH = -1;

export function int2Array(values: readonly number[]): Buffer {
  const array = header(INT2, values.length, HEADER + values.length * 6, false);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(2, at);
    at = array.writeInt16BE(value, at);
  }
  return array;
}

/** Safe integers. */
export function int8Array(values: readonly (number | null)[]): Buffer {
  const array = header(INT8, values.length, HEADER + values.length * 12, true);
  let at = HEADER;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    at = array.writeInt32BE(8, at);
    at = array.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = array.writeUInt32BE(value >>> 0, at);
  }
  return array.subarray(0, at);
}

export function textArray(values: readonly string[]): Buffer {
  let bytes = HEADER;
  for (const value of values) bytes += 4 + Buffer.byteLength(value);
  const array = header(TEXT, values.length, bytes, false);
  let at = HEADER;
  for (const value of values) {
    const written = array.write(value, at + 4);
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}

export function byteaArray(values: readonly Uint8Array[]): Buffer {
  let bytes = HEADER;
  for (const value of values) bytes += 4 + value.length;
  const array = header(BYTEA, values.length, bytes, false);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    array.set(value, at);
    at += value.length;
  }
  return array;
}

function header(elementType: number, count: number, bytes: number, hasNull: boolean): Buffer {
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeUInt32BE(elementType, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}
