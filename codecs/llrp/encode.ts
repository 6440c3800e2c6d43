import { DefectError } from '../../domain/index.ts';
import { bitWidth } from './decode.ts';
import { FRAME_CAP_BYTES, type Frame } from './frame.ts';
import type { FieldKind } from './table/definition.ts';
import { type Bits, type Layout, type Message, messageLayout, type Parameter, parameterLayout } from './table.ts';
import { encodeText } from './text.ts';

/**
 * Encodes one frame. Fields and parameters are written as they are; whether a mandatory parameter is missing is for
 * the other side to say.
 * @throws {DefectError} LLRP_NOT_ENCODABLE a field is missing, of the wrong type or out of its range, or something is
 *   longer than its length field can say
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new Writer();
  const { message } = frame;
  const layout = message.name === 'Unknown' ? undefined : messageLayout(message.name);
  const number = message.name === 'Unknown' ? message.number : layout?.number;
  if (number === undefined) throw notEncodable(message.name, 'is no message of LLRP');
  writer.uint(2, ((frame.headerBits ?? 0) << 13) | (frame.version << 10) | number, message.name);
  writer.uint(4, 0, message.name);
  writer.uint(4, frame.id, 'message id');
  if (layout === undefined) {
    if (message.name === 'Unknown') writer.hex(message.Data, message.name);
  } else {
    writeFields(writer, layout, message);
    for (const parameter of message.parameters ?? []) writeParameter(writer, parameter);
  }
  if (writer.length > FRAME_CAP_BYTES) throw notEncodable(message.name, `is ${writer.length} bytes long`);
  writer.patch(2, 4, writer.length);
  return writer.bytes();
}

function writeParameter(writer: Writer, parameter: Parameter): void {
  const layout = parameter.name === 'Unknown' ? undefined : parameterLayout(parameter.name);
  if (layout !== undefined && layout.number < 128) {
    writer.uint(1, 0x80 | layout.number, parameter.name);
    writeFields(writer, layout, parameter);
    return;
  }
  const number = parameter.name === 'Unknown' ? parameter.number : layout?.number;
  if (number === undefined) throw notEncodable(parameter.name, 'is no parameter of LLRP');
  const from = writer.length;
  writer.uint(2, ((parameter.headerBits ?? 0) << 10) | number, parameter.name);
  writer.uint(2, 0, parameter.name);
  if (layout !== undefined) {
    writeFields(writer, layout, parameter);
    for (const child of parameter.parameters ?? []) writeParameter(writer, child);
  } else if (parameter.name === 'Unknown') {
    writer.hex(parameter.Data, parameter.name);
  }
  const length = writer.length - from;
  if (length > 0xffff) throw notEncodable(parameter.name, `is ${length} bytes long, at most 65535 fit`);
  writer.patch(from + 2, 2, length);
}

function writeFields(writer: Writer, layout: Layout, holder: Message | Parameter): void {
  const values = new Map<string, unknown>(Object.entries(holder));
  let pending = 0;
  let width = 0;
  for (const [name, kind] of layout.fields) {
    const value = name === '_' ? (values.get('reservedBits') ?? 0) : values.get(name);
    const bits = bitWidth(kind);
    if (bits === 0) {
      writeField(writer, kind, value, `${layout.name}.${name}`);
      continue;
    }
    const number = kind === 'flag' ? Number(value === true) : value;
    if (kind === 'flag' ? typeof value !== 'boolean' : !isUint(number, 2 ** bits)) {
      throw notEncodable(`${layout.name}.${name}`, `cannot hold ${String(value)}`);
    }
    pending = (pending << bits) | Number(number);
    width += bits;
    while (width >= 8) {
      width -= 8;
      writer.uint(1, (pending >> width) & 0xff, name);
    }
    pending &= (1 << width) - 1;
  }
}

function writeField(writer: Writer, kind: FieldKind, value: unknown, name: string): void {
  if (kind === 'u8') writer.uint(1, value, name);
  else if (kind === 'u16') writer.uint(2, value, name);
  else if (kind === 'u32') writer.uint(4, value, name);
  else if (kind === 's8') writer.int(1, value, name);
  else if (kind === 's16') writer.int(2, value, name);
  else if (kind === 'u64') writer.uint64(value, name);
  else if (kind === 'u96') writer.hex(value, name, 12);
  else if (kind === 'rest') writer.hex(value, name);
  else if (kind === 'bits') writeBits(writer, value, name);
  else if (kind === 'utf8') {
    if (typeof value !== 'string') throw notEncodable(name, 'is no text');
    const bytes = encodeText(value);
    writer.uint(2, bytes.length, name);
    writer.raw(bytes);
  } else if (kind === 'bytes') {
    writer.uint(2, typeof value === 'string' ? value.length / 2 : value, name);
    writer.hex(value, name);
  } else {
    if (!Array.isArray(value)) throw notEncodable(name, 'is no list');
    writer.uint(2, value.length, name);
    const size = kind === 'u8[]' ? 1 : kind === 'u16[]' ? 2 : 4;
    for (const element of value) writer.uint(size, element, name);
  }
}

function writeBits(writer: Writer, value: unknown, name: string): void {
  if (!isBits(value)) throw notEncodable(name, 'is no bit string');
  writer.uint(2, value.bits, name);
  writer.hex(value.hex, name, (value.bits + 7) >> 3);
}

function isBits(value: unknown): value is Bits {
  return typeof value === 'object' && value !== null && 'bits' in value && 'hex' in value;
}

function isUint(value: unknown, below: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < below;
}

function notEncodable(name: string, reason: string): DefectError {
  return new DefectError('LLRP_NOT_ENCODABLE', `${name} ${reason}`);
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  uint(size: 1 | 2 | 4, value: unknown, name: string): void {
    if (!isUint(value, 2 ** (size * 8))) throw notEncodable(name, `cannot hold ${String(value)}`);
    this.#reserve(size);
    this.patch(this.#length, size, value);
    this.#length += size;
  }

  int(size: 1 | 2, value: unknown, name: string): void {
    const half = 2 ** (size * 8 - 1);
    if (typeof value !== 'number' || !isUint(value + half, half * 2)) {
      throw notEncodable(name, `cannot hold ${String(value)}`);
    }
    this.uint(size, value < 0 ? value + half * 2 : value, name);
  }

  uint64(value: unknown, name: string): void {
    if (typeof value !== 'bigint' || value < 0n || value >= 2n ** 64n) {
      throw notEncodable(name, `cannot hold ${String(value)}`);
    }
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value);
    this.#length += 8;
  }

  hex(value: unknown, name: string, bytes?: number): void {
    if (typeof value !== 'string' || !/^(?:[0-9a-fA-F]{2})*$/.test(value)) throw notEncodable(name, 'is no hex string');
    if (bytes !== undefined && value.length !== bytes * 2) {
      throw notEncodable(name, `needs ${bytes} bytes, has ${value.length / 2}`);
    }
    this.raw(Buffer.from(value, 'hex'));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  patch(at: number, size: 1 | 2 | 4, value: number): void {
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
