import { expect, test } from 'vitest';
import { found, type ListedSerial, linesOf } from './serial-lines.ts';

const UNIT = 'urn:epc:id:sscc:0614141.1234567890';

function serial(number: string, changes: Partial<ListedSerial> = {}): ListedSerial {
  const epc = `urn:epc:id:sgtin:0614141.812345.${number}`;
  return { epc, serial: number, gtin: '80614141123458', lot: 'A17', unit: UNIT, ...changes };
}

const SERIALS = [
  serial('1001'),
  serial('1002'),
  serial('2001', { lot: 'B2', unit: null }),
  serial('AB-7', { lot: null }),
  serial('1'),
  serial('1/0'),
];
const names = (text: string) => found(SERIALS, text).map((one) => one.serial);

test('a group opens to its serials, and one that is alone has no group to open', () => {
  const groups = [
    { key: 'a', serials: [serial('1'), serial('2')] },
    { key: 'b', serials: [serial('3')] },
    { key: 'c', serials: [serial('4'), serial('5')] },
    { key: 'nothing', serials: [] },
  ];
  const kinds = linesOf(groups, ({ key }) => key === 'c').map(({ kind, group }) => `${group.key} ${kind}`);
  expect(kinds).toEqual(['a group', 'b alone', 'c group', 'c serial', 'c serial']);
});

test('a serial that was there twice is two rows', () => {
  const lines = linesOf([{ key: 'a', serials: [serial('1'), serial('1')] }], () => true);
  expect(new Set(lines.map(({ key }) => key)).size).toBe(3);
});

test.each([
  ['', ['1001', '1002', '2001', 'AB-7', '1', '1/0']],
  ['100', ['1001', '1002']],
  ['b2', ['2001']],
  ['a17 1002', ['1002']],
  ['ab-7', ['AB-7']],
  ['80614141123458', ['1001', '1002', '2001', 'AB-7', '1', '1/0']],
  ['(00) 106141412345678908', ['1001', '1002', 'AB-7', '1', '1/0']],
  ['106141412345678908', ['1001', '1002', 'AB-7', '1', '1/0']],
  ['urn:epc:id:sgtin:0614141.812345.2001', ['2001']],
  ['nothing of the kind', []],
])('typed: %s', (text, expected) => {
  expect(names(text)).toEqual(expected);
});

// GS1 General Specifications 7.8 and GS1 Digital Link 4: the forms in which a scanner gives the same pack.
test.each([
  ['(01)80614141123458(21)1002(17)270630(10)A17', ['1002']],
  [']d20180614141123458211002\u001d1727063010A17', ['1002']],
  ['https://id.example.com/01/80614141123458/21/1002?17=270630', ['1002']],
  ['(01)80614141123458(21)AB-7', ['AB-7']],
  ['(00)106141412345678908', ['1001', '1002', 'AB-7', '1', '1/0']],
  [']C100106141412345678908', ['1001', '1002', 'AB-7', '1', '1/0']],
  // A serial that begins another one, and what follows it, are told apart by the sign between.
  [']d201806141411234582110\u001d02', []],
  ['0180614141123458211', ['1']],
  ['(01)80614141123458(21)1(10)001', ['1']],
  ['/01/80614141123458/10/A17/21/1%2F0', ['1/0']],
  ['https://id.example.com/01/80614141123458/21/%', []],
  ['(01)80614141999999(21)1002', []],
])('scanned: %s', (text, expected) => {
  expect(names(text)).toEqual(expected);
});
