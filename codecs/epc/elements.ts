import { InputError } from '../../domain/index.ts';
import { checkAttributes } from './application-identifiers.ts';
import { checkDigit, checkedKey, gtin14, isDigits } from './digits.ts';
import { checkIdentity, type EpcType, type Identity, indicated } from './identity.ts';

/** A GS1 application identifier with its value, as a person reads it. */
export interface Element {
  readonly ai: string;
  readonly value: string;
}

/** The key that a type stands under, and the AI of its serial where that is one of its own. */
const KEYS: Partial<Readonly<Record<EpcType, { readonly key: string; readonly serial?: string }>>> = {
  sgtin: { key: '01', serial: '21' },
  sscc: { key: '00' },
  sgln: { key: '414', serial: '254' },
  grai: { key: '8003' },
  giai: { key: '8004' },
  gsrn: { key: '8018' },
  gsrnp: { key: '8017' },
  gdti: { key: '253' },
  cpi: { key: '8010', serial: '8011' },
  sgcn: { key: '255' },
  itip: { key: '8006', serial: '21' },
};

const typeByKey = new Map(Object.entries(KEYS).map(([type, { key }]) => [key, type as EpcType]));

/** AI of the serial that goes with a type's key; null where the key holds it or has none. */
export function serialAi(type: EpcType): string | null {
  return KEYS[type]?.serial ?? null;
}

/** The elements that say the same as an identity; null for GID, USDOD and ADI, which have none. */
export function elementsOf({ type, parts }: Identity): Element[] | null {
  const ais = KEYS[type];
  if (ais === undefined) return null;
  const [prefix = '', reference = '', third = '', fourth = '', fifth = ''] = parts;
  const keyed = withCheckDigit(`${prefix}${reference}`);
  const serial = (value: string): Element[] => (ais.serial === undefined ? [] : [{ ai: ais.serial, value }]);
  switch (type) {
    case 'sgtin':
      return [{ ai: ais.key, value: indicated(prefix, reference) }, ...serial(third)];
    case 'sscc':
      return [{ ai: ais.key, value: indicated(prefix, reference) }];
    case 'sgln':
      // An extension of 0 says that there is none (TDS 1.13, section 6.3.3).
      return [{ ai: ais.key, value: keyed }, ...(third === '0' ? [] : serial(third))];
    case 'grai':
      return [{ ai: ais.key, value: `0${keyed}${third}` }];
    case 'giai':
      return [{ ai: ais.key, value: `${prefix}${reference}` }];
    case 'gdti':
    case 'sgcn':
      return [{ ai: ais.key, value: `${keyed}${third}` }];
    case 'cpi':
      return [{ ai: ais.key, value: `${prefix}${reference}` }, ...serial(third)];
    case 'itip':
      return [{ ai: ais.key, value: `${indicated(prefix, reference)}${third}${fourth}` }, ...serial(fifth)];
    default:
      return [{ ai: ais.key, value: keyed }];
  }
}

/** Digits of a key in which the company prefix stands at the beginning; what comes before and after it. */
export interface KeyDigits {
  readonly type: EpcType;
  /** Company prefix and reference without indicator and check digit. */
  readonly digits: string;
}

/**
 * Checks a key and its serial: lengths, check digits, characters.
 * @throws {InputError} EPC_SYNTAX, EPC_CHECK_DIGIT, EPC_RANGE; EPC_NO_SERIAL where the key names a class of things
 */
export function checkElements(elements: readonly Element[]): KeyDigits {
  const { type, key, serial } = keyOf(elements);
  switch (type) {
    case 'sgtin':
      needed(type, serial);
      return { type, digits: gtin14(key).slice(1, 13) };
    case 'sscc':
      return { type, digits: checkedKey('SSCC', key, 18).slice(1, 17) };
    case 'sgln':
      return { type, digits: checkedKey('GLN', key, 13).slice(0, 12) };
    case 'grai':
      if (!key.startsWith('0')) throw new InputError('EPC_SYNTAX', `GRAI ${key}: a leading 0 expected`);
      needed(type, key.slice(14));
      return { type, digits: checkedKey('GRAI', key.slice(1, 14), 13).slice(0, 12) };
    case 'giai':
    case 'cpi':
      if (type === 'cpi') needed(type, serial);
      return { type, digits: /^[0-9]*/.exec(key)?.[0] ?? '' };
    case 'gdti':
    case 'sgcn':
      needed(type, key.slice(13));
      return { type, digits: checkedKey(type === 'gdti' ? 'GDTI' : 'GCN', key.slice(0, 13), 13).slice(0, 12) };
    case 'itip':
      needed(type, serial);
      if (key.length !== 18 || !isDigits(key)) throw new InputError('EPC_SYNTAX', `ITIP ${key}: 18 digits expected`);
      return { type, digits: checkedKey('GTIN', key.slice(0, 14), 14).slice(1, 13) };
    default:
      return { type, digits: checkedKey('GSRN', key, 18).slice(0, 17) };
  }
}

/** The identity that elements name, once it is known how long the company prefix is. @throws {InputError} */
export function identityOf(elements: readonly Element[], companyPrefixLength: number): Identity {
  checkElements(elements);
  const { type, key, serial } = keyOf(elements);
  const cut = companyPrefixLength;
  const split = (digits: string) => [digits.slice(0, cut), digits.slice(cut)];
  const lead = (digits: string) => [digits.slice(1, 1 + cut), `${digits.slice(0, 1)}${digits.slice(1 + cut)}`];
  const parts = {
    sgtin: () => [...lead(gtin14(key).slice(0, 13)), serial ?? ''],
    sscc: () => lead(key.slice(0, 17)),
    sgln: () => [...split(key.slice(0, 12)), serial ?? '0'],
    grai: () => [...split(key.slice(1, 13)), key.slice(14)],
    giai: () => split(key),
    gsrn: () => split(key.slice(0, 17)),
    gsrnp: () => split(key.slice(0, 17)),
    gdti: () => [...split(key.slice(0, 12)), key.slice(13)],
    cpi: () => [...split(key), serial ?? ''],
    sgcn: () => [...split(key.slice(0, 12)), key.slice(13)],
    itip: () => [...lead(key.slice(0, 13)), key.slice(14, 16), key.slice(16, 18), serial ?? ''],
    gid: () => [],
    usdod: () => [],
    adi: () => [],
  }[type]();
  const identity = { type, parts };
  checkIdentity(identity);
  return identity;
}

/** `(01)80614141123458(21)6789` */
export function elementString(elements: readonly Element[]): string {
  return elements.map(({ ai, value }) => `(${ai})${value}`).join('');
}

/** GS1 Digital Link URI on GS1's own resolver; what is neither key nor serial follows as attributes. */
export function digitalLink(elements: readonly Element[]): string {
  const { type } = keyOf(elements);
  const inPath = new Set([KEYS[type]?.key, KEYS[type]?.serial]);
  const path = elements.filter(({ ai }) => inPath.has(ai));
  const rest = elements.filter(({ ai }) => !inPath.has(ai));
  const query = rest.map(({ ai, value }) => `${ai}=${escaped(value)}`).join('&');
  const link = path.map(({ ai, value }) => `/${ai}/${escaped(value)}`).join('');
  return `https://id.gs1.org${link}${query === '' ? '' : `?${query}`}`;
}

/** @throws {InputError} EPC_SYNTAX */
export function readElementString(text: string): Element[] {
  const parts = [...text.matchAll(/\(([0-9]{2,4})\)(.*?)(?=\([0-9]{2,4}\)|$)/gs)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InputError('EPC_SYNTAX', `${text}: (AI)value(AI)value... expected`);
  }
  return onlyOnce(
    text,
    parts.map(([, ai = '', value = '']) => ({ ai, value })),
  );
}

/** @throws {InputError} EPC_SYNTAX */
export function readDigitalLink(text: string): Element[] {
  let path: string[];
  let query: URLSearchParams;
  try {
    query = new URL(text).searchParams;
    // Not the parsed URL's path: there a serial "." or ".." is a step in the path and gone (WHATWG URL, 4.4).
    path = (/^[^:]*:\/\/[^/?#]*([^?#]*)/.exec(text)?.[1] ?? '').split('/').map(decodeURIComponent);
  } catch (cause) {
    throw new InputError('EPC_SYNTAX', `${text}: not a URI`, {}, cause);
  }
  const first = path.findIndex((part, at) => typeByKey.has(part) && (path[at + 1] ?? '') !== '');
  if (first < 0)
    throw new InputError('EPC_SYNTAX', `${text}: no GS1 key (${[...typeByKey.keys()].join(', ')}) in its path`);
  const rest = path.slice(first).filter((part, at, all) => part !== '' || at < all.length - 1);
  if (rest.length % 2 !== 0) throw new InputError('EPC_SYNTAX', `${text}: /AI/value pairs expected`);
  const elements: Element[] = [];
  for (let at = 0; at < rest.length; at += 2) elements.push({ ai: rest[at] ?? '', value: rest[at + 1] ?? '' });
  for (const [ai, value] of query) if (/^[0-9]{2,4}$/.test(ai)) elements.push({ ai, value });
  const odd = elements.find(({ ai }) => !/^[0-9]{2,4}$/.test(ai));
  if (odd !== undefined) throw new InputError('EPC_SYNTAX', `${text}: application identifier ${odd.ai} is not digits`);
  return onlyOnce(text, elements);
}

/** The primary key among elements, the GTIN as 14 digits where it has fewer. */
function keyOf(elements: readonly Element[]): { type: EpcType; key: string; serial: string | null } {
  const found = elements.find(({ ai }) => typeByKey.has(ai));
  const type = found === undefined ? undefined : typeByKey.get(found.ai);
  if (found === undefined || type === undefined) {
    const given = elements.map(({ ai }) => ai).join(', ');
    throw new InputError(
      'EPC_SYNTAX',
      `application identifiers ${given}: one of ${[...typeByKey.keys()].join(', ')} expected`,
    );
  }
  const ai = KEYS[type]?.serial;
  const serial = elements.find((one) => one.ai === ai)?.value ?? null;
  return { type, key: found.value, serial };
}

function needed(type: EpcType, serial: string | null): void {
  if (serial !== null && serial !== '') return;
  throw new InputError('EPC_NO_SERIAL', `${type}: has no serial; it names a class of things, not one of them`);
}

function onlyOnce(text: string, elements: Element[]): Element[] {
  const seen = new Set<string>();
  for (const { ai } of elements) {
    if (seen.has(ai)) throw new InputError('EPC_SYNTAX', `${text}: application identifier ${ai} stands in it twice`);
    seen.add(ai);
  }
  checkAttributes(elements, (ai) => typeByKey.has(ai));
  return elements;
}

function withCheckDigit(digits: string): string {
  return `${digits}${checkDigit(digits)}`;
}

/** Percent-encoded as Digital Link paths and queries want it: all but unreserved characters. */
function escaped(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
