import { expect, test } from 'vitest';
import { gapText } from './gap.ts';

const gap = (from: string, to: string) => ({ reader: 'dock-1', from, to, reason: 'the connection broke' });
const NOW = Date.parse('2026-11-22T12:00:00Z');

test('a gap is told in the time on the wall, with the day where it is not today', () => {
  expect(gapText(gap('2026-11-22T09:02:10Z', '2026-11-22T09:05:00Z'), 'Europe/Paris', NOW)).toBe(
    'Reads may be missing from 10:02 to 10:05: the connection broke.',
  );
  expect(gapText(gap('2026-11-21T22:30:00Z', '2026-11-21T23:10:00Z'), 'Europe/Paris', NOW)).toBe(
    'Reads may be missing from 21 Nov, 23:30 to 00:10: the connection broke.',
  );
});

test('a gap of less than a minute is around a time', () => {
  expect(gapText(gap('2026-11-22T09:02:10Z', '2026-11-22T09:02:15Z'), null, NOW)).toMatch(
    /^Reads may be missing around \d\d:\d\d: the connection broke\.$/,
  );
});
