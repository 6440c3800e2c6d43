import { InputError } from '../../domain/index.ts';

/** GS1 AI encodable character set 82 (General Specifications, figure 7.11-1): what a serial may hold. */
const SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;
/** GS1 AI encodable character set 39 (figure 7.11-2): what a component or part identifier may hold. */
const SET_39 = /^[#\-/0-9A-Z]*$/;

/** Characters that URIs write as triplets (TDS 1.13, tables A-1 and G-1). */
const ESCAPED = /["#%&/<>?]/g;

export type CharacterSet = 'set 82' | 'set 39';

export function isWithin(set: CharacterSet, text: string): boolean {
  return (set === 'set 82' ? SET_82 : SET_39).test(text);
}

/** As it stands in a pure identity or tag URI. */
export function escapeUri(text: string): string {
  return text.replace(ESCAPED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Inverse of {@link escapeUri}; only the characters that must be escaped may be, and they must.
 * @throws {InputError} EPC_SYNTAX
 */
export function unescapeUri(text: string): string {
  if (!/["#%&/<>?]/.test(text)) return text;
  const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (escapeUri(plain) !== text.replace(/%[0-9a-f]{2}/gi, (triplet) => triplet.toUpperCase())) {
    throw new InputError('EPC_SYNTAX', `${text}: escapes are for " # % & / < > ? only, and these must be escaped`);
  }
  return plain;
}

/** Six bits a character (TDS 1.13, table G-1): set 39 and what else fits into them. */
export function fromSixBits(code: number): string {
  return String.fromCharCode(code < 32 ? code + 64 : code);
}

export function toSixBits(char: string): number {
  return char.charCodeAt(0) & 63;
}
