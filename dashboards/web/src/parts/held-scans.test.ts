import { expect, test } from 'vitest';
import { type HeldKey, HeldScans } from './held-scans.ts';

const key = (name: string, more: Partial<HeldKey> = {}): HeldKey => ({
  ...{ key: name, code: '', ctrlKey: false, metaKey: false, altKey: false },
  ...more,
});

/** Types at 5 ms a key. @returns when it ended */
function type(held: HeldScans, text: string, from: number): number {
  for (const [n, char] of [...text].entries()) held.press(key(char), from + 5 * n);
  return from + 5 * text.length;
}

test('what was scanned before the screen came is given to its field, whole and in order, and once', () => {
  const held = new HeldScans();
  let at = type(held, '(01)1(21)A', 0);
  expect(held.press(key('Enter'), at)).toBe(true);
  at = type(held, '(01)1', at + 50);
  held.press(key(']', { ctrlKey: true }), at);
  at = type(held, '21B', at + 5);
  expect(held.come(at + 900)).toEqual({ scans: ['(01)1(21)A'], begun: '(01)1\u001d21B' });
  held.go('', 0, at + 1_000);
  expect(held.come(at + 1_100)).toEqual({ scans: [], begun: '' });
});

test('a scan that begins in the field that goes is whole in the one that comes', () => {
  const held = new HeldScans();
  held.come(0);
  type(held, 'heard by the field itself', 10);
  held.go('(01)1(2', 500, 600);
  type(held, '1)A', 510);
  held.press(key('Enter'), 530);
  expect(held.come(4_000).scans).toEqual(['(01)1(21)A']);
});

test('what was begun long ago, on another screen, or never was a scan, is nobody’s', () => {
  const held = new HeldScans();
  held.come(0);
  held.go('typed by hand', 100, 9_000);
  expect(held.come(9_001).begun).toBe('');
  held.go('', 0, 9_002);
  held.press(key('Enter'), type(held, '(01)1(21)A', 10_000));
  held.opened(20_000);
  expect(held.come(20_001).scans).toEqual([]);
  held.go('', 0, 20_002);
  expect(held.press(key('Enter'), type(held, 'abc', 30_000))).toBe(false);
  held.press(key('Enter'), type(held, '(01)1(21)A', 40_000));
  expect(held.come(100_000).scans).toEqual([]);
});

test('a pause ends a scan that was broken off: the next is not joined to it', () => {
  const held = new HeldScans();
  type(held, '(01)1(2', 0);
  held.press(key('Enter'), type(held, '(01)1(21)B', 3_000));
  expect(held.come(3_500).scans).toEqual(['(01)1(21)B']);
});
