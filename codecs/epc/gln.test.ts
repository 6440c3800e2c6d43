import { expect, test } from 'vitest';
import { isGln } from './gln.ts';

test.each([
  ['7080001113360', true],
  ['0614141000012', true],
  ['0614141000013', false],
  // Their last digit checks the others, and they are no GLNs.
  ['00', false],
  ['14977', false],
  ['', false],
])('%s is a GLN: %s', (given, isOne) => {
  expect(isGln(given)).toBe(isOne);
});
