import { type Epc, InputError } from '../../domain/index.ts';
import { checkElements, type Element, identityOf, readDigitalLink, readElementString } from './elements.ts';
import { pureUri, readPureUri } from './identity.ts';
import { elementsOfScan, isScan, refuseForeignCode } from './scan.ts';
import { symbolText } from './symbol.ts';
import { decodeTag, readTag, readTagUri } from './tag.ts';

/** Element strings, Digital Links and "+" tags do not say where the company prefix ends; one of these does. */
export interface ParseOptions {
  readonly companyPrefixLength?: number;
  /** Company prefixes known to the caller; the longest that fits is taken. */
  readonly companyPrefixes?: Iterable<string>;
}

/**
 * The pure identity URI of an EPC given in any form: EPC memory as hex, tag URI, pure identity URI, GS1 element string
 * with parentheses or as scanned (FNC1), GS1 Digital Link URI.
 *
 * @throws {InputError} what is wrong, what was given, what is allowed; EPC_COMPANY_PREFIX_UNKNOWN where the form does
 *   not say how long the company prefix is and the options do not either
 */
export function parseEpc(given: string, options: ParseOptions = {}): Epc {
  const text = symbolText(given);
  switch (formOf(text)) {
    case 'pure identity':
      return pureUri(readPureUri(text));
    case 'tag URI':
      return pureUri(readTagUri(text).identity);
    case 'element string':
    case 'scan':
    case 'Digital Link':
      return ofElements(text, elementsIn(given), options);
    case 'hex': {
      const { epc } = decodeTag(text);
      return epc.startsWith('urn:') ? epc : ofElements(text, readTag(text).elements ?? [], options);
    }
  }
}

export type EpcForm = 'hex' | 'tag URI' | 'pure identity' | 'element string' | 'scan' | 'Digital Link';

/** @throws {InputError} EPC_SYNTAX */
export function formOf(given: string): EpcForm {
  const text = symbolText(given);
  if (text.startsWith('urn:epc:id:')) return 'pure identity';
  if (text.startsWith('urn:epc:tag:')) return 'tag URI';
  if (/^https?:\/\//i.test(text)) return 'Digital Link';
  if (text.startsWith('(')) return 'element string';
  if (isScan(given)) return 'scan';
  refuseForeignCode(text);
  if (/^\d([.,]\d+)?E\+\d+$/i.test(text)) {
    throw new InputError(
      'EPC_SYNTAX',
      `${text}: a number as a spreadsheet shortens it, with digits lost; format its cells as text and copy it again`,
    );
  }
  if (/^[0-9A-Fa-f]{2,}$/.test(text)) return 'hex';
  throw new InputError(
    'EPC_SYNTAX',
    `${text}: hex, tag URI, pure identity URI, (01)...(21)... or Digital Link expected`,
  );
}

/** Elements of an element string, scan or Digital Link, in their order. @throws {InputError} EPC_SYNTAX */
export function elementsIn(given: string): Element[] {
  const text = symbolText(given);
  if (isScan(given)) return elementsOfScan(given);
  return text.startsWith('(') ? readElementString(text) : readDigitalLink(text);
}

/**
 * GTIN-14 and serial, or SSCC-18, of an element string, scan or Digital Link, without asking for the company prefix; null for
 * the other forms and keys.
 * @throws {InputError} EPC_SYNTAX, EPC_CHECK_DIGIT, EPC_NO_SERIAL
 */
export function keysOf(given: string): { gtin: string; serial: string } | { sscc: string } | null {
  const text = symbolText(given);
  if (!text.startsWith('(') && !isScan(given) && !/^https?:\/\//i.test(text)) return null;
  const elements = elementsIn(given);
  const { type } = checkElements(elements);
  const value = (ai: string) => elements.find((element) => element.ai === ai)?.value ?? '';
  if (type === 'sscc') return { sscc: value('00') };
  return type === 'sgtin' ? { gtin: value('01').padStart(14, '0'), serial: value('21') } : null;
}

function ofElements(text: string, elements: readonly Element[], options: ParseOptions): Epc {
  const length = companyPrefixLength(text, checkElements(elements).digits, options);
  return pureUri(identityOf(elements, length));
}

function companyPrefixLength(text: string, digits: string, options: ParseOptions): number {
  if (options.companyPrefixLength !== undefined) return options.companyPrefixLength;
  let longest = '';
  for (const known of options.companyPrefixes ?? []) {
    if (known.length > longest.length && digits.startsWith(known)) longest = known;
  }
  if (longest !== '') return longest.length;
  throw new InputError(
    'EPC_COMPANY_PREFIX_UNKNOWN',
    `${text}: does not say how long the company prefix is; give the pure identity URI or the prefix length`,
  );
}
