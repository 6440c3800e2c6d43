import { InputError } from '../../domain/index.ts';

const MAGIC: readonly (readonly [string, string])[] = [
  ['25504446', 'application/pdf'],
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
];

/**
 * Media type by what a file is, never by what it is called: PDF, PNG, JPEG, text.
 * @throws {InputError} EXCEPTION_FILE_BAD
 */
export function mediaTypeOf(bytes: Buffer): string {
  const head = bytes.subarray(0, 8).toString('hex');
  const known = MAGIC.find(([magic]) => head.startsWith(magic));
  if (known !== undefined) return known[1];
  if (bytes.length > 0 && !bytes.includes(0) && isText(bytes)) return 'text/plain';
  throw new InputError('EXCEPTION_FILE_BAD', 'file: expected PDF, PNG, JPEG or UTF-8 text, not empty');
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
