import { InputError } from '../../domain/index.ts';
import { checkValue, type Format, identifierAt, isPredefined, unknownIdentifierAt } from './application-identifiers.ts';
import { isLikelySplit, separatorDropped, splitsWithoutSeparator } from './dropped-separator.ts';
import type { Element } from './elements.ts';
import { isFormat06, readFormat06 } from './ppn.ts';
import { symbolText } from './symbol.ts';

/** FNC1 as scanners transmit it: the group separator. */
const FNC1 = '\x1d';

/** ISO/IEC symbology identifiers of symbols that carry GS1 element strings: GS1-128, DataBar, DataMatrix, QR, DotCode. */
const GS1_SYMBOLOGY = /^\](C1|e0|d2|Q3|J1)/;

/** A GTIN with something behind it, or an SSCC alone. No EPC memory begins with these (TDS 1.13, table 14-1). */
const WITHOUT_MARKS = /^(01\d{14}(?=\d\d.)|00\d{18}$)/;

/** Twenty digits from 8 on: a Chinese drug traceability code. No EPC has 80 bits and begins so. */
const CHINESE_CODE = /^8\d{19}$/;

/** A scan as read. */
export interface Scan {
  readonly elements: readonly Element[];
  /** Application identifiers with their values that are newer than the table: named, not read. */
  readonly unread: readonly string[];
  /** Other readings, should the scanner drop FNC1; see {@link splitsWithoutSeparator}. */
  readonly splits: readonly (readonly Element[])[];
}

export function isScan(scanned: string): boolean {
  const text = symbolText(scanned);
  if (/^(\(|https?:\/\/|urn:)/i.test(text)) return false;
  return GS1_SYMBOLOGY.test(scanned.trim()) || text.includes(FNC1) || isFormat06(text) || WITHOUT_MARKS.test(text);
}

/** @throws {InputError} EPC_NOT_SUPPORTED for codes that are no GS1 identity and are known by their shape */
export function refuseForeignCode(text: string): void {
  if (!CHINESE_CODE.test(text)) return;
  throw new InputError('EPC_NOT_SUPPORTED', `${text}: Chinese drug traceability codes (20 digits) are not supported`);
}

/**
 * Reads what a scanner sends of a GS1 symbol: element strings one after another, FNC1 after those of no predefined
 * length. Lengths, characters, check digits and dates are checked. Packs with a German PPN (format 06) are read as the
 * elements that say the same. An identifier that is newer than the table costs itself only.
 *
 * @param scanned with or without symbology identifier (`]d2`) and what the scanner adds (CR, LF, TAB, blanks)
 * @throws {InputError} EPC_SYNTAX, EPC_RANGE, EPC_CHECK_DIGIT with the application identifier; EPC_NO_SEPARATOR where
 *   a value is too long because the scanner drops FNC1; EPC_NOT_SUPPORTED
 */
export function readScan(scanned: string): Scan {
  const text = symbolText(scanned);
  refuseForeignCode(text);
  const { elements, unread } = isFormat06(text) ? checkedFormat06(text) : readElements(text);
  if (elements.length === 0) {
    const notRead = unread.map((one) => `; ${unknownIdentifierAt(one)} is not known`).join('');
    throw new InputError('EPC_SYNTAX', `${shown(scanned)}: element strings expected${notRead}`);
  }
  const splits = text.includes(FNC1, 1) ? [] : splitsWithoutSeparator(elements);
  return { elements, unread, splits };
}

/** The elements of a scan, for those who cannot ask which serials exist. @throws {InputError} as {@link readScan} */
export function elementsOfScan(scanned: string): Element[] {
  const { elements, splits } = readScan(scanned);
  if (isLikelySplit(elements, splits)) throw separatorDropped(shown(scanned));
  return [...elements];
}

function readElements(text: string): { elements: Element[]; unread: string[] } {
  const elements: Element[] = [];
  const unread: string[] = [];
  let rest = text.startsWith(FNC1) ? text.slice(1) : text;
  while (rest !== '') {
    const found = identifierAt(rest);
    const end = found === null ? endAtSeparator(rest) : endOf(rest, found.ai, found.format);
    if (found === null) {
      if (!/^\d\d/.test(rest)) {
        throw new InputError(
          'EPC_SYNTAX',
          `${shown(text)}: application identifier ${shown(rest.slice(0, 4))} is not known`,
        );
      }
      unread.push(rest.slice(0, end));
    } else {
      const element = { ai: found.ai, value: rest.slice(found.ai.length, end) };
      checkElement(text, elements, element, found.format);
      elements.push(element);
    }
    rest = rest.slice(end);
    if (rest.startsWith(FNC1)) rest = rest.slice(1);
  }
  return { elements, unread };
}

function checkElement(text: string, before: readonly Element[], element: Element, format: Format): void {
  const { ai, value } = element;
  const isLong = Array.isArray(format.length) && value.length > (format.length[1] ?? 0);
  // Too long without any FNC1, and lot, serial or expiry seem to stand in it: what is wrong is the scanner.
  if (isLong && !text.includes(FNC1, 1) && splitsWithoutSeparator([...before, element]).length > 0) {
    throw separatorDropped(shown(text));
  }
  checkValue(ai, value, format);
  if (before.some((one) => one.ai === ai)) {
    throw new InputError('EPC_SYNTAX', `${shown(text)}: application identifier ${ai} stands in it twice`);
  }
}

function checkedFormat06(text: string): { elements: Element[]; unread: string[] } {
  const read = readFormat06(text);
  for (const { ai, value } of read.elements) {
    const known = identifierAt(ai);
    if (known !== null) checkValue(ai, value, known.format);
  }
  return read;
}

function endOf(rest: string, ai: string, { length }: Format): number {
  return typeof length === 'number' && isPredefined(ai) ? ai.length + length : endAtSeparator(rest);
}

function endAtSeparator(rest: string): number {
  const separator = rest.indexOf(FNC1);
  return separator < 0 ? rest.length : separator;
}

function shown(text: string): string {
  return text.replaceAll(FNC1, '<FNC1>');
}
