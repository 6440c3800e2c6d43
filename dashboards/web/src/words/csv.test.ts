import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

const serial = {
  epc: 'urn:epc:id:sgtin:0614141.812345.6789',
  gtin: '80614141123458',
  serial: '6789',
  lot: 'A17',
  expiry: '2027-06-30',
  unit: null,
  from: '2026-11-22T10:00:00.000Z',
  to: null,
  minutesOutOfRange: 37.5,
  min: 4.9,
  max: 9.1,
  mkt: null,
};

test('a file has a header, a row a serial, and nothing where nothing is known', () => {
  expect(csvOf([serial])).toBe(
    'epc,gtin,serial,lot,expiry,unit,from,to,minutesOutOfRange,min,max,mkt\r\n' +
      'urn:epc:id:sgtin:0614141.812345.6789,80614141123458,6789,A17,2027-06-30,,2026-11-22T10:00:00.000Z,,37.5,4.9,9.1,\r\n',
  );
});

test('a spreadsheet does not run what a tag says', () => {
  expect(csvOf([{ ...serial, lot: '=HYPERLINK("x")' }])).toContain(`"'=HYPERLINK(""x"")"`);
});
