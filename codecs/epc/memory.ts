import { InputError } from '../../domain/index.ts';
import { BitReader, BitWriter } from './bits.ts';
import { fromSixBits, toSixBits } from './characters.ts';
import { checkIdentity, type Identity } from './identity.ts';
import { type PartitionRow, type PartitionTable, partitionOf, partitionRow } from './partition.ts';
import type { Field, Scheme } from './schemes.ts';

/** EPC memory read by a scheme of TDS 1.13. */
export interface Memory {
  readonly filter: number | null;
  readonly identity: Identity;
  /** How many bits the EPC takes. */
  readonly bits: number;
}

/** @throws {InputError} EPC_TRUNCATED, EPC_TOO_LONG, EPC_PADDING, EPC_PARTITION, EPC_RANGE */
export function readMemory(scheme: Scheme, hex: string): Memory {
  if (scheme.bits !== null && hex.length * 4 < scheme.bits) {
    const given = hex.length * 4;
    throw new InputError('EPC_TRUNCATED', `${hex}: ${scheme.name} has ${scheme.bits} bits, ${given} given`);
  }
  const reader = new BitReader(hex);
  reader.take(8);
  const filter = scheme.filterBits === 0 ? null : reader.take(scheme.filterBits);
  const parts = scheme.fields.flatMap((field) => readField(reader, field, hex));
  const identity = { type: scheme.type, parts };
  checkIdentity(identity);
  // GIAI-202 has up to six bits after its last whole character.
  if (scheme.bits !== null && reader.take(scheme.bits - reader.at) !== 0) throw padding(hex);
  const bits = reader.at;
  reader.finish(scheme.name);
  return { filter, identity, bits };
}

/**
 * @param filter ignored by the scheme that has none
 * @throws {InputError} EPC_RANGE where the identity or filter does not fit into the scheme
 */
export function writeMemory(scheme: Scheme, filter: number, identity: Identity): { hex: string; bits: number } {
  if (!Number.isInteger(filter) || filter < 0 || filter >= 2 ** scheme.filterBits) {
    if (scheme.filterBits > 0) {
      throw new InputError('EPC_RANGE', `filter ${filter}: 0 to ${2 ** scheme.filterBits - 1} expected`);
    }
  }
  const writer = new BitWriter();
  writer.put(scheme.header, 8);
  if (scheme.filterBits > 0) writer.put(filter, scheme.filterBits);
  const parts = [...identity.parts];
  for (const field of scheme.fields) writeField(writer, field, parts);
  if (scheme.bits !== null) writer.fill(scheme.bits);
  return { hex: writer.toHex(), bits: writer.bits };
}

function readField(reader: BitReader, field: Field, hex: string): string[] {
  switch (field.as) {
    case 'partition': {
      const { row, prefix } = readPrefix(reader, field.rows);
      return [prefix, digitsOf('reference', reader.take(row.referenceBits), row.referenceDigits)];
    }
    case 'partitionNumber': {
      const { row, prefix } = readPrefix(reader, field.rows);
      const reference = String(reader.takeBig(row.referenceBits));
      if (reference.length <= row.referenceDigits) return [prefix, reference];
      throw new InputError('EPC_RANGE', `reference ${reference} has more than ${row.referenceDigits} digits`);
    }
    case 'partitionText': {
      const { row, prefix } = readPrefix(reader, field.rows);
      return [prefix, readText(reader, row.referenceBits, hex)];
    }
    case 'partitionSixBit': {
      const { row, prefix } = readPrefix(reader, field.rows);
      return [prefix, readSixBit(reader, row.referenceDigits, hex)];
    }
    case 'number':
      return [String(reader.take(field.bits))];
    case 'digits': {
      const text = String(reader.takeBig(field.bits));
      if (text.startsWith('1') && text.length > 1) return [text.slice(1)];
      throw new InputError('EPC_RANGE', `${hex}: a serial of digits stands behind a 1, ${text} given`);
    }
    case 'pair':
      return [digitsOf('piece or total', reader.take(field.bits), 2)];
    case 'text':
      return [readText(reader, field.bits, hex)];
    case 'sixBit':
      return [readSixBit(reader, field.most, hex)];
    case 'cage':
      return [readCage(reader, field.bitsEach)];
    case 'zero':
      if (reader.take(field.bits) !== 0) {
        throw new InputError('EPC_PADDING', `${hex}: the reserved bits must be zero`);
      }
      return [];
  }
}

function writeField(writer: BitWriter, field: Field, parts: string[]): void {
  if (field.as === 'zero') {
    writer.put(0, field.bits);
    return;
  }
  const part = parts.shift() ?? '';
  switch (field.as) {
    case 'partition': {
      const row = writePrefix(writer, field.rows, part);
      writer.put(BigInt(parts.shift() || 0), row.referenceBits);
      return;
    }
    case 'partitionNumber': {
      const row = writePrefix(writer, field.rows, part);
      writeNumber(writer, parts.shift() ?? '', row.referenceBits, row.referenceDigits);
      return;
    }
    case 'partitionText': {
      const row = writePrefix(writer, field.rows, part);
      writeText(writer, parts.shift() ?? '', row.referenceBits);
      return;
    }
    case 'partitionSixBit':
      writePrefix(writer, field.rows, part);
      writeSixBit(writer, parts.shift() ?? '');
      return;
    case 'number':
      writeNumber(writer, part, field.bits, 20);
      return;
    case 'digits': {
      const value = BigInt(/^[0-9]+$/.test(part) ? `1${part}` : -1);
      if (value >= 0n && value < 1n << BigInt(field.bits)) {
        writer.put(value, field.bits);
        return;
      }
      throw new InputError('EPC_RANGE', `serial ${part}: digits that fit into ${field.bits} bits behind a 1 expected`);
    }
    case 'pair':
      writer.put(Number(part), field.bits);
      return;
    case 'text':
      writeText(writer, part, field.bits);
      return;
    case 'sixBit':
      writeSixBit(writer, part);
      return;
    case 'cage':
      for (const char of part.padStart(6, ' ')) {
        writer.put(field.bitsEach === 6 ? toSixBits(char) : char.charCodeAt(0), field.bitsEach);
      }
  }
}

function readPrefix(reader: BitReader, rows: PartitionTable): { row: PartitionRow; prefix: string } {
  const row = partitionRow(rows, reader.take(3));
  return { row, prefix: digitsOf('company prefix', reader.take(row.prefixBits), row.prefixDigits) };
}

function writePrefix(writer: BitWriter, rows: PartitionTable, prefix: string): PartitionRow {
  const partition = partitionOf(prefix);
  const row = partitionRow(rows, partition);
  writer.put(partition, 3);
  writer.put(Number(prefix), row.prefixBits);
  return row;
}

function digitsOf(name: string, value: number, digits: number): string {
  if (digits === 0 && value === 0) return '';
  const text = String(value);
  if (text.length > digits) throw new InputError('EPC_RANGE', `${name} ${value} has more than ${digits} digits`);
  return text.padStart(digits, '0');
}

function writeNumber(writer: BitWriter, text: string, bits: number, digits: number): void {
  const isNumber = /^(0|[1-9][0-9]*)$/.test(text) && text.length <= digits;
  if (isNumber && BigInt(text) < 1n << BigInt(bits)) {
    writer.put(BigInt(text), bits);
    return;
  }
  throw new InputError('EPC_RANGE', `${text}: a number without leading zeros, less than 2^${bits}, expected`);
}

function readText(reader: BitReader, bits: number, hex: string): string {
  let text = '';
  let isClosed = false;
  for (let left = bits; left >= 7; left -= 7) {
    const code = reader.take(7);
    if (code === 0) isClosed = true;
    else if (isClosed) throw padding(hex);
    else text += String.fromCharCode(code);
  }
  return text;
}

function writeText(writer: BitWriter, text: string, bits: number): void {
  if (text.length * 7 > bits) {
    throw new InputError('EPC_RANGE', `${text}: up to ${Math.floor(bits / 7)} characters expected`);
  }
  const end = writer.bits + bits;
  for (const char of text) writer.put(char.charCodeAt(0), 7);
  writer.fill(end);
}

function readSixBit(reader: BitReader, most: number, hex: string): string {
  let text = '';
  for (let code = reader.take(6); code !== 0; code = reader.take(6)) {
    text += fromSixBits(code);
    if (text.length > most) throw new InputError('EPC_RANGE', `${hex}: ${text} is not closed after ${most} characters`);
  }
  return text;
}

function writeSixBit(writer: BitWriter, text: string): void {
  for (const char of text) writer.put(toSixBits(char), 6);
  writer.put(0, 6);
}

function readCage(reader: BitReader, bitsEach: number): string {
  let text = '';
  for (let i = 0; i < 6; i++) {
    const code = reader.take(bitsEach);
    text += bitsEach === 6 ? fromSixBits(code) : String.fromCharCode(code);
  }
  return text.startsWith(' ') ? text.slice(1) : text;
}

function padding(hex: string): InputError {
  return new InputError('EPC_PADDING', `${hex}: a character after the end of the text, or bits that must be zero`);
}
