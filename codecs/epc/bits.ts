import { InputError } from '../../domain/index.ts';

/** Reads unsigned numbers bit by bit, most significant first, out of hex. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #hex: string;
  #at = 0;

  /** @throws {InputError} EPC_SYNTAX unless it is hex */
  constructor(hex: string) {
    this.#hex = hex;
    this.#bytes = hexToBytes(hex);
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#hex.length * 4 - this.#at;
  }

  /** Up to 53 bits as a number. @throws {InputError} EPC_TRUNCATED */
  take(bits: number): number {
    if (bits > this.left) {
      const length = this.#hex.length * 4;
      throw new InputError('EPC_TRUNCATED', `${this.#hex}: ends after ${length} bits, within a field`);
    }
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

  /**
   * Checks what follows the EPC: zero bits up to the end of its last 16-bit word at most, as in tag memory.
   * @throws {InputError} EPC_TOO_LONG, EPC_PADDING
   */
  finish(scheme: string): void {
    const bits = this.#at;
    const given = this.#hex.length * 4;
    if (given > Math.ceil(bits / 16) * 16) {
      throw new InputError('EPC_TOO_LONG', `${this.#hex}: ${scheme} has ${bits} bits, ${given} given`);
    }
    if (this.take(given - bits) !== 0) {
      throw new InputError('EPC_PADDING', `${this.#hex}: bits after the end of the EPC must be zero`);
    }
  }
}

/** Writes unsigned numbers bit by bit, most significant first. */
export class BitWriter {
  #bits = '';

  get bits(): number {
    return this.#bits.length;
  }

  /** @param value must fit */
  put(value: number | bigint, bits: number): void {
    if (bits > 0) this.#bits += value.toString(2).padStart(bits, '0');
  }

  /** Zero bits up to a length. */
  fill(bits: number): void {
    this.#bits = this.#bits.padEnd(bits, '0');
  }

  /** Zero-filled to the next hex digit, upper case. */
  toHex(): string {
    let hex = '';
    for (let at = 0; at < this.#bits.length; at += 4) {
      hex += Number.parseInt(this.#bits.slice(at, at + 4).padEnd(4, '0'), 2).toString(16);
    }
    return hex.toUpperCase();
  }
}

function hexToBytes(hex: string): Uint8Array {
  if (!/^[0-9A-Fa-f]+$/.test(hex)) throw new InputError('EPC_SYNTAX', `${hex}: hex digits expected`);
  const bytes = new Uint8Array((hex.length + 1) >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2).padEnd(2, '0'), 16);
  return bytes;
}
