import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { describeEpc } from './describe.ts';
import { parseEpc } from './parse.ts';
import { calendarDate, readScan } from './scan.ts';

const GS = '\x1d';

describe('a scan of a medicine pack', () => {
  test('gives its elements; those of predefined length need no FNC1', () => {
    const elements = [
      { ai: '01', value: '80614141123458' },
      { ai: '17', value: '270630' },
      { ai: '10', value: 'A17' },
      { ai: '21', value: '32a/b' },
    ];
    expect(readScan(`]d20180614141123458172706301${'0A17'}${GS}2132a/b`)).toEqual(elements);
    expect(readScan(`${GS}01806141411234581727063010A17${GS}2132a/b${GS}`)).toEqual(elements);
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
    [`]d201806141411234588888`, 'EPC_SYNTAX', /8888 is not known/],
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
