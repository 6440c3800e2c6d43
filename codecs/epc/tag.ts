import { type Epc, InputError } from '../../domain/index.ts';
import { escapeUri } from './characters.ts';
import { digitalLink, type Element, elementsOf } from './elements.ts';
import { readFast } from './fast.ts';
import { checkIdentity, type EpcType, type Identity, pureUri, splitParts } from './identity.ts';
import { readMemory, writeMemory } from './memory.ts';
import { readPlus } from './plus.ts';
import { SCHEMES, type Scheme, schemeByHeader, schemeByName } from './schemes.ts';
import type { TagEpc } from './tag-epc.ts';

/** The same with all that memory says. */
export interface TagDetail extends TagEpc {
  readonly type: EpcType;
  readonly bits: number;
  /** null for "+" schemes. */
  readonly identity: Identity | null;
  readonly tagUri: string | null;
  /** GS1 elements that say the same; null for GID, USDOD and ADI. */
  readonly elements: readonly Element[] | null;
  /** Data follows the EPC (TDS 2.3, section 15.3); it is not read. */
  readonly hasMoreData: boolean;
}

/**
 * Reads EPC memory by any scheme of TDS 1.13 or a "+" scheme of TDS 2.3. Hex may be zero-padded to the next 16-bit
 * word, no further.
 *
 * @param hex EPC memory without PC word and CRC
 * @throws {InputError} EPC_SYNTAX, EPC_HEADER, EPC_TRUNCATED, EPC_TOO_LONG, EPC_PADDING, EPC_PARTITION, EPC_RANGE,
 *   EPC_CHECK_DIGIT, EPC_NOT_SUPPORTED ("++")
 */
export function decodeTag(hex: string): TagEpc {
  const fast = readFast(hex);
  if (fast !== null) return fast;
  const { scheme, filter, epc } = readTag(hex);
  return { scheme, filter, epc };
}

/** As {@link decodeTag}, with every part. */
export function readTag(hex: string): TagDetail {
  if (!/^[0-9A-Fa-f]{2,}$/.test(hex)) throw new InputError('EPC_SYNTAX', `${hex}: hex digits expected`);
  const header = Number.parseInt(hex.slice(0, 2), 16);
  const scheme = schemeByHeader(header);
  if (scheme !== undefined) {
    const { filter, identity, bits } = readMemory(scheme, hex);
    return {
      ...{ scheme: scheme.name, type: scheme.type, filter, bits, identity, hasMoreData: false },
      epc: pureUri(identity),
      tagUri: tagUri(scheme, filter, identity),
      elements: elementsOf(identity),
    };
  }
  const plus = readPlus(header, hex);
  if (plus !== null) return { ...plus, epc: digitalLink(plus.elements), identity: null, tagUri: null };
  throw new InputError('EPC_HEADER', `${hex}: no EPC begins with ${hex.slice(0, 2).toUpperCase()}`);
}

/**
 * What a tag that was read is known by: as {@link decodeTag} has it, or, where its memory is no EPC that this codec
 * knows, the raw URI of TDS 1.13 section 12.2 (`urn:epc:raw:96.xE280...`), so that a foreign tag stays one that was seen.
 * Words of zero behind an EPC are none of it: the tag's PC word says how many words a reader sends, and printers leave it
 * at the whole bank.
 */
export function identityOfTag(hex: string, bits: number): Epc {
  try {
    return decodeTag(hex).epc;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const shorter = error.code === 'EPC_TOO_LONG' ? withoutZeroWord(hex) : null;
    if (shorter === null) return `urn:epc:raw:${bits}.x${hex.toUpperCase()}`;
    const epc = identityOfTag(shorter, bits);
    return epc.startsWith('urn:epc:raw:') ? `urn:epc:raw:${bits}.x${hex.toUpperCase()}` : epc;
  }
}

/** Without its last 16-bit word, where that is zero. */
function withoutZeroWord(hex: string): string | null {
  const last = hex.length % 4 === 0 ? 4 : hex.length % 4;
  return hex.length > 4 && /^0+$/.test(hex.slice(-last)) ? hex.slice(0, -last) : null;
}

/**
 * Writes EPC memory.
 *
 * @param uri `urn:epc:tag:sgtin-96:3.0614141.812345.6789`
 * @returns upper-case hex, zero-filled to the next hex digit
 * @throws {InputError} what is wrong with it
 */
export function encodeTag(uri: string): string {
  const { scheme, filter, identity } = readTagUri(uri);
  return writeMemory(scheme, filter ?? 0, identity).hex;
}

/** @throws {InputError} EPC_SYNTAX, EPC_RANGE */
export function readTagUri(uri: string): { scheme: Scheme; filter: number | null; identity: Identity } {
  const [, name = '', rest = ''] = /^urn:epc:tag:([a-z0-9-]+):(.*)$/s.exec(uri) ?? [];
  const scheme = schemeByName(name);
  if (scheme === undefined) {
    const known = SCHEMES.map((one) => one.name).join(', ');
    throw new InputError('EPC_SYNTAX', `${uri}: urn:epc:tag: with one of ${known} expected`);
  }
  let filter: number | null = null;
  let parts = rest;
  if (scheme.filterBits > 0) {
    const [, digits = '', after = ''] = /^([0-9]+)\.(.*)$/s.exec(rest) ?? [];
    if (!/^(0|[1-9][0-9]?)$/.test(digits)) throw new InputError('EPC_SYNTAX', `${uri}: a filter value expected`);
    filter = Number(digits);
    parts = after;
  }
  const identity = { type: scheme.type, parts: splitParts(scheme.type, parts) };
  checkIdentity(identity);
  // A tag URI names one binary encoding: what does not fit into it is no tag URI.
  writeMemory(scheme, filter ?? 0, identity);
  return { scheme, filter, identity };
}

export function tagUri(scheme: Scheme, filter: number | null, { parts }: Identity): string {
  return `urn:epc:tag:${scheme.name}:${filter === null ? '' : `${filter}.`}${parts.map(escapeUri).join('.')}`;
}

/** The shortest scheme that can carry an identity. @throws {InputError} why the longest cannot */
export function schemeFor(identity: Identity, filter: number): Scheme {
  let refused: unknown = new InputError('EPC_RANGE', `${identity.type}: no scheme`);
  const [first, ...longer] = SCHEMES.filter(({ type, name }) => type === identity.type && name !== 'gdti-113');
  for (const scheme of first === undefined ? [] : [first, ...longer]) {
    try {
      writeMemory(scheme, filter, identity);
      return scheme;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused = error;
    }
  }
  throw refused;
}
