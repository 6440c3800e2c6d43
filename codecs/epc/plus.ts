import { InputError } from '../../domain/index.ts';
import { BitReader, BitWriter } from './bits.ts';
import { checkElements, type Element } from './elements.ts';
import type { EpcType } from './identity.ts';

/** How a value stands in the memory of a "+" scheme (TDS 2.3, table F). */
type Coding =
  /** Four bits a digit (14.5.4). */
  | { readonly as: 'digits'; readonly digits: number }
  /** 3 bits of encoding indicator, 5 of length, then the characters (14.5.6). */
  | { readonly as: 'text'; readonly most: number }
  /** 4 bits of length, then an integer (14.5.13). */
  | { readonly as: 'integer'; readonly most: number }
  /** Leading digits of four bits, closed by F or, before text, by E (14.5.5). */
  | { readonly as: 'delimited'; readonly most: number };

interface PlusScheme {
  readonly name: string;
  readonly header: number;
  readonly type: EpcType;
  /** Codings in order; a key of two codings is one value. */
  readonly elements: readonly { readonly ai: string; readonly codings: readonly Coding[] }[];
  /** A date stands before the key (14.5.3). */
  readonly hasDate: boolean;
}

const digits = (count: number): Coding => ({ as: 'digits', digits: count });
const text = (most: number): Coding => ({ as: 'text', most });

function plus(
  name: string,
  header: number,
  type: EpcType,
  elements: Readonly<Record<string, readonly Coding[]>>,
  order: readonly string[],
  hasDate = false,
): PlusScheme {
  return { name, header, type, elements: order.map((ai) => ({ ai, codings: elements[ai] ?? [] })), hasDate };
}

/** TDS 2.3, section 14.6. */
const SCHEMES: readonly PlusScheme[] = [
  plus('cpi+', 0xf0, 'cpi', { 8010: [{ as: 'delimited', most: 30 }], 8011: [{ as: 'integer', most: 12 }] }, [
    '8010',
    '8011',
  ]),
  plus('grai+', 0xf1, 'grai', { 8003: [digits(14), text(16)] }, ['8003']),
  plus('sgln+', 0xf2, 'sgln', { 414: [digits(13)], 254: [text(20)] }, ['414', '254']),
  plus('itip+', 0xf3, 'itip', { 8006: [digits(18)], 21: [text(20)] }, ['8006', '21']),
  plus('gsrn+', 0xf4, 'gsrn', { 8018: [digits(18)] }, ['8018']),
  plus('gsrnp+', 0xf5, 'gsrnp', { 8017: [digits(18)] }, ['8017']),
  plus('gdti+', 0xf6, 'gdti', { 253: [digits(13), text(17)] }, ['253']),
  plus('sgtin+', 0xf7, 'sgtin', { '01': [digits(14)], 21: [text(20)] }, ['01', '21']),
  plus('sgcn+', 0xf8, 'sgcn', { 255: [digits(13), { as: 'integer', most: 12 }] }, ['255']),
  plus('sscc+', 0xf9, 'sscc', { '00': [digits(18)] }, ['00']),
  plus('giai+', 0xfa, 'giai', { 8004: [{ as: 'delimited', most: 30 }] }, ['8004']),
  plus('dsgtin+', 0xfb, 'sgtin', { '01': [digits(14)], 21: [text(20)] }, ['01', '21'], true),
];

/** Headers of the "++" schemes, which carry a host name besides (TDS 2.3, table 14-1): named, not read. */
const PLUS_PLUS: Readonly<Record<number, string>> = {
  230: 'CPI++',
  231: 'GSRN++',
  232: 'GSRNP++',
  233: 'SGLN++',
  234: 'GDTI++',
  235: 'GRAI++',
  236: 'SGCN++',
  237: 'ITIP++',
  238: 'GIAI++',
  239: 'SSCC++',
  252: 'DSGTIN++',
  253: 'SGTIN++',
};

/** AIs of the dates that a DSGTIN+ may lead with, by their indicator (14.5.3). */
const DATE_AIS = ['11', '13', '15', '16', '17', '7006', '7007'];

/** EPC memory read by a scheme of TDS 2. */
export interface PlusMemory {
  readonly scheme: string;
  readonly type: EpcType;
  readonly filter: number;
  /** Key and serial; the date of a DSGTIN+ last. */
  readonly elements: readonly Element[];
  /** Data follows the EPC in memory (15.3); it is not read. */
  readonly hasMoreData: boolean;
  readonly bits: number;
}

/**
 * @returns null where the header is of no scheme of TDS 2
 * @throws {InputError} EPC_NOT_SUPPORTED for "++" schemes; else as for the schemes of TDS 1.13
 */
export function readPlus(header: number, hex: string): PlusMemory | null {
  const unsupported = PLUS_PLUS[header];
  if (unsupported !== undefined) {
    throw new InputError('EPC_NOT_SUPPORTED', `${hex}: ${unsupported} is not supported`, { scheme: unsupported });
  }
  const scheme = SCHEMES.find((one) => one.header === header);
  if (scheme === undefined) return null;
  const reader = new BitReader(hex);
  reader.take(8);
  const hasMoreData = reader.take(1) === 1;
  const filter = reader.take(3);
  const dates = scheme.hasDate ? [readDate(reader)] : [];
  const elements: Element[] = [];
  for (const { ai, codings } of scheme.elements) {
    const value = codings.map((coding) => readValue(reader, coding)).join('');
    if (value !== '') elements.push({ ai, value });
  }
  checkElements(elements);
  const bits = reader.at;
  if (!hasMoreData) reader.finish(scheme.name);
  return { scheme: scheme.name, type: scheme.type, filter, elements: [...elements, ...dates], hasMoreData, bits };
}

/**
 * @param name `sgtin+`; a DSGTIN+ takes its date from the elements
 * @throws {InputError} EPC_SCHEME, EPC_RANGE
 */
export function writePlus(name: string, filter: number, elements: readonly Element[]): { hex: string; bits: number } {
  const scheme = SCHEMES.find((one) => one.name === name);
  if (scheme === undefined) {
    const known = SCHEMES.map((one) => one.name).join(', ');
    throw new InputError('EPC_SCHEME', `scheme ${name}: one of ${known} expected`);
  }
  if (!Number.isInteger(filter) || filter < 0 || filter > 7) {
    throw new InputError('EPC_RANGE', `filter ${filter}: 0 to 7 expected`);
  }
  checkElements(elements);
  const writer = new BitWriter();
  writer.put(scheme.header, 8);
  writer.put(0, 1);
  writer.put(filter, 3);
  if (scheme.hasDate) writeDate(writer, elements);
  for (const { ai, codings } of scheme.elements) {
    let rest = elements.find((element) => element.ai === ai)?.value ?? '';
    for (const coding of codings) {
      const own = coding.as === 'digits' ? rest.slice(0, coding.digits) : rest;
      writeValue(writer, coding, own);
      rest = rest.slice(own.length);
    }
  }
  return { hex: writer.toHex(), bits: writer.bits };
}

function readValue(reader: BitReader, coding: Coding): string {
  switch (coding.as) {
    case 'digits':
      return Array.from({ length: coding.digits }, () => readDigit(reader)).join('');
    case 'integer':
      return readInteger(reader, readLength(reader, 4, coding.most));
    case 'text':
      return readText(reader, coding.most);
    case 'delimited': {
      let leading = '';
      for (let nibble = reader.take(4); nibble !== 15; nibble = reader.take(4)) {
        if (nibble === 14) return `${leading}${readText(reader, coding.most - leading.length)}`;
        if (nibble > 9) throw new InputError('EPC_RANGE', `digit ${nibble}: 0 to 9, or a delimiter, expected`);
        leading += nibble;
        if (leading.length > coding.most)
          throw new InputError('EPC_RANGE', `${leading}: more than ${coding.most} digits`);
      }
      return leading;
    }
  }
}

function writeValue(writer: BitWriter, coding: Coding, value: string): void {
  if (coding.as === 'digits') {
    writeDigits(writer, value);
    return;
  }
  if (value.length > coding.most) {
    throw new InputError('EPC_RANGE', `${value}: up to ${coding.most} characters expected`);
  }
  if (coding.as === 'text') {
    writeText(writer, value);
    return;
  }
  if (coding.as === 'integer') {
    if (!/^[0-9]+$/.test(value)) throw new InputError('EPC_RANGE', `${value}: digits expected`);
    writer.put(value.length, 4);
    writer.put(BigInt(value), integerBits(value.length));
    return;
  }
  const leading = /^[0-9]*/.exec(value)?.[0] ?? '';
  writeDigits(writer, leading);
  if (leading.length === value.length) {
    writer.put(15, 4);
    return;
  }
  writer.put(14, 4);
  writeText(writer, value.slice(leading.length));
}

function readDigit(reader: BitReader): number {
  const digit = reader.take(4);
  if (digit > 9) throw new InputError('EPC_RANGE', `digit ${digit}: 0 to 9 expected`);
  return digit;
}

function writeDigits(writer: BitWriter, value: string): void {
  for (const digit of value) writer.put(Number(digit), 4);
}

function readLength(reader: BitReader, bits: number, most: number): number {
  const length = reader.take(bits);
  if (length <= most) return length;
  throw new InputError('EPC_RANGE', `length ${length}: up to ${most} characters expected`);
}

function readInteger(reader: BitReader, length: number): string {
  if (length === 0) return '';
  const value = String(reader.takeBig(integerBits(length)));
  if (value.length > length) throw new InputError('EPC_RANGE', `${value} has more than ${length} digits`);
  return value.padStart(length, '0');
}

/** Bits that hold any integer of so many digits (table B). */
function integerBits(length: number): number {
  return (10n ** BigInt(length) - 1n).toString(2).length;
}

const UPPER_HEX = '0123456789ABCDEF';
const LOWER_HEX = '0123456789abcdef';
/** RFC 4648, section 5. */
const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Table 14-8; 0 is padding. */
const CODE_40 = '\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789';

/** Encodings by their indicator (table E). */
const ENCODINGS: readonly {
  readonly takes: RegExp;
  readonly bits: (length: number) => number;
  readonly read: (reader: BitReader, length: number) => string;
  readonly write: (writer: BitWriter, value: string) => void;
}[] = [
  {
    takes: /^[0-9]*$/,
    bits: (length) => integerBits(length),
    read: readInteger,
    write: (writer, value) => writer.put(BigInt(value), integerBits(value.length)),
  },
  alphabet(UPPER_HEX, 4),
  alphabet(LOWER_HEX, 4),
  alphabet(BASE_64, 6),
  {
    takes: /^[!-~]*$/,
    bits: (length) => 7 * length,
    read: (reader, length) => Array.from({ length }, () => String.fromCharCode(reader.take(7))).join(''),
    write: (writer, value) => {
      for (const char of value) writer.put(char.charCodeAt(0), 7);
    },
  },
  {
    takes: /^[A-Z0-9.:-]*$/,
    bits: (length) => 16 * Math.ceil(length / 3),
    read: readCode40,
    write: writeCode40,
  },
];

function alphabet(chars: string, bitsEach: number): (typeof ENCODINGS)[number] {
  return {
    takes: new RegExp(`^[${chars.replace('-', '\\-')}]*$`),
    bits: (length) => bitsEach * length,
    read: (reader, length) => Array.from({ length }, () => chars[reader.take(bitsEach)]).join(''),
    write: (writer, value) => {
      for (const char of value) writer.put(chars.indexOf(char), bitsEach);
    },
  };
}

function readText(reader: BitReader, most: number): string {
  const indicator = reader.take(3);
  const encoding = ENCODINGS[indicator];
  if (encoding === undefined) throw new InputError('EPC_RANGE', `encoding indicator ${indicator}: 0 to 5 expected`);
  return encoding.read(reader, readLength(reader, 5, most));
}

/** In the encoding that takes the fewest bits. */
function writeText(writer: BitWriter, value: string): void {
  const usable = [...ENCODINGS.entries()].filter(([, { takes }]) => takes.test(value));
  const [best] = usable.sort(([, a], [, b]) => a.bits(value.length) - b.bits(value.length));
  if (best === undefined) throw new InputError('EPC_RANGE', `${value}: characters of GS1 set 82 expected`);
  writer.put(best[0], 3);
  writer.put(value.length, 5);
  if (value !== '') best[1].write(writer, value);
}

function readCode40(reader: BitReader, length: number): string {
  let text = '';
  while (text.length < length) {
    const value = reader.take(16) - 1;
    const codes = [Math.floor(value / 1600), Math.floor(value / 40) % 40, value % 40];
    for (const code of codes.slice(0, length - text.length)) {
      const char = CODE_40[code];
      if (char === undefined || code < 1) throw new InputError('EPC_RANGE', `URN Code 40: ${value + 1} is no triple`);
      text += char;
    }
  }
  return text;
}

function writeCode40(writer: BitWriter, value: string): void {
  for (let at = 0; at < value.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [...value.slice(at, at + 3)].map((char) => CODE_40.indexOf(char));
    writer.put(1600 * a + 40 * b + c + 1, 16);
  }
}

/** 4 bits of kind, then year, month and day in 7, 4 and 5 bits. */
function readDate(reader: BitReader): Element {
  const kind = reader.take(4);
  const ai = DATE_AIS[kind];
  if (ai === undefined) throw new InputError('EPC_RANGE', `date type ${kind}: 0 to ${DATE_AIS.length - 1} expected`);
  const [year, month, day] = [reader.take(7), reader.take(4), reader.take(5)];
  if (year > 99 || month < 1 || month > 12 || day > new Date(Date.UTC(2000 + year, month, 0)).getUTCDate()) {
    throw new InputError('EPC_RANGE', `date ${year}-${month}-${day} does not exist`);
  }
  return { ai, value: [year, month, day].map((part) => String(part).padStart(2, '0')).join('') };
}

function writeDate(writer: BitWriter, elements: readonly Element[]): void {
  const date = elements.find(({ ai }) => DATE_AIS.includes(ai));
  if (date === undefined || !/^[0-9]{6}$/.test(date.value)) {
    throw new InputError('EPC_RANGE', `a DSGTIN+ needs a date, YYMMDD, under one of ${DATE_AIS.join(', ')}`);
  }
  writer.put(DATE_AIS.indexOf(date.ai), 4);
  writer.put(Number(date.value.slice(0, 2)), 7);
  writer.put(Number(date.value.slice(2, 4)), 4);
  writer.put(Number(date.value.slice(4)), 5);
}
