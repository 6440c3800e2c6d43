import { expect, test } from 'vitest';
import { packOf, printedSubject, unitText, withPrinted } from './printed.ts';

test('a unit is shown as its label prints it, with its check digit', () => {
  // GS1 TDS 2.1, 6.3.2: the worked example of an SSCC.
  expect(unitText('urn:epc:id:sscc:0614141.1234567890')).toBe('(00) 106141412345678908');
});

test('a serial is shown as its pack prints it: GTIN with 14 digits and serial', () => {
  expect(packOf('urn:epc:id:sgtin:0614141.812345.6789')).toEqual({ gtin: '80614141123458', serial: '6789' });
  expect(packOf('urn:epc:id:sgtin:0614141.812345.A%2F1')).toMatchObject({ serial: 'A/1' });
  expect(packOf('urn:epc:id:sscc:0614141.1234567890')).toBe(null);
});

test('a sentence of the server names units and serials as they are printed', () => {
  expect(withPrinted('not read with the rest of urn:epc:id:sscc:0614141.1234567890')).toBe(
    'not read with the rest of (00) 106141412345678908',
  );
  expect(withPrinted('urn:epc:id:sgtin:0614141.812345.6789, but')).toBe('serial 6789, but');
});

test('what has no SSCC is shown as it came', () => {
  expect(unitText('urn:epc:id:sgtin:0614141.812345.6789')).toBe('urn:epc:id:sgtin:0614141.812345.6789');
});

// An inspector who holds the pack read urn:epc:id:sgtin:0614141.812345.1000 in the audit trail.
test('what an entry of the audit trail is about is told as it is printed, anything else as it is kept', () => {
  expect(printedSubject('serial:urn:epc:id:sgtin:0614141.812345.1000')).toBe('GTIN 80614141123458, SN 1000');
  expect(printedSubject('pack:80614141123458.AB.1')).toBe('GTIN 80614141123458, SN AB.1');
  expect(printedSubject('unit:urn:epc:id:sscc:0614141.1234567890')).toBe('(00) 106141412345678908');
  for (const other of ['shipment:SHP-1', 'user:quality', 'serial:urn:epc:id:grai:0614141.12345.400', 'practice'])
    expect(printedSubject(other)).toBe(other);
});
