import { InputError } from '../../domain/index.ts';

const MAGIC: readonly (readonly [string, string])[] = [
  ['25504446', 'application/pdf'],
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['504b0304', 'application/zip'],
];

/**
 * Media type by what the file is, never by what it is called: PDF, PNG, JPEG, ZIP (Office documents are), plain text.
 * @throws {InputError} CASE_ATTACHMENT_BAD
 */
export function mediaTypeOf(bytes: Buffer): string {
  if (bytes.length === 0) throw new InputError('CASE_ATTACHMENT_BAD', 'file: it is empty');
  const head = bytes.subarray(0, 8).toString('hex');
  const known = MAGIC.find(([magic]) => head.startsWith(magic));
  if (known !== undefined) return known[1];
  if (isText(bytes)) return 'text/plain';
  throw new InputError('CASE_ATTACHMENT_BAD', 'file: expected PDF, PNG, JPEG, an Office document, ZIP or UTF-8 text');
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
