import { type Epc, InputError } from '../../domain/index.ts';
import { checkedKey, gtin14 } from './digits.ts';
import { parsePureUri, sgtin, sscc } from './identity.ts';
import { decodeTag, encodeTag } from './tag.ts';

/** Element strings and Digital Links do not say where the company prefix ends; one of these does. */
export interface ParseOptions {
  readonly companyPrefixLength?: number;
  /** Company prefixes known to the caller; the longest that fits is taken. */
  readonly companyPrefixes?: Iterable<string>;
}

/**
 * The pure identity URI of an EPC given in any form: EPC memory as hex, tag URI, pure identity URI, GS1 element string
 * with parentheses, GS1 Digital Link URI.
 *
 * @throws {InputError} what is wrong, what was given, what is allowed; EPC_COMPANY_PREFIX_UNKNOWN where the form does
 *   not say how long the company prefix is and the options do not either
 */
export function parseEpc(text: string, options: ParseOptions = {}): Epc {
  if (text.startsWith('urn:epc:id:')) return parsePureUri(text);
  if (text.startsWith('urn:epc:tag:')) return decodeTag(encodeTag(text)).epc;
  if (/^https?:\/\//i.test(text)) return ofKeys(text, digitalLinkKeys(text), options);
  if (text.startsWith('(')) return ofKeys(text, elementKeys(text), options);
  if (/^[0-9A-Fa-f]{8,}$/.test(text)) return decodeTag(text).epc;
  throw new InputError(
    'EPC_SYNTAX',
    `${text}: hex, tag URI, pure identity URI, (01)...(21)... or Digital Link expected`,
  );
}

/**
 * GTIN-14 and serial, or SSCC-18, of an element string or Digital Link, without asking for the company prefix; null for
 * the other forms.
 * @throws {InputError} EPC_SYNTAX, EPC_CHECK_DIGIT
 */
export function keysOf(text: string): { gtin: string; serial: string } | { sscc: string } | null {
  const isLink = /^https?:\/\//i.test(text);
  if (!isLink && !text.startsWith('(')) return null;
  const keys = isLink ? digitalLinkKeys(text) : elementKeys(text);
  const ssccDigits = keys.get('00');
  if (ssccDigits !== undefined) return { sscc: checkedKey('SSCC', ssccDigits, 18) };
  return { gtin: gtin14(keys.get('01') ?? ''), serial: keys.get('21') ?? '' };
}

/** GS1 application identifiers to values. */
type Keys = ReadonlyMap<string, string>;

function ofKeys(text: string, keys: Keys, options: ParseOptions): Epc {
  const ssccDigits = keys.get('00');
  if (ssccDigits !== undefined) {
    const digits = checkedKey('SSCC', ssccDigits, 18);
    const prefix = companyPrefix(text, digits.slice(1, 17), options);
    return sscc(prefix, `${digits.slice(0, 1)}${digits.slice(1 + prefix.length, 17)}`);
  }
  const gtin = keys.get('01');
  const serial = keys.get('21');
  if (gtin === undefined || serial === undefined) {
    throw new InputError('EPC_SYNTAX', `${text}: (00), or (01) with (21), expected`);
  }
  const digits = gtin14(gtin);
  const prefix = companyPrefix(text, digits.slice(1, 13), options);
  return sgtin(prefix, `${digits.slice(0, 1)}${digits.slice(1 + prefix.length, 13)}`, serial);
}

function companyPrefix(text: string, digits: string, options: ParseOptions): string {
  if (options.companyPrefixLength !== undefined) return digits.slice(0, options.companyPrefixLength);
  let longest = '';
  for (const known of options.companyPrefixes ?? []) {
    if (known.length > longest.length && digits.startsWith(known)) longest = known;
  }
  if (longest !== '') return longest;
  throw new InputError(
    'EPC_COMPANY_PREFIX_UNKNOWN',
    `${text}: does not say how long the company prefix is; give the pure identity URI or the prefix length`,
  );
}

function digitalLinkKeys(text: string): Keys {
  let path: string[];
  try {
    path = new URL(text).pathname.split('/').map(decodeURIComponent);
  } catch (cause) {
    throw new InputError('EPC_SYNTAX', `${text}: not a URI`, {}, cause);
  }
  const keys = new Map<string, string>();
  const first = path.findIndex((part) => part === '01' || part === '00');
  for (let i = first; first >= 0 && i + 1 < path.length; i += 2) keys.set(path[i] ?? '', path[i + 1] ?? '');
  return keys;
}

function elementKeys(text: string): Keys {
  const keys = new Map<string, string>();
  const parts = [...text.matchAll(/\(([0-9]{2,4})\)([^(]*)/g)];
  if (parts.map(([part]) => part).join('') !== text) {
    throw new InputError('EPC_SYNTAX', `${text}: (AI)value(AI)value... expected`);
  }
  for (const [, ai = '', value = ''] of parts) keys.set(ai, value);
  return keys;
}
