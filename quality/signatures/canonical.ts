import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DefectError } from '../../domain/index.ts';

/** A record in the one form in which it is signed, RFC 8785. @throws {DefectError} RECORD_NOT_JSON */
export function canonical(record: object): string {
  const text = canonicalize(record);
  if (text === undefined) throw new DefectError('RECORD_NOT_JSON', 'a record to be signed is no JSON');
  return text;
}

/** SHA-256 of a text in UTF-8, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Of serials: their EPCs sorted, a line each. */
export function hashOfSerials(epcs: readonly string[]): string {
  return sha256(
    [...epcs]
      .sort()
      .map((epc) => `${epc}\n`)
      .join(''),
  );
}
