import { type Epc, InputError } from '../../domain/index.ts';
import { escapeUri, isCharacterSet82, unescapeUri } from './characters.ts';
import { checkDigit, isDigits } from './digits.ts';
import { partitionOf } from './partition.ts';

const SGTIN = 'urn:epc:id:sgtin:';
const SSCC = 'urn:epc:id:sscc:';

export function isSgtin(epc: Epc): boolean {
  return epc.startsWith(SGTIN);
}

export function isSscc(epc: Epc): boolean {
  return epc.startsWith(SSCC);
}

/** GTIN-14 of an SGTIN, else null. */
export function gtinOf(epc: Epc): string | null {
  if (!isSgtin(epc)) return null;
  const [prefix = '', reference = ''] = epc.slice(SGTIN.length).split('.');
  const digits = `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`;
  return `${digits}${checkDigit(digits)}`;
}

/** Serial of an SGTIN as a person reads it (escapes undone), else null. */
export function serialOf(epc: Epc): string | null {
  if (!isSgtin(epc)) return null;
  const rest = epc.slice(SGTIN.length);
  const second = rest.indexOf('.', rest.indexOf('.') + 1);
  return unescapeUri(rest.slice(second + 1));
}

/** SSCC-18, else null. */
export function ssccOf(epc: Epc): string | null {
  if (!isSscc(epc)) return null;
  const [prefix = '', reference = ''] = epc.slice(SSCC.length).split('.');
  const digits = `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`;
  return `${digits}${checkDigit(digits)}`;
}

/** @throws {InputError} if the parts make no SGTIN */
export function sgtin(companyPrefix: string, reference: string, serial: string): Epc {
  partitionOf(companyPrefix);
  digitsTogether('SGTIN', companyPrefix, reference, 13);
  if (serial === '' || serial.length > 20 || !isCharacterSet82(serial)) {
    throw new InputError('EPC_RANGE', `serial ${serial}: 1 to 20 characters of GS1 set 82 expected`);
  }
  return `${SGTIN}${companyPrefix}.${reference}.${escapeUri(serial)}`;
}

/** @throws {InputError} if the parts make no SSCC */
export function sscc(companyPrefix: string, reference: string): Epc {
  partitionOf(companyPrefix);
  digitsTogether('SSCC', companyPrefix, reference, 17);
  return `${SSCC}${companyPrefix}.${reference}`;
}

/** @throws {InputError} if it is no pure identity URI of a known scheme */
export function parsePureUri(uri: string): Epc {
  const [, scheme, rest = ''] = /^urn:epc:id:([a-z]+):(.*)$/.exec(uri) ?? [];
  const parts = rest.split('.');
  if (scheme === 'sgtin' && parts.length >= 3) {
    return sgtin(parts[0] ?? '', parts[1] ?? '', unescapeUri(parts.slice(2).join('.')));
  }
  if (scheme === 'sscc' && parts.length === 2) return sscc(parts[0] ?? '', parts[1] ?? '');
  throw new InputError('EPC_SYNTAX', `${uri}: not a pure identity URI of an SGTIN or SSCC`);
}

function digitsTogether(name: string, companyPrefix: string, reference: string, digits: number): void {
  if (companyPrefix.length + reference.length !== digits || !isDigits(reference)) {
    const given = `${companyPrefix}.${reference}`;
    throw new InputError('EPC_SYNTAX', `${name} ${given}: ${digits} digits in company prefix and reference expected`);
  }
}
