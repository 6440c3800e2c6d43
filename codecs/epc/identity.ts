import { type Epc, InputError } from '../../domain/index.ts';
import { type CharacterSet, escapeUri, isWithin, unescapeUri } from './characters.ts';
import { checkDigit } from './digits.ts';
import { partitionOf } from './partition.ts';

/** What kinds of things EPCs name (TDS 1.13, table 6-1), as far as tags carry them. */
export type EpcType =
  | 'sgtin'
  | 'sscc'
  | 'sgln'
  | 'grai'
  | 'giai'
  | 'gsrn'
  | 'gsrnp'
  | 'gdti'
  | 'cpi'
  | 'sgcn'
  | 'gid'
  | 'itip'
  | 'usdod'
  | 'adi';

/** A pure identity in its parts, in the order of the URI, escapes undone. */
export interface Identity {
  readonly type: EpcType;
  readonly parts: readonly string[];
}

type Part =
  /** Company prefix and a reference of digits, together this many: two parts. */
  | { readonly kind: 'keyed'; readonly digits: number }
  /** Company prefix and a reference of text, together at most this many characters: two parts. */
  | { readonly kind: 'keyedText'; readonly most: number; readonly set: CharacterSet }
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly least: number;
      readonly most: number;
      readonly set: CharacterSet;
    }
  | { readonly kind: 'digits'; readonly name: string; readonly least: number; readonly most: number }
  /** Without leading zeros, less than 2^bits or of at most this many digits. */
  | { readonly kind: 'number'; readonly name: string; readonly bits?: number; readonly most?: number }
  /** Commercial and Government Entity code, or a DoDAAC of six characters. */
  | { readonly kind: 'cage' };

const serial = (most: number): Part => ({ kind: 'text', name: 'serial', least: 1, most, set: 'set 82' });

/** TDS 1.13, section 6.3: the parts of each pure identity URI. */
const GRAMMAR: Readonly<Record<EpcType, readonly Part[]>> = {
  sgtin: [{ kind: 'keyed', digits: 13 }, serial(20)],
  sscc: [{ kind: 'keyed', digits: 17 }],
  sgln: [
    { kind: 'keyed', digits: 12 },
    { kind: 'text', name: 'extension', least: 1, most: 20, set: 'set 82' },
  ],
  grai: [{ kind: 'keyed', digits: 12 }, serial(16)],
  giai: [{ kind: 'keyedText', most: 30, set: 'set 82' }],
  gsrn: [{ kind: 'keyed', digits: 17 }],
  gsrnp: [{ kind: 'keyed', digits: 17 }],
  gdti: [{ kind: 'keyed', digits: 12 }, serial(17)],
  cpi: [
    { kind: 'keyedText', most: 30, set: 'set 39' },
    { kind: 'number', name: 'serial', most: 12 },
  ],
  sgcn: [
    { kind: 'keyed', digits: 12 },
    { kind: 'digits', name: 'serial', least: 1, most: 12 },
  ],
  itip: [
    { kind: 'keyed', digits: 13 },
    { kind: 'digits', name: 'piece', least: 2, most: 2 },
    { kind: 'digits', name: 'total', least: 2, most: 2 },
    serial(20),
  ],
  gid: [
    { kind: 'number', name: 'manager number', bits: 28 },
    { kind: 'number', name: 'object class', bits: 24 },
    { kind: 'number', name: 'serial', bits: 36 },
  ],
  usdod: [{ kind: 'cage' }, { kind: 'number', name: 'serial', bits: 36 }],
  adi: [
    { kind: 'cage' },
    { kind: 'text', name: 'part number', least: 0, most: 32, set: 'set 39' },
    { kind: 'text', name: 'serial', least: 1, most: 30, set: 'set 39' },
  ],
};

export function isEpcType(name: string): name is EpcType {
  return Object.hasOwn(GRAMMAR, name);
}

/** How many parts its URI has. */
export function partCount(type: EpcType): number {
  return GRAMMAR[type].reduce((count, { kind }) => count + (kind === 'keyed' || kind === 'keyedText' ? 2 : 1), 0);
}

/**
 * Checks lengths, characters and ranges of every part.
 * @throws {InputError} EPC_SYNTAX, EPC_COMPANY_PREFIX, EPC_RANGE
 */
export function checkIdentity({ type, parts }: Identity): void {
  if (parts.length !== partCount(type)) {
    throw new InputError('EPC_SYNTAX', `${type} ${parts.join('.')}: ${partCount(type)} parts expected`);
  }
  let at = 0;
  for (const part of GRAMMAR[type]) {
    const value = parts[at++] ?? '';
    if (part.kind === 'keyed') checkKeyed(type, value, parts[at++] ?? '', part.digits);
    else if (part.kind === 'keyedText') {
      partitionOf(value);
      checkText('reference', parts[at++] ?? '', 1, part.most - value.length, part.set);
    } else if (part.kind === 'text') checkText(part.name, value, part.least, part.most, part.set);
    else if (part.kind === 'digits') checkDigits(part.name, value, part.least, part.most);
    else if (part.kind === 'number') checkNumber(part, value);
    else if (!/^[0-9A-HJ-NP-Z]{5,6}$/.test(value)) {
      throw new InputError('EPC_RANGE', `CAGE or DoDAAC ${value}: 5 or 6 of A-Z 0-9 without I and O expected`);
    }
  }
  if (type === 'adi' && /#/.test(parts[1] ?? '')) {
    throw new InputError('EPC_RANGE', `part number ${parts[1]}: # expected in the serial only`);
  }
  if (type === 'adi' && /.#/.test(parts[2] ?? '')) {
    throw new InputError('EPC_RANGE', `serial ${parts[2]}: # expected at its beginning only`);
  }
}

/** `urn:epc:id:...`, without checking it again. */
export function pureUri({ type, parts }: Identity): Epc {
  return `urn:epc:id:${type}:${parts.map(escapeUri).join('.')}`;
}

/** @throws {InputError} what is wrong with it */
export function readPureUri(uri: string): Identity {
  const [, type = '', rest = ''] = /^urn:epc:id:([a-z]+):(.*)$/s.exec(uri) ?? [];
  if (!isEpcType(type)) {
    throw new InputError('EPC_SYNTAX', `${uri}: urn:epc:id: with one of ${Object.keys(GRAMMAR).join(', ')} expected`);
  }
  const identity = { type, parts: splitParts(type, rest) };
  checkIdentity(identity);
  return identity;
}

/** Parts of the URI's end; the last may hold dots. */
export function splitParts(type: EpcType, text: string): string[] {
  const pieces = text.split('.');
  const count = partCount(type);
  const parts = pieces.slice(0, count - 1);
  if (pieces.length >= count) parts.push(pieces.slice(count - 1).join('.'));
  return parts.map(unescapeUri);
}

export function isSgtin(epc: Epc): boolean {
  return epc.startsWith('urn:epc:id:sgtin:');
}

export function isSscc(epc: Epc): boolean {
  return epc.startsWith('urn:epc:id:sscc:');
}

/** GTIN-14 of an SGTIN, else null. */
export function gtinOf(epc: Epc): string | null {
  if (!isSgtin(epc)) return null;
  const [prefix = '', reference = ''] = epc.slice('urn:epc:id:sgtin:'.length).split('.');
  return indicated(prefix, reference);
}

/** Serial of an SGTIN as a person reads it (escapes undone), else null. */
export function serialOf(epc: Epc): string | null {
  return isSgtin(epc) ? (splitParts('sgtin', epc.slice('urn:epc:id:sgtin:'.length))[2] ?? null) : null;
}

/** SSCC-18, else null. */
export function ssccOf(epc: Epc): string | null {
  if (!isSscc(epc)) return null;
  const [prefix = '', reference = ''] = epc.slice('urn:epc:id:sscc:'.length).split('.');
  return indicated(prefix, reference);
}

/** GTIN-14 or SSCC-18 of its parts: the first digit of the reference leads, the check digit ends. */
export function indicated(prefix: string, reference: string): string {
  const digits = `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`;
  return `${digits}${checkDigit(digits)}`;
}

/** @throws {InputError} if the parts make no SGTIN */
export function sgtin(companyPrefix: string, reference: string, serialNumber: string): Epc {
  const identity: Identity = { type: 'sgtin', parts: [companyPrefix, reference, serialNumber] };
  checkIdentity(identity);
  return pureUri(identity);
}

/** @throws {InputError} if the parts make no SSCC */
export function sscc(companyPrefix: string, reference: string): Epc {
  const identity: Identity = { type: 'sscc', parts: [companyPrefix, reference] };
  checkIdentity(identity);
  return pureUri(identity);
}

function checkKeyed(type: EpcType, companyPrefix: string, reference: string, digits: number): void {
  partitionOf(companyPrefix);
  if (companyPrefix.length + reference.length === digits && /^[0-9]*$/.test(reference)) return;
  const given = `${companyPrefix}.${reference}`;
  throw new InputError('EPC_SYNTAX', `${type} ${given}: ${digits} digits in company prefix and reference expected`);
}

function checkText(name: string, value: string, least: number, most: number, set: CharacterSet): void {
  if (value.length >= least && value.length <= most && isWithin(set, value)) return;
  throw new InputError('EPC_RANGE', `${name} ${value}: ${least} to ${most} characters of GS1 ${set} expected`);
}

function checkDigits(name: string, value: string, least: number, most: number): void {
  if (value.length >= least && value.length <= most && /^[0-9]+$/.test(value)) return;
  const count = least === most ? `${most}` : `${least} to ${most}`;
  throw new InputError('EPC_RANGE', `${name} ${value}: ${count} digits expected`);
}

function checkNumber({ name, bits, most }: { name: string; bits?: number; most?: number }, value: string): void {
  const isNumber = /^(0|[1-9][0-9]*)$/.test(value);
  if (isNumber && value.length <= (most ?? 20) && (bits === undefined || BigInt(value) < 1n << BigInt(bits))) return;
  const allowed = bits === undefined ? `up to ${most} digits` : `less than 2^${bits}`;
  throw new InputError('EPC_RANGE', `${name} ${value}: a number without leading zeros, ${allowed}, expected`);
}
