import { describe, expect, test } from 'vitest';
import { lineOfPath, noticeBody } from './notice-body.ts';
import { productsIn, readLines } from './scanned-lines.ts';

const UNIT = '(00)106141412345678908';
const DEVICES = new Set(['logger-7']);
const FNC1 = '\u001d';
const read = (...lines: readonly string[]) => readLines(lines.join('\n'), DEVICES);
const faultsOf = (...lines: readonly string[]) =>
  read(...lines).faults.map(({ line, message }) => `${line}: ${message}`);

describe('a list of codes as scanned', () => {
  test('is units with their loggers and serials, whatever form each code has', () => {
    const { units, faults, withoutPrefix } = read(
      UNIT,
      'logger-7',
      'urn:epc:id:sgtin:0614141.812345.1',
      '(01)80614141123458(21)2(10)A17(17)270630',
      `]d20180614141123458213${FNC1}10A17${FNC1}17270630`,
      'https://id.gs1.org/01/80614141123458/21/4?17=270630',
      '80614141123458\t5\tA18\t2027-07-31',
    );
    expect(faults).toEqual([]);
    expect(units).toHaveLength(1);
    expect(units[0]).toMatchObject({ sscc: '106141412345678908', devices: ['logger-7'] });
    expect(units[0]?.serials.map(({ serial, lot, expiry }) => [serial, lot, expiry])).toEqual([
      ['1', null, null],
      ['2', 'A17', '2027-06-30'],
      ['3', 'A17', '2027-06-30'],
      ['4', null, '2027-06-30'],
      ['5', 'A18', '2027-07-31'],
    ]);
    expect(withoutPrefix).toBe(5);
    expect(productsIn(units)).toMatchObject([
      { lot: null, serials: 1 },
      { lot: 'A17', expiry: '2027-06-30', serials: 2 },
      { lot: null, expiry: '2027-06-30', serials: 1 },
      { lot: 'A18', serials: 1 },
    ]);
  });

  test('says of each line that cannot be taken what is wrong with it', () => {
    expect(
      faultsOf(
        '(01)80614141123458(21)1',
        UNIT,
        '(01)80614141123459(21)1',
        '8.06141E+13',
        'hello',
        '(414)0614141000012',
        '80614141123458\t7\tA17\t30.06.2027',
      ),
    ).toEqual([
      '1: is in no unit: put the SSCC of its unit on a line before it',
      expect.stringMatching(/^3: .*check digit/),
      expect.stringMatching(/^4: .*spreadsheet/),
      expect.stringMatching(/^5: hello/),
      expect.stringMatching(/^6: /),
      '7: expiry 30.06.2027: a calendar date expected, such as 2027-06-30',
    ]);
  });

  test('a serial that was scanned twice, in two forms of it, is told by its line; a unit scanned again is no fault', () => {
    expect(
      faultsOf(
        UNIT,
        'urn:epc:id:sgtin:0614141.812345.1',
        UNIT,
        '(01)80614141123458(21)1',
        'urn:epc:id:sscc:0614141.1234567891',
      ),
    ).toEqual(['4: stands on line 2 already; take one of them away']);
  });

  test('of ten thousand is read while one types', () => {
    const lines = [UNIT, ...Array.from({ length: 10_000 }, (_, n) => `(01)80614141123458(21)${n}(10)A17`)];
    expect(read(...lines).units[0]?.serials).toHaveLength(10_000);
    const again = [...lines, '(01)80614141123458(21)new'];
    expect(read(...again).units[0]?.serials).toHaveLength(10_001);
  });
});

test('a notice has each serial with its lot, and what is wrong in it leads back to its line', () => {
  const { units } = read('', UNIT, 'logger-7', '', '(01)80614141123458(21)2(10)A17', '(01)80614141123458(21)3');
  const words = { name: 'Examplumab', lot: 'B1', expiry: '2028-01-31' };
  const body = noticeBody({
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:a', destination: 'site:b', departs: 1, arrives: 2, packed: null },
    ...{ lane: ' ', units, products: new Map([['80614141123458', words]]) },
  });
  expect(body).toEqual({
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:a', destination: 'site:b', departs: 1, arrives: 2 },
    units: [
      {
        ...{ sscc: UNIT, devices: ['logger-7'], from: 1 },
        children: [
          { epc: '(01)80614141123458(21)2(10)A17', lot: 'A17' },
          { epc: '(01)80614141123458(21)3', lot: 'B1', expiry: '2028-01-31' },
        ],
      },
    ],
    products: [
      { gtin: '80614141123458', name: 'Examplumab', lot: 'A17', expiry: null },
      { gtin: '80614141123458', name: 'Examplumab', lot: 'B1', expiry: '2028-01-31' },
    ],
  });
  expect(['units[0].sscc', 'units[0].children[1].lot', 'departs'].map((path) => lineOfPath(path, units))).toEqual([
    2,
    6,
    null,
  ]);
});
