import { InputError } from '../../domain/index.ts';

/** Of a file that has no mark: so many characters tell UTF-16 from UTF-8, for names of columns are ASCII. */
const LOOKED_AT = 64;

/**
 * The text of a table's bytes: UTF-8, or UTF-16 as spreadsheets write their "Unicode text", with a byte order mark or without.
 * The older eight-bit sets are not guessed at: one that is guessed wrong turns names into others.
 *
 * @throws {InputError} ASN_INVALID with the line, and how to save it
 */
export function csvText(bytes: Uint8Array): string {
  const label = encodingOf(bytes);
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (label !== 'utf-8') throw notReadable('it is half a file: not all of it is UTF-16', cause);
    const { line, byte } = firstNotUtf8(bytes);
    const hex = `0x${byte.toString(16).padStart(2, '0')}`;
    const message = `line ${line}: the byte ${hex} is no UTF-8; a spreadsheet saves it right as "CSV UTF-8"`;
    throw notReadable(message, cause);
  }
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const start = bytes.subarray(0, LOOKED_AT);
  const zeros = (from: number) => start.filter((byte, at) => at % 2 === from && byte === 0).length;
  if (start.length >= 2 && zeros(1) >= start.length / 4) return 'utf-16le';
  return start.length >= 2 && zeros(0) >= start.length / 4 ? 'utf-16be' : 'utf-8';
}

/** Where the first bytes stand that are no UTF-8. */
function firstNotUtf8(bytes: Uint8Array): { readonly line: number; readonly byte: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const until = end === -1 ? bytes.length : end + 1;
    const part = bytes.subarray(from, until);
    try {
      decoder.decode(part);
    } catch {
      return { line, byte: part.find((byte) => byte >= 0x80) ?? 0 };
    }
    from = until;
  }
  return { line, byte: 0 };
}

function notReadable(message: string, cause: unknown): InputError {
  return new InputError('ASN_INVALID', `shipment notice: ${message}`, {}, cause);
}
