import { describe, expect, test } from 'vitest';
import { csvText } from './csv-text.ts';
import { parseAsnCsv } from './shipment-csv.ts';

const HEAD = 'shipment,profile,origin,destination,departs,arrives,epc,parent,name,lot';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const ROWS = [
  `SHP-1,2-8C,site:a,site:b,2026-11-22T08:00:00Z,2026-11-23T16:00:00Z,${PALLET},,,`,
  `,,,,,,urn:epc:id:sgtin:0614141.812345.1,${PALLET},Insulin für Köln,A17`,
];
const TEXT = [HEAD, ...ROWS].join('\n');
const asnOf = (bytes: Uint8Array) => parseAsnCsv(csvText(bytes));
const PLAIN = asnOf(Buffer.from(TEXT));
const CRLF = TEXT.replaceAll('\n', '\r\n');

describe('the same notice is read however a program wrote its text', () => {
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
  test.each([
    ['with a byte order mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['with the ends of lines of Windows', Buffer.from(`${CRLF}\r\n`)],
    ['with the ends of lines of old Macs', Buffer.from(TEXT.replaceAll('\n', '\r'))],
    ['with semicolons', Buffer.from(TEXT.replaceAll(',', ';'))],
    ['with tabs as UTF-16 ("Unicode text")', Buffer.from(`\uFEFF${CRLF.replaceAll(',', '\t')}`, 'utf16le')],
    ['as UTF-16 with the high byte first', utf16be(`\uFEFF${CRLF}`)],
    ['as UTF-16 without a mark', Buffer.from(CRLF, 'utf16le')],
    ['as UTF-16 with the high byte first without a mark', utf16be(CRLF)],
    ['with a first line that names the separator', Buffer.from(`\uFEFFsep=;\r\n${CRLF.replaceAll(',', ';')}`)],
    ['with every cell in quotes', Buffer.from(TEXT.replaceAll(/[^,\n]+/g, '"$&"'))],
    ['with capitals in its head', Buffer.from(TEXT.replace(HEAD, HEAD.toUpperCase()))],
  ])('%s', (_how, bytes) => {
    expect(asnOf(bytes)).toEqual(PLAIN);
  });
});

test('a quote and a separator in a cell are text', () => {
  const name = 'Insulin, 3 ml "cold"; keep cool';
  const quoted = TEXT.replace('Insulin für Köln', `"${name.replaceAll('"', '""')}"`);
  expect(asnOf(Buffer.from(quoted)).products).toMatchObject([{ name }]);
});

describe('what a spreadsheet has broken is refused with its line, and how to save it', () => {
  const told = (bytes: Uint8Array) => {
    try {
      asnOf(bytes);
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return 'taken';
  };
  const withParent = (parent: string) => Buffer.from(TEXT.replaceAll(PALLET, parent));

  test.each([
    ['as rounded', '1.06141E+17'],
    ['as rounded, in German', '"1,06141E+17"'],
    ['as rounded to fifteen digits, with a check digit that fits', '106141412300001000'],
    ['as a number with decimals', '106141412345678908.00'],
    ['without the zeros at its front', '6141412345678908'],
  ])('a pallet that came %s', (_how, parent) => {
    expect(told(withParent(parent))).toMatch(/line 2, epc.*spreadsheet.*Text/s);
  });

  test('a pallet whose code really ends in zeros is taken as a URI', () => {
    expect(told(withParent('urn:epc:id:sscc:0614141.3060000000'))).toBe('taken');
  });

  test('a lot as a number', () => {
    expect(told(Buffer.from(TEXT.replace('A17', '1.00E+05')))).toMatch(/line 3, lot/);
    expect(asnOf(Buffer.from(TEXT.replace('A17', '1E5')))).toMatchObject({ products: [{ lot: '1E5' }] });
    expect(asnOf(Buffer.from(TEXT.replace('A17', '123456789012345000')))).toMatchObject({
      products: [{ lot: '123456789012345000' }],
    });
  });

  test('text in an older set of characters, which is not guessed at', () => {
    expect(told(Buffer.from(TEXT, 'latin1'))).toBe(
      'shipment notice: line 3: the byte 0xfc is no UTF-8; a spreadsheet saves it right as "CSV UTF-8"',
    );
    expect(told(Buffer.from(`\uFEFF${TEXT}`, 'utf16le').subarray(0, -1))).toMatch(/half a file/);
  });

  test('a column that is there twice, or has no name', () => {
    expect(told(Buffer.from(TEXT.replace('name,lot', 'lot,LOT')))).toMatch(/line 1, lot.*each column once/s);
    const trailing = TEXT.split('\n').map((line) => `${line},,`);
    expect(told(Buffer.from(trailing.join('\n')))).toMatch(/line 1, column 11/);
  });
});
