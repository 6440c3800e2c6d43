import { InputError } from '../../domain/index.ts';

/** GS1 AI encodable character set 82 (General Specifications, figure 7.11-1): what a serial may hold. */
const CHARACTER_SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;

/** Characters of set 82 that URIs write as triplets (TDS 1.13, table A-1): `" % & / < > ?`. */
const ESCAPED = /["%&/<>?]/g;

export function isCharacterSet82(text: string): boolean {
  return CHARACTER_SET_82.test(text);
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
  if (!text.includes('%') && !/["&/<>?]/.test(text)) return text;
  const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (escapeUri(plain) !== text.replace(/%[0-9a-f]{2}/gi, (triplet) => triplet.toUpperCase())) {
    throw new InputError('EPC_SYNTAX', `${text}: escapes are for " % & / < > ? only, and these must be escaped`);
  }
  return plain;
}
