import { inflateRawSync } from 'node:zlib';
// Not its reader of streams: one that meets something else behind a part never comes to an end.
import readXlsxFile from 'read-excel-file/universal';
import { InputError } from '../../domain/index.ts';
import type { Cell, Row } from './cell.ts';
import { MOST_ROWS, tooLong } from './table.ts';

/** Of all parts together, unpacked: half a million rows of ten columns. */
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_PARTS = 2_000;
const MOST_SHEETS = 50;
const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * The sheets of an .xlsx workbook, each in rows. Dates are civil time in UTC fields.
 * @throws {InputError} LOGGER_FILE_EXCEL_BAD no workbook; LOGGER_FILE_TOO_LARGE it unpacks to more than is allowed
 */
export async function sheetsOf(bytes: Uint8Array): Promise<readonly (readonly Row[])[]> {
  requireBounded(bytes);
  try {
    const sheets = await readXlsxFile(Uint8Array.from(bytes).buffer);
    return sheets.slice(0, MOST_SHEETS).map(({ data }) => {
      if (data.length > MOST_ROWS) throw tooLong(data.length);
      return data.map((cells, i) => ({
        row: i + 1,
        cells: cells.map(cellOf),
      }));
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw bad(error instanceof Error ? error.message : String(error));
  }
}

/** The library's type of a date cell is that of the constructor, not of a date. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value instanceof Date ? value : null;
}

/**
 * Unpacks every part of the archive once, and stops where it is more than allowed: the sizes that a directory states are
 * whatever its writer put there (a "zip bomb"). What is not as long as it says is refused: a reader that believes it looks
 * for cells in megabytes of nothing.
 */
function requireBounded(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= Math.max(0, bytes.length - 65_557) && view.getUint32(end, true) !== END) end--;
  if (end < 0 || view.getUint32(end, true) !== END) throw bad('it is cut off');
  const parts = view.getUint16(end + 10, true);
  if (parts > MOST_PARTS) throw tooLarge(`${parts} parts`);
  let at = view.getUint32(end + 16, true);
  let left = MOST_BYTES;
  for (let part = 0; part < parts; part++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY) throw bad('its directory is damaged');
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const local = view.getUint32(at + 42, true);
    const size = sizeOf(bytes, view, { method, packed, local, left });
    const stated = view.getUint32(at + 24, true);
    if (size !== stated || !isStatedAt(view, local, { packed, size }))
      throw bad('a part of it is not as long as it says');
    left -= size;
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** Sizes in front of a part are those of the directory, or stand behind it (bit 3 of its flags). */
function isStatedAt(
  view: DataView,
  local: number,
  { packed, size }: { readonly packed: number; readonly size: number },
): boolean {
  if ((view.getUint16(local + 6, true) & 8) !== 0) return true;
  return view.getUint32(local + 18, true) === packed && view.getUint32(local + 22, true) === size;
}

function sizeOf(
  bytes: Uint8Array,
  view: DataView,
  {
    method,
    packed,
    local,
    left,
  }: { readonly method: number; readonly packed: number; readonly local: number; readonly left: number },
): number {
  if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL) throw bad('a part of it is damaged');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const content = bytes.subarray(start, start + packed);
  if (method === 0) {
    if (content.length > left) throw tooLarge('more');
    return content.length;
  }
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, left) }).length;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge('more');
    throw bad('a part of it cannot be unpacked');
  }
}

function bad(reason: string): InputError {
  return new InputError('LOGGER_FILE_EXCEL_BAD', `the file cannot be read as an Excel workbook (.xlsx): ${reason}`);
}

function tooLarge(what: string): InputError {
  const allowed = `${MOST_BYTES / 1024 / 1024} MiB in ${MOST_PARTS} parts`;
  return new InputError('LOGGER_FILE_TOO_LARGE', `the workbook unpacks to ${what}; allowed: ${allowed}`);
}
