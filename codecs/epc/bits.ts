import { InputError } from '../../domain/index.ts';

/** Reads unsigned numbers bit by bit, most significant first, out of hex. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length * 8 - this.#at;
  }

  /** Up to 53 bits as a number. */
  take(bits: number): number {
    let value = 0;
    let wanted = bits;
    while (wanted > 0) {
      const inByte = 8 - (this.#at & 7);
      const taken = Math.min(inByte, wanted);
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 ** taken + ((byte >> (inByte - taken)) & ((1 << taken) - 1));
      this.#at += taken;
      wanted -= taken;
    }
    return value;
  }

  /** Any number of bits. */
  takeBig(bits: number): bigint {
    let value = 0n;
    for (let left = bits; left > 0; ) {
      const taken = Math.min(32, left);
      value = (value << BigInt(taken)) | BigInt(this.take(taken));
      left -= taken;
    }
    return value;
  }
}

/** Writes unsigned numbers bit by bit, most significant first. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bits: number) {
    this.#bytes = new Uint8Array(Math.ceil(bits / 8));
  }

  put(value: number | bigint, bits: number): void {
    let rest = BigInt(value);
    for (let i = this.#at + bits - 1; i >= this.#at; i--) {
      if (rest & 1n) this.#bytes[i >> 3] = (this.#bytes[i >> 3] ?? 0) | (0x80 >> (i & 7));
      rest >>= 1n;
    }
    this.#at += bits;
  }

  /** Whole bytes, zero-filled. */
  toHex(): string {
    return bytesToHex(this.#bytes);
  }
}

export function bytesToHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex.toUpperCase();
}

/**
 * Hex digits as bytes; a last odd digit is the high half of its byte.
 * @throws {InputError} EPC_SYNTAX
 */
export function hexToBytes(hex: string): Uint8Array {
  if (!/^[0-9A-Fa-f]+$/.test(hex)) throw new InputError('EPC_SYNTAX', `${hex}: hex digits expected`);
  const bytes = new Uint8Array((hex.length + 1) >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2).padEnd(2, '0'), 16);
  return bytes;
}
