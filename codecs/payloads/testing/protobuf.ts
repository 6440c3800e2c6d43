/** Protocol buffers, written by hand for tests: field number, then wire type 0 (varint), 1 (8 bytes), 2 (bytes) or 5 (4 bytes). */
export type Field =
  | readonly [number, 'varint', bigint | number]
  | readonly [number, 'text', string]
  | readonly [number, 'message', Uint8Array]
  | readonly [number, 'float' | 'double', number];

export function protobuf(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(fieldBytes));
}

function fieldBytes([number, type, value]: Field): Buffer {
  if (type === 'varint') return Buffer.concat([key(number, 0), varint(BigInt(value))]);
  if (type === 'double' || type === 'float') {
    const bytes = Buffer.alloc(type === 'double' ? 8 : 4);
    if (type === 'double') bytes.writeDoubleLE(value);
    else bytes.writeFloatLE(value);
    return Buffer.concat([key(number, type === 'double' ? 1 : 5), bytes]);
  }
  const bytes = Buffer.from(value as string);
  return Buffer.concat([key(number, 2), varint(BigInt(bytes.length)), bytes]);
}

function key(number: number, wire: number): Buffer {
  return varint(BigInt((number << 3) | wire));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}
