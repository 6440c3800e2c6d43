import { InputError } from '../../domain/index.ts';

export type FileKind = 'text' | 'xlsx' | 'pdf';

const MAGIC = {
  pdf: [0x25, 0x50, 0x44, 0x46],
  zip: [0x50, 0x4b, 0x03, 0x04],
  ole: [0xd0, 0xcf, 0x11, 0xe0],
} as const;

/**
 * What kind of file this is, by its first bytes; its name says nothing.
 * @throws {InputError} LOGGER_FILE_EMPTY; LOGGER_FILE_OLD_EXCEL an .xls: to be saved as .xlsx
 */
export function kindOf(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) throw new InputError('LOGGER_FILE_EMPTY', 'the file is empty');
  if (startsWith(bytes, MAGIC.ole)) {
    throw new InputError('LOGGER_FILE_OLD_EXCEL', 'the file is an old Excel file (.xls): save it as .xlsx or .csv');
  }
  if (startsWith(bytes, MAGIC.zip)) return 'xlsx';
  return isPdf(bytes) ? 'pdf' : 'text';
}

/** ISO 32000-1, 7.5.2 note: readers look for the header within the first 1,024 bytes. */
function isPdf(bytes: Uint8Array): boolean {
  const most = Math.min(1_020, bytes.length - MAGIC.pdf.length);
  for (let at = 0; at <= most; at++) if (startsWith(bytes.subarray(at), MAGIC.pdf)) return true;
  return false;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/**
 * A text file as text: UTF-16 and UTF-8 with or without their marks, else Windows-1252, which is Latin-1 with more signs
 * (WHATWG Encoding, 4.2: what the web means by latin1).
 *
 * @throws {InputError} LOGGER_FILE_NOT_TEXT
 */
export function textOfBytes(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\u0000')) {
    throw new InputError(
      'LOGGER_FILE_NOT_TEXT',
      'the file is neither text, nor Excel (.xlsx), nor PDF: export it as CSV from its program',
    );
  }
  return text;
}

function encodingOf(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
  if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be';
  // Without a mark: ASCII in two bytes each has every second byte zero.
  const [even, odd] = zerosIn(bytes.subarray(0, 512));
  if (odd > 0.4) return 'utf-16le';
  if (even > 0.4) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** The share of zeros among bytes at even and at odd places. */
function zerosIn(bytes: Uint8Array): [number, number] {
  const zeros: [number, number] = [0, 0];
  for (const [i, byte] of bytes.entries()) if (byte === 0) zeros[i % 2 === 0 ? 0 : 1]++;
  const pairs = Math.max(1, Math.floor(bytes.length / 2));
  return [zeros[0] / pairs, zeros[1] / pairs];
}
