import { InputError } from '../../domain/index.ts';

/** Whole numbers up to 2^53 - 1 fit in eight groups of seven bits. */
const VARINT_BYTES = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Grows as it is written to; numbers little endian, varints unsigned LEB128. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  i16(value: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#length, value, true);
    this.#length += 2;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** @throws {InputError} BATCH_NUMBER_OUT_OF_RANGE unless 0 <= value < 2^53, whole; `what` names it */
  varint(value: number, what: string): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new InputError('BATCH_NUMBER_OUT_OF_RANGE', `${what} is ${value}; allowed: whole, 0 to 2^53 - 1`, { what });
    }
    this.#reserve(VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Signed: 0, -1, 1, -2, ... are written as the varints 0, 1, 2, 3, ... */
  zigzag(value: number, what: string): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1, what);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Length as a varint, then UTF-8. */
  text(value: string, most: number, what: string): void {
    const utf8 = encoder.encode(value);
    if (utf8.length > most) {
      throw new InputError('BATCH_TEXT_TOO_LONG', `${what} has ${utf8.length} bytes; allowed: ${most}`, { what });
    }
    this.varint(utf8.length, what);
    this.bytes(utf8);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Reads what {@link ByteWriter} wrote; whatever the bytes say, it fails with an InputError that gives the offset. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(what: string): number {
    this.#need(1, what);
    return this.#view.getUint8(this.#at++);
  }

  i16(what: string): number {
    this.#need(2, what);
    const value = this.#view.getInt16(this.#at, true);
    this.#at += 2;
    return value;
  }

  f64(what: string): number {
    this.#need(8, what);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  varint(what: string): number {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_BYTES; i++) {
      const byte = bytes[this.#at];
      if (byte === undefined) throw this.fail(`ends inside ${what}`);
      this.#at++;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw this.fail(`${what} is beyond 2^53 - 1`);
        return value;
      }
      scale *= 0x80;
    }
    throw this.fail(`${what} has a varint of more than ${VARINT_BYTES} bytes`);
  }

  zigzag(what: string): number {
    const value = this.varint(what);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A number of items, of which each takes at least `itemBytes`: a count that cannot fit is refused before memory is. */
  count(itemBytes: number, what: string): number {
    const count = this.varint(what);
    if (count * itemBytes > this.remaining) {
      throw this.fail(`${count} ${what} cannot fit into the remaining ${this.remaining} bytes`);
    }
    return count;
  }

  bytes(length: number, what: string): Uint8Array {
    this.#need(length, what);
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(most: number, what: string): string {
    const length = this.varint(what);
    if (length > most) throw this.fail(`${what} has ${length} bytes; allowed: ${most}`);
    try {
      return decoder.decode(this.bytes(length, what));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw this.fail(`${what} is not UTF-8`);
    }
  }

  fail(reason: string): InputError {
    return new InputError('BATCH_MALFORMED', `gateway batch, offset ${this.#at}: ${reason}`, { offset: this.#at });
  }

  #need(length: number, what: string): void {
    if (length > this.remaining) throw this.fail(`ends inside ${what}`);
  }
}
