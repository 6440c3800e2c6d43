import { type Frame, HEADER_BYTES, malformed, readHeader } from './frame.ts';
import type { FieldKind } from './table/definition.ts';
import {
  type Bits,
  type Layout,
  type Message,
  messageLayoutByNumber,
  type Parameter,
  parameterLayoutByNumber,
} from './table.ts';
import { decodeText } from './text.ts';

/** Parameters nest at most eight deep in the standard; a frame that goes deeper is built to exhaust the stack. */
const DEPTH_CAP = 32;

type Mutable = Record<string, unknown>;

/**
 * Decodes one whole frame. Nothing is lost: `encodeFrame` of the result gives the same bytes, with unknown and Custom
 * parameters, reserved bits and text that is not UTF-8 included.
 *
 * @param bytes exactly one frame
 * @throws {InputError} LLRP_HEADER_BAD, or LLRP_FRAME_MALFORMED where a length does not fit or a TV type is unknown
 *   (its length cannot be known); `details.offset` counts from the frame's start
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEADER_BYTES) throw malformed('shorter than a header', 0);
  const header = readHeader(view, 0);
  if (header.length !== bytes.length) {
    throw malformed(`its header says ${header.length} bytes, there are ${bytes.length}`, 2);
  }
  const reader = new Reader(bytes, view);
  const layout = messageLayoutByNumber(header.number);
  const message: Mutable = { name: layout === undefined ? 'Unknown' : layout.name };
  if (layout === undefined) {
    message.number = header.number;
    message.Data = reader.hex(HEADER_BYTES, bytes.length);
  } else {
    const end = reader.fields(layout, message, HEADER_BYTES, bytes.length);
    reader.parameters(message, end, bytes.length, 0);
  }
  const headerBits = (bytes[0] ?? 0) >> 5;
  if (!isBuilt<Message>(message)) throw malformed('nothing in it', 0);
  const frame = { version: header.version, id: header.id, message };
  return headerBits === 0 ? frame : { ...frame, headerBits };
}

/** What the table has filled has the name and the fields that the table's types say. */
function isBuilt<T extends Message | Parameter>(filled: Mutable): filled is Mutable & T {
  return typeof filled.name === 'string';
}

/** Walks one frame by the table. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
  }

  /** Fills `parameters` with what lies in [at, end). */
  parameters(into: Mutable, at: number, end: number, depth: number): void {
    if (at === end) return;
    if (depth === DEPTH_CAP) throw malformed(`parameters nested more than ${DEPTH_CAP} deep`, at);
    const parameters: Parameter[] = [];
    let next = at;
    while (next < end) {
      const parameter: Mutable = {};
      next = this.#isTv(next) ? this.#tv(parameter, next, end) : this.#tlv(parameter, next, end, depth);
      if (isBuilt<Parameter>(parameter)) parameters.push(parameter);
    }
    into.parameters = parameters;
  }

  /** Fills the fields that start at `at`; answers where they end. */
  fields(layout: Layout, into: Mutable, at: number, end: number): number {
    let next = at;
    let bit = 0;
    for (const [name, kind] of layout.fields) {
      const width = bitWidth(kind);
      if (width > 0) {
        this.#need(layout, next + ((bit + width + 7) >> 3), end, next);
        const value = this.#bits(next, bit, width);
        bit += width;
        next += bit >> 3;
        bit &= 7;
        if (name !== '_') into[name] = kind === 'flag' ? value === 1 : value;
        else if (value !== 0) into.reservedBits = value;
      } else {
        const [value, after] = this.#field(layout, kind, next, end);
        into[name] = value;
        next = after;
      }
    }
    return next;
  }

  hex(from: number, to: number): string {
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + from, to - from)
      .toString('hex')
      .toUpperCase();
  }

  #isTv(at: number): boolean {
    return ((this.#bytes[at] ?? 0) & 0x80) !== 0;
  }

  #tv(into: Mutable, at: number, end: number): number {
    const number = (this.#bytes[at] ?? 0) & 0x7f;
    const layout = parameterLayoutByNumber(number);
    if (layout === undefined) throw malformed(`unknown TV parameter ${number}, whose length cannot be known`, at);
    into.name = layout.name;
    return this.fields(layout, into, at + 1, end);
  }

  #tlv(into: Mutable, at: number, end: number, depth: number): number {
    if (end - at < 4) throw malformed(`${end - at} bytes left where a parameter should start`, at);
    const head = this.#view.getUint16(at);
    const number = head & 0x3ff;
    const length = this.#view.getUint16(at + 2);
    const after = at + length;
    if (length < 4 || after > end) {
      throw malformed(`parameter ${number} says ${length} bytes, ${end - at} are left`, at);
    }
    const layout = number < 128 ? undefined : parameterLayoutByNumber(number);
    if (layout === undefined) {
      into.name = 'Unknown';
      into.number = number;
      into.Data = this.hex(at + 4, after);
    } else {
      into.name = layout.name;
      const next = this.fields(layout, into, at + 4, after);
      this.parameters(into, next, after, depth + 1);
    }
    if (head >> 10 !== 0) into.headerBits = head >> 10;
    return after;
  }

  #bits(at: number, bit: number, width: number): number {
    // At most 14 bits from bit 2 of a byte: two bytes hold them all.
    const two = ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
    return (two >> (16 - bit - width)) & ((1 << width) - 1);
  }

  #field(layout: Layout, kind: FieldKind, at: number, end: number): [value: unknown, next: number] {
    const view = this.#view;
    const size = fixedBytes(kind);
    if (size > 0) {
      this.#need(layout, at + size, end, at);
      return [this.#fixed(kind, at), at + size];
    }
    if (kind === 'rest') return [this.hex(at, end), end];
    this.#need(layout, at + 2, end, at);
    const count = view.getUint16(at);
    const start = at + 2;
    const after = start + (kind === 'bits' ? (count + 7) >> 3 : count * elementBytes(kind));
    this.#need(layout, after, end, at);
    if (kind === 'bits') return [{ bits: count, hex: this.hex(start, after) } satisfies Bits, after];
    if (kind === 'bytes') return [this.hex(start, after), after];
    if (kind === 'utf8') return [decodeText(this.#bytes.subarray(start, after)), after];
    const values: number[] = [];
    for (let i = 0; i < count; i++) values.push(this.#element(kind, start, i));
    return [values, after];
  }

  #fixed(kind: FieldKind, at: number): number | bigint | string {
    const view = this.#view;
    if (kind === 'u8') return view.getUint8(at);
    if (kind === 'u16') return view.getUint16(at);
    if (kind === 'u32') return view.getUint32(at);
    if (kind === 's8') return view.getInt8(at);
    if (kind === 's16') return view.getInt16(at);
    if (kind === 'u64') return view.getBigUint64(at);
    return this.hex(at, at + 12);
  }

  #element(kind: FieldKind, start: number, index: number): number {
    if (kind === 'u8[]') return this.#view.getUint8(start + index);
    if (kind === 'u16[]') return this.#view.getUint16(start + index * 2);
    return this.#view.getUint32(start + index * 4);
  }

  #need(layout: Layout, upTo: number, end: number, at: number): void {
    if (upTo > end) throw malformed(`${layout.name} (${layout.number}) ends before its fields do`, at);
  }
}

/** Width of a field narrower than whole bytes, reserved ones of any width included; else 0. */
export function bitWidth(kind: FieldKind): number {
  if (kind === 'flag' || kind === 'u1') return 1;
  if (kind === 'u2') return 2;
  return kind.startsWith('reserved') ? Number(kind.slice(8)) : 0;
}

/** Bytes of a field of fixed size, else 0. */
export function fixedBytes(kind: FieldKind): number {
  if (kind === 'u8' || kind === 's8') return 1;
  if (kind === 'u16' || kind === 's16') return 2;
  if (kind === 'u32') return 4;
  if (kind === 'u64') return 8;
  return kind === 'u96' ? 12 : 0;
}

/** Bytes of one element of a counted field. */
export function elementBytes(kind: FieldKind): number {
  if (kind === 'u16[]') return 2;
  return kind === 'u32[]' ? 4 : 1;
}
