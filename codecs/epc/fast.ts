import type { TagEpc } from './tag-epc.ts';

/** Value of a hex digit by its character code; 255 for others. */
const HEX = new Uint8Array(128).fill(255);
for (const [index, char] of [...'0123456789ABCDEF'].entries()) HEX[char.charCodeAt(0)] = index;
for (const [index, char] of [...'abcdef'].entries()) HEX[char.charCodeAt(0)] = 10 + index;

const POWERS = Array.from({ length: 54 }, (_, bits) => 2 ** bits);
const TENS = Array.from({ length: 16 }, (_, digits) => 10 ** digits);
/** Bits of the company prefix by partition value. */
const PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20];
const ZEROS = [
  '',
  '0',
  '00',
  '000',
  '0000',
  '00000',
  '000000',
  '0000000',
  '00000000',
  '000000000',
  '0000000000',
  '00000000000',
];

/**
 * SGTIN-96 and SSCC-96, what nearly every tag at a door carries, without a bit reader: three 32-bit words and doubles
 * (the longest field has 40 bits). Anything else, and anything wrong, is left to the long way, which says why.
 *
 * @returns null where the long way must be taken
 */
export function readFast(hex: string): TagEpc | null {
  if (hex.length !== 24) return null;
  const first = word(hex, 0);
  const header = first >>> 24;
  if (header !== 0x30 && header !== 0x31) return null;
  const second = word(hex, 8);
  const third = word(hex, 16);
  // A digit that is none makes its word NaN.
  if (Number.isNaN(first + second + third)) return null;
  const filter = (first >>> 21) & 7;
  const partition = (first >>> 18) & 7;
  const prefixBits = PREFIX_BITS[partition];
  if (prefixBits === undefined) return null;
  // The 50 bits after the partition value: the company prefix and the beginning of the reference.
  const rest = (first & 0x3ffff) * 0x100000000 + second;
  const below = POWERS[50 - prefixBits] ?? 1;
  const prefix = Math.floor(rest / below);
  const remainder = rest - prefix * below;
  const prefixDigits = 12 - partition;
  if (prefix >= (TENS[prefixDigits] ?? 0)) return null;
  if (header === 0x30) {
    const reference = Math.floor(remainder / 64);
    const referenceDigits = partition + 1;
    if (reference >= (TENS[referenceDigits] ?? 0)) return null;
    const serial = (remainder % 64) * 0x100000000 + third;
    const key = `${padded(prefix, prefixDigits)}.${padded(reference, referenceDigits)}`;
    return { scheme: 'sgtin-96', filter, epc: `urn:epc:id:sgtin:${key}.${serial}` };
  }
  const reference = remainder * 256 + (third >>> 24);
  const referenceDigits = partition + 5;
  if ((third & 0xffffff) !== 0 || reference >= (TENS[referenceDigits] ?? 0)) return null;
  const key = `${padded(prefix, prefixDigits)}.${padded(reference, referenceDigits)}`;
  return { scheme: 'sscc-96', filter, epc: `urn:epc:id:sscc:${key}` };
}

/** Eight hex digits as an unsigned number; NaN where one is none. */
function word(hex: string, at: number): number {
  let high = 0;
  let low = 0;
  let bad = 0;
  for (let i = 0; i < 4; i++) {
    const a = HEX[hex.charCodeAt(at + i)] ?? 255;
    const b = HEX[hex.charCodeAt(at + 4 + i)] ?? 255;
    bad |= a | b;
    high = (high << 4) | (a & 15);
    low = (low << 4) | (b & 15);
  }
  return bad > 15 ? Number.NaN : high * 65536 + low;
}

function padded(value: number, digits: number): string {
  const text = String(value);
  return (ZEROS[digits - text.length] ?? '') + text;
}
