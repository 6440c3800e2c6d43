import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { calendarDate } from './application-identifiers.ts';
import { describeEpc } from './describe.ts';
import { parseEpc } from './parse.ts';
import { readScan } from './scan.ts';

const GS = '\x1d';

describe('a scan of a medicine pack', () => {
  test('gives its elements; those of predefined length need no FNC1', () => {
    const elements = [
      { ai: '01', value: '80614141123458' },
      { ai: '17', value: '270630' },
      { ai: '10', value: 'A17' },
      { ai: '21', value: '32a/b' },
    ];
    expect(readScan(`]d20180614141123458172706301${'0A17'}${GS}2132a/b`).elements).toEqual(elements);
    expect(readScan(`${GS}01806141411234581727063010A17${GS}2132a/b${GS}`).elements).toEqual(elements);
  });

  test('is an EPC in every form', () => {
    const scan = `]d20180614141123458216789${GS}17270630`;
    expect(parseEpc(scan, { companyPrefixLength: 7 })).toBe('urn:epc:id:sgtin:0614141.812345.6789');
    expect(describeEpc(scan)).toMatchObject({
      gtin: '80614141123458',
      serial: '6789',
      elementString: '(01)80614141123458(21)6789(17)270630',
      digitalLink: 'https://id.gs1.org/01/80614141123458/21/6789?17=270630',
    });
  });

  test('gives GTIN, serial, lot and expiry, with and without marks, and in brackets', () => {
    const known = { gtin: '80614141123458', serial: '6789', lot: 'A17', expiry: '2027-06-30' };
    for (const scan of [
      `]d201806141411234581727063010A17${GS}216789`,
      `]C1${GS}01806141411234581727063010A17${GS}216789`,
      `]Q301806141411234581727063010A17${GS}216789${GS}`,
      `01806141411234581727063010A17${GS}216789`,
      '(01)80614141123458(17)270630(10)A17(21)6789',
      'https://example.com/01/80614141123458/10/A17/21/6789?17=270630',
    ]) {
      expect(describeEpc(scan, { year: 2026 }), scan).toMatchObject(known);
    }
    expect(describeEpc('01806141411234582167891')).toMatchObject({ gtin: '80614141123458', serial: '67891' });
    expect(describeEpc('00106141412345678908')).toMatchObject({ sscc: '106141412345678908' });
    expect(describeEpc('(01)80614141123458(21)1(17)270200', { year: 2026 })).toMatchObject({ expiry: '2027-02-28' });
  });

  test.each([
    ['(01)80614141123458(21)1(17)270230', /270230/],
    [`(01)80614141123458(21)1(10)${'x'.repeat(21)}`, /1 to 20 characters/],
    ['(00)106141412345678908(410)4012345000010', /check digit 6/],
    ['https://example.com/01/80614141123458/21/1?17=271301', /271301/],
  ])('%s is refused in brackets and links too', (text, message) => {
    expect(() => describeEpc(text)).toThrow(message);
  });

  test.each([
    [`]d201806141411234592132a${GS}`, 'EPC_CHECK_DIGIT', /check digit 8/],
    [']d2018061414112345', 'EPC_RANGE', /14 digits/],
    [`]d2018061414112345817270230`, 'EPC_RANGE', /270230/],
    [`]d2018061414112345817271330`, 'EPC_RANGE', /271330/],
    [`]d2018061414112345821${'1'.repeat(21)}`, 'EPC_RANGE', /1 to 20 characters/],
    [`]d201806141411234582132 a`, 'EPC_RANGE', /set 82/],
    [`]d2xx`, 'EPC_SYNTAX', /xx is not known/],
    [`]d28888`, 'EPC_SYNTAX', /8888 is not known/],
    [`]d2211${GS}212`, 'EPC_SYNTAX', /21 stands in it twice/],
    [`]d2`, 'EPC_SYNTAX', /element strings expected/],
  ])('%s is refused', (scan, code, message) => {
    let refused: unknown;
    try {
      readScan(scan);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InputError);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('dates of six digits', () => {
  test.each([
    ['270630', 2026, '2027-06-30'],
    ['270200', 2026, '2027-02-28'],
    ['280200', 2026, '2028-02-29'],
    ['770101', 2026, '1977-01-01'],
    ['760101', 2026, '2076-01-01'],
    ['010101', 2099, '2101-01-01'],
  ])('%s in %d is %s', (given, year, date) => {
    expect(calendarDate(given, year)).toBe(date);
  });

  test('a day that does not exist is refused', () => {
    expect(() => calendarDate('270431', 2026)).toThrow('270431');
  });
});

describe('what a scanner puts around a symbol', () => {
  const link = 'https://id.gs1.org/01/80614141123458/21/6789';
  const epc = 'urn:epc:id:sgtin:0614141.812345.6789';

  test.each([
    `]Q1${link}`,
    `]d1${link}`,
    `]Q3${link}`,
    `]d2${link}\r\n`,
    `  ${link}\t`,
    `]d201806141411234581721063021${'6789'}\r`,
    `01806141411234581721063021${'6789'}\n`,
    `]C1${GS}018061414112345817210630216789 `,
    '(01)80614141123458(21)6789\r\n',
    ']C1(01)80614141123458(21)6789',
    '\t3074257bf7194e4000001a85\r\n',
    `urn:epc:id:sgtin:0614141.812345.6789\r\n`,
    ' urn:epc:tag:sgtin-96:3.0614141.812345.6789 ',
  ])('%j is the same pack', (scan) => {
    expect(parseEpc(scan, { companyPrefixLength: 7 })).toBe(epc);
  });

  test('is no part of a serial at the end of a link or of brackets', () => {
    expect(describeEpc(`${link}\r\n`)).toMatchObject({ serial: '6789' });
    expect(describeEpc('(01)80614141123458(21)6789 \n')).toMatchObject({ serial: '6789' });
  });
});

describe('an application identifier that is newer than the table', () => {
  test('costs itself, is named, and the pack is read', () => {
    const scan = `]d2018061414112345821${'6789'}${GS}4499X${GS}172706301${'0A17'}`;
    expect(readScan(scan)).toMatchObject({ unread: ['4499X'], elements: [{}, { ai: '21', value: '6789' }, {}, {}] });
    expect(describeEpc(scan, { year: 2026 })).toMatchObject({ serial: '6789', lot: 'A17', unread: ['4499X'] });
  });

  test.each([
    ['03', '03806141411234582167', ['03', '21']],
    ['7250', `0180614141123458725019800131${GS}2167`, ['01', '7250', '21']],
    ['4331', `0010614141234567890843310${'00850'}`, ['00', '4331']],
    ['4326', `001061414123456789084326270630`, ['00', '4326']],
    ['8030', `01806141411234582167${GS}8030ab-_=9`, ['01', '21', '8030']],
    ['7041', `001061414123456789087041AE`, ['00', '7041']],
  ])('%s is in the table', (_, scan, ais) => {
    const read = readScan(`]d2${scan}`);
    expect(read.elements.map(({ ai }) => ai)).toEqual(ais);
    expect(read.unread).toEqual([]);
  });
});

describe('a scanner that drops FNC1', () => {
  test.each([
    ['serial, expiry, lot', '01806141411234582112345717270630' + '10A17'],
    ['serial, lot, expiry', '01806141411234582112345710A1717270630'],
    ['lot, expiry, serial', '018061414112345810A1717270630211234'],
    ['serial and expiry alone', '0180614141123458211234517270630'],
    ['an expiry without a day', '0180614141123458211234517270600'],
  ])('is recognised by an expiry that ran into it: %s', (_, scan) => {
    expect(() => parseEpc(scan, { companyPrefixLength: 7 })).toThrow('the scanner drops the separator');
    expect(() => describeEpc(`]d2${scan}`)).toThrow('the scanner drops the separator');
  });

  test('is recognised where a value becomes too long, and not said to be a matter of lengths', () => {
    const scan = `]d201806141411234581727063010LOT12345678921SERIAL1234567890`;
    expect(() => readScan(scan)).toThrow('the scanner drops the separator');
  });

  test('is recognised where the lot comes first', () => {
    expect(() => readScan('1021072911172405310100693570007182')).toThrow('the scanner drops the separator');
  });

  test('is not suspected where FNC1 stands in the scan, or where the expiry was read before', () => {
    expect(describeEpc(`]d2018061414112345821AB17270630${GS}10L`)).toMatchObject({ serial: 'AB17270630', lot: 'L' });
    expect(describeEpc(']d2018061414112345817270630' + '21AB17270630')).toMatchObject({ serial: 'AB17270630' });
    expect(describeEpc(']d2018061414112345821AB17271330')).toMatchObject({ serial: 'AB17271330' });
  });
});

describe('packs of other systems', () => {
  const RS = '\x1e';
  const ppn = `[)>${RS}06${GS}9N110375286414${GS}1TA17${GS}D270600${GS}S6789${RS}\x04`;

  test('a German PPN is read as its GTIN, lot, expiry and serial', () => {
    expect(describeEpc(`]d1${ppn}`, { year: 2026 })).toMatchObject({
      ...{ gtin: '04150037528643', serial: '6789', lot: 'A17', expiry: '2027-06-30' },
    });
    expect(describeEpc(`${ppn}\r\n`, { year: 2026 })).toMatchObject({ gtin: '04150037528643' });
  });

  test.each([
    [ppn.replace('6414', '6415'), 'EPC_CHECK_DIGIT', 'check digits 14 expected'],
    [ppn.replace('1TA17', '8P80614141123458'), 'EPC_SYNTAX', '8P says'],
    [ppn.replace(GS, ''), 'EPC_SYNTAX', 'group separators'],
    [ppn.replace('D270600', 'D271300'), 'EPC_RANGE', '271300'],
    ['81234567890123456789', 'EPC_NOT_SUPPORTED', 'Chinese drug traceability codes'],
    [']C081234567890123456789\r', 'EPC_NOT_SUPPORTED', 'Chinese drug traceability codes'],
  ])('%j is refused: %s', (scan, code, message) => {
    let refused: unknown;
    try {
      parseEpc(scan, { companyPrefixLength: 7 });
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

test('whatever a scanner sends, it is read or refused by name', () => {
  const pieces = fc.constantFrom(
    '01',
    '21',
    '10',
    '17',
    '00',
    ']d2',
    GS,
    '80614141123458',
    '270630',
    'A',
    '9',
    '[)>',
    ' ',
    '\r',
    '(',
    ')',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 12 }), (parts) => {
      try {
        parseEpc(parts.join(''), { companyPrefixLength: 7 });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 2_000 },
  );
});
