import { expect, test } from 'vitest';
import { impinjStatusCode } from './impinj.ts';

test.each([
  ['011F000800000000', 0],
  ['011f000c0065000461626364', 101],
  ['', null],
  ['00FF0004', null],
])('the answer %j to enabling extensions has status %j', (Data, code) => {
  const answer = { name: 'CUSTOM_MESSAGE', VendorIdentifier: 25882, MessageSubtype: 22, Data } as const;
  expect(impinjStatusCode(answer)).toBe(code);
});
