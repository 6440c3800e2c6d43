import { InputError, type PartnerFormat } from '../../domain/index.ts';

/**
 * What a file is, by its content and never by its name or media type.
 * @throws {InputError} PARTNER_FILE_BAD with what it is instead, and what to do
 */
export function formatOf(content: Buffer): PartnerFormat {
  if (content.length === 0)
    throw bad('it is empty: perhaps it was fetched while it was still being written; send it again');
  const head = content.subarray(0, 4).toString('hex');
  if (head === '504b0304') {
    // The parts of a workbook (ECMA-376) are named at the beginning.
    const isWorkbook = content.subarray(0, 4_000).toString('latin1').includes('[Content_Types].xml');
    throw bad(
      isWorkbook ? 'it is an Excel workbook; save it as "CSV UTF-8"' : 'it is a ZIP archive; send what is in it',
    );
  }
  if (head === 'd0cf11e0') throw bad('it is an Excel 97 workbook; save it as "CSV UTF-8"');
  if (head.startsWith('1f8b')) throw bad('it is compressed (gzip); send it unpacked');
  if (head === '25504446') throw bad('it is a PDF; send EPCIS or CSV');
  const start = content
    .subarray(0, 2_000)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '');
  const text = start.trimStart();
  if (text.startsWith('-----BEGIN ') || /^(?:MIME-Version|Content-Type):/i.test(text) || isPgp(content)) {
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

/**
 * The beginning of a binary PGP message (RFC 9580, 4.2): packets of an encrypted session key, of signed data or of compressed
 * data, in the new or the old form. None of these bytes begins a text that is taken here.
 */
function isPgp(content: Buffer): boolean {
  const [tag = 0] = content;
  // 0xfe and 0xff begin UTF-16, 0xef the mark of UTF-8; packets of other kinds begin no message.
  const packet = (tag & 0xc0) === 0xc0 ? tag & 0x3f : (tag & 0xc0) === 0x80 ? (tag & 0x3c) >> 2 : 0;
  return [1, 2, 3, 4, 8, 18].includes(packet);
}

export function bad(message: string): InputError {
  return new InputError('PARTNER_FILE_BAD', message);
}
