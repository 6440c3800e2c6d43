import { type Epc, InputError } from '../../domain/index.ts';
import { BitReader, BitWriter, hexToBytes } from './bits.ts';
import { escapeUri, isCharacterSet82, unescapeUri } from './characters.ts';
import { type PartitionRow, partitionOf, partitionRow, SGTIN_PARTITIONS, SSCC_PARTITIONS } from './partition.ts';

/** EPC memory of a tag, read: identity as pure URI, and what only the tag says. */
export interface TagEpc {
  readonly scheme: 'sgtin-96' | 'sgtin-198' | 'sscc-96';
  readonly filter: number;
  readonly epc: Epc;
}

const SCHEMES = {
  'sgtin-96': { header: 0x30, bits: 96 },
  'sgtin-198': { header: 0x36, bits: 198 },
  'sscc-96': { header: 0x31, bits: 96 },
} as const;

/**
 * Reads EPC memory (TDS 1.13, section 14). Hex may be zero-padded to the next 16-bit word, no further.
 *
 * @param hex EPC memory without PC word and CRC, hex
 * @throws {InputError} EPC_SYNTAX, EPC_HEADER, EPC_TRUNCATED, EPC_TOO_LONG, EPC_PADDING, EPC_PARTITION, EPC_RANGE
 */
export function decodeTag(hex: string): TagEpc {
  const bytes = hexToBytes(hex);
  const header = bytes[0];
  for (const [name, { header: own, bits }] of Object.entries(SCHEMES)) {
    if (own !== header) continue;
    const scheme = name as TagEpc['scheme'];
    checkLength(scheme, hex, bits);
    const reader = new BitReader(bytes);
    reader.take(8);
    const filter = reader.take(3);
    const partition = reader.take(3);
    const rows = scheme === 'sscc-96' ? SSCC_PARTITIONS : SGTIN_PARTITIONS;
    const { prefix, reference } = takePartitioned(reader, partitionRow(rows, partition));
    let epc = `urn:epc:id:sscc:${prefix}.${reference}`;
    if (scheme === 'sgtin-96') epc = `urn:epc:id:sgtin:${prefix}.${reference}.${reader.take(38)}`;
    else if (scheme === 'sgtin-198') epc = `urn:epc:id:sgtin:${prefix}.${reference}.${takeString(reader, 20)}`;
    else if (reader.take(24) !== 0) throw new InputError('EPC_PADDING', `${hex}: the reserved bits must be zero`);
    checkPadding(hex, reader);
    return { scheme, filter, epc };
  }
  const given = header === undefined ? 'nothing' : `header ${hex.slice(0, 2)}`;
  throw new InputError('EPC_HEADER', `${hex}: ${given} is none of ${Object.keys(SCHEMES).join(', ')}`);
}

/**
 * What a tag that was read is known by: its pure identity, or, where its memory is no EPC that this codec knows, the
 * raw URI of TDS 1.13 section 12.2 (`urn:epc:raw:96.xE280...`), so that a foreign tag stays a tag that was seen.
 */
export function identityOfTag(hex: string, bits: number): Epc {
  try {
    return decodeTag(hex).epc;
  } catch (error) {
    if (error instanceof InputError) return `urn:epc:raw:${bits}.x${hex.toUpperCase()}`;
    throw error;
  }
}

/**
 * Writes EPC memory.
 *
 * @param tagUri `urn:epc:tag:sgtin-96:3.0614141.812345.6789`
 * @returns upper-case hex, whole bytes
 * @throws {InputError} what is wrong with it
 */
export function encodeTag(tagUri: string): string {
  const match = /^urn:epc:tag:(sgtin-96|sgtin-198|sscc-96):([0-7])\.([0-9]+)\.([0-9]+)(?:\.(.+))?$/.exec(tagUri);
  if (match === null) throw new InputError('EPC_SYNTAX', `${tagUri}: not a tag URI of a known scheme`);
  const [, name, filter = '', prefix = '', reference = '', serial] = match;
  const scheme = name as TagEpc['scheme'];
  const { header, bits } = SCHEMES[scheme];
  const rows = scheme === 'sscc-96' ? SSCC_PARTITIONS : SGTIN_PARTITIONS;
  const partition = partitionOf(prefix);
  const row = partitionRow(rows, partition);
  if (reference.length !== row.referenceDigits) {
    throw new InputError('EPC_SYNTAX', `${tagUri}: reference of ${row.referenceDigits} digits expected`);
  }
  const writer = new BitWriter(bits);
  writer.put(header, 8);
  writer.put(Number(filter), 3);
  writer.put(partition, 3);
  writer.put(Number(prefix), row.prefixBits);
  writer.put(Number(reference), row.referenceBits);
  if ((serial === undefined) !== (scheme === 'sscc-96')) {
    throw new InputError('EPC_SYNTAX', `${tagUri}: ${scheme} has ${serial === undefined ? 'a' : 'no'} serial`);
  }
  if (scheme === 'sgtin-96') writer.put(numericSerial(serial ?? ''), 38);
  if (scheme === 'sgtin-198') putString(writer, unescapeUri(serial ?? ''), 20);
  return writer.toHex();
}

function takePartitioned(reader: BitReader, row: PartitionRow): { prefix: string; reference: string } {
  const prefix = decimal('company prefix', reader.take(row.prefixBits), row.prefixDigits);
  const reference = decimal('reference', reader.take(row.referenceBits), row.referenceDigits);
  return { prefix, reference };
}

function decimal(name: string, value: number, digits: number): string {
  const text = String(value);
  if (text.length > digits) throw new InputError('EPC_RANGE', `${name} ${value} has more than ${digits} digits`);
  return text.padStart(digits, '0');
}

/** 7-bit ISO 646 characters, closed by zero bits up to `maxChars` (TDS 1.13, 14.4.2); as in a URI. */
function takeString(reader: BitReader, maxChars: number): string {
  let text = '';
  let isClosed = false;
  for (let i = 0; i < maxChars; i++) {
    const code = reader.take(7);
    if (code === 0) isClosed = true;
    else if (isClosed) throw new InputError('EPC_PADDING', 'a character after the end of the serial');
    else text += String.fromCharCode(code);
  }
  if (text === '') throw new InputError('EPC_RANGE', 'the serial is empty');
  if (!isCharacterSet82(text)) throw new InputError('EPC_RANGE', `serial ${text}: a character no serial may hold`);
  return escapeUri(text);
}

function putString(writer: BitWriter, text: string, maxChars: number): void {
  if (text === '' || text.length > maxChars || !isCharacterSet82(text)) {
    throw new InputError('EPC_RANGE', `serial ${text}: 1 to ${maxChars} characters of GS1 set 82 expected`);
  }
  for (let i = 0; i < maxChars; i++) writer.put(i < text.length ? text.charCodeAt(i) : 0, 7);
}

function numericSerial(serial: string): number {
  if (!/^(0|[1-9][0-9]*)$/.test(serial) || Number(serial) >= 2 ** 38) {
    const allowed = '0 to 274877906943 without leading zeros';
    throw new InputError('EPC_RANGE', `serial ${serial}: ${allowed} expected in 96 bits`);
  }
  return Number(serial);
}

function checkLength(scheme: string, hex: string, bits: number): void {
  if (hex.length * 4 < bits) {
    throw new InputError('EPC_TRUNCATED', `${hex}: ${scheme} has ${bits} bits, ${hex.length * 4} given`);
  }
  const most = Math.ceil(bits / 16) * 16;
  if (hex.length * 4 > most) {
    throw new InputError('EPC_TOO_LONG', `${hex}: ${scheme} has ${bits} bits, ${hex.length * 4} given`);
  }
}

function checkPadding(hex: string, reader: BitReader): void {
  while (reader.left > 0) {
    if (reader.take(Math.min(8, reader.left)) !== 0) {
      throw new InputError('EPC_PADDING', `${hex}: bits after the end of the EPC must be zero`);
    }
  }
}
