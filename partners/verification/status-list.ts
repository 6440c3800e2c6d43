import { gunzipSync } from 'node:zlib';

/** A status list as it is kept: a bit for each credential, set where it was taken back (Bitstring Status List 1.0). */
export interface StatusList {
  readonly bits: Uint8Array;
}

/** 2 MiB of bits: as many credentials as nobody issues. */
const MOST_BYTES = 2 * 1024 * 1024;

/**
 * Reads `encodedList`: gzip, base64url, with or without the `u` of multibase before it.
 * @throws {Error} it is none, or too long
 */
export function readStatusList(encoded: string): StatusList {
  const plain = encoded.startsWith('u') ? encoded.slice(1) : encoded;
  return { bits: gunzipSync(Buffer.from(plain, 'base64url'), { maxOutputLength: MOST_BYTES }) };
}

/** Whether the credential with this index was taken back; null: there is no such place. The first bit is the leftmost. */
export function statusAt({ bits }: StatusList, index: number): boolean | null {
  if (!Number.isInteger(index) || index < 0 || index >= bits.length * 8) return null;
  return (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
}
