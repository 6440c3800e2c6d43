import { expect, test } from 'vitest';
import { findingWords, idOf, NEW_RULE, obstacleOf } from './rule.ts';

test('a rule names itself in its text', () => {
  expect([idOf(NEW_RULE), idOf('kind: silence\nid: "a-1"\n'), idOf('id: Not One\n'), idOf('')]).toEqual([
    ...['too-warm-here', 'a-1', null, null],
  ]);
});

test('a finding is told by how long it lasted and how far it went', () => {
  const finding = { key: 'logger-7/temperature', from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T10:25:00.000Z' };
  // The space before a unit does not break.
  expect(findingWords({ ...finding, extreme: 9.1 })).toBe('25 min, 9.1\u00a0°C');
  expect(findingWords({ ...finding, to: null, extreme: null })).toBe('still going on');
  expect(findingWords({ ...finding, key: 'shipment:SHP-1', to: null, extreme: 110, readings: 2 })).toBe(
    'still going on, 2 serials',
  );
  expect(findingWords({ ...finding, extreme: null, said: '2 serials stood too long' })).toBe(
    '2 serials stood too long',
  );
});

test.each([
  ['', /no rule here/],
  ['kind: threshold\nabove: 8\n', /needs a line with its id/],
  ['  id: too-warm\nkind: threshold\n', /cannot be read: write it at the very left/],
  ['id: Too Warm\n', /cannot be read/],
  ['id: too-warm\n\tkind: threshold\n', /Line 2 begins with a tab/],
])('a rule that cannot be read says so in words: %j', (text, words) => {
  expect(obstacleOf(text, true)).toEqual({ isWrong: true, text: expect.stringMatching(words) });
});

test('a rule that nobody changed says why it cannot be saved, one that was changed can be', () => {
  expect(obstacleOf(NEW_RULE, false)?.isWrong).toBe(false);
  expect(obstacleOf(NEW_RULE, true)).toBeNull();
});
