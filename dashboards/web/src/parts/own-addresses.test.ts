import { expect, test } from 'vitest';
import { OwnAddresses } from './own-addresses.ts';

test('an address that was written here is told from one that somebody else set, once', () => {
  const own = new OwnAddresses('');
  expect(own.writes('a')).toBe(true);
  expect(own.takes('a')).toBe(true);
  expect(own.takes('b')).toBe(false);
  // Back to it by the browser's button.
  expect(own.takes('a')).toBe(false);
});

test('an older address that comes back late, after the next was written, does not move the view back', () => {
  const own = new OwnAddresses('');
  own.writes('a');
  own.writes('b');
  expect([own.takes('a'), own.takes('b')]).toEqual([true, true]);
});

test('an address that never came back is forgotten with the next', () => {
  const own = new OwnAddresses('');
  own.writes('a');
  own.writes('b');
  expect([own.takes('b'), own.takes('a')]).toEqual([true, false]);
});

test('what was shown before is written again while the address is still on its way', () => {
  const own = new OwnAddresses('whole');
  own.writes('closer');
  // All of it is wanted again before "closer" came back.
  expect(own.writes('whole')).toBe(true);
  expect(own.writes('whole')).toBe(false);
  expect([own.takes('closer'), own.takes('whole')]).toEqual([true, true]);
  expect(own.writes('whole')).toBe(false);
});
