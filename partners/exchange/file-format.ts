import { InputError, type PartnerFormat } from '../../domain/index.ts';

/**
 * What a file is, by its content and never by its name or media type.
 * @throws {InputError} PARTNER_FILE_BAD with what it is instead, and what to do
 */
export function formatOf(content: Buffer): PartnerFormat {
  if (content.length === 0)
    throw bad('it is empty: perhaps it was fetched while it was still being written; send it again');
  const head = content.subarray(0, 4).toString('hex');
  if (head === '504b0304') throw bad('it is a ZIP archive; send what is in it');
  if (head.startsWith('1f8b')) throw bad('it is compressed (gzip); send it unpacked');
  if (head === '25504446') throw bad('it is a PDF; send EPCIS or CSV');
  const start = content
    .subarray(0, 2_000)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '');
  const text = start.trimStart();
  if (text.startsWith('-----BEGIN ') || /^(?:MIME-Version|Content-Type):/i.test(text)) {
    throw bad('it is still signed or encrypted (S/MIME or PGP); the gateway has to open it first');
  }
  if (/^(?:ISA\*|UN[AB][:+])/.test(text))
    throw bad('it is EDI (X12 or EDIFACT); it is taken in by a mapping, not here');
  if (text.startsWith('{')) return 'epcis-2.0-json';
  if (!text.startsWith('<')) return 'csv';
  return /xmlns(?::\w+)?=["']urn:epcglobal:epcis(?:-query)?:xsd:1["']/.test(text) || /schemaVersion=["']1\./.test(text)
    ? 'epcis-1.2-xml'
    : 'epcis-2.0-xml';
}

export function bad(message: string): InputError {
  return new InputError('PARTNER_FILE_BAD', message);
}
