import { expect, test } from 'vitest';
import { unitText } from './printed.ts';

test('a unit is shown as its label prints it, with its check digit', () => {
  // GS1 TDS 2.1, 6.3.2: the worked example of an SSCC.
  expect(unitText('urn:epc:id:sscc:0614141.1234567890')).toBe('(00) 106141412345678908');
});

test('what has no SSCC is shown as it came', () => {
  expect(unitText('urn:epc:id:sgtin:0614141.812345.6789')).toBe('urn:epc:id:sgtin:0614141.812345.6789');
});
