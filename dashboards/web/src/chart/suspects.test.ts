import { expect, test } from 'vitest';
import { type RawReading, suspectsOf } from './suspects.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
const good = (minute: number): RawReading => ({ time: at(minute), value: 5 });
const suspect = (minute: number, value: number, reason: RawReading['reason']): RawReading => ({
  time: at(minute),
  value,
  quality: 'suspect',
  reason,
});

test('readings in a row that are suspect for one reason are one stretch, a good one or another reason ends it', () => {
  const readings = [
    good(0),
    suspect(1, 85, 'ERROR_CODE'),
    suspect(2, -127, 'ERROR_CODE'),
    suspect(3, 9, 'SET_ASIDE'),
    good(4),
    suspect(5, 85, 'ERROR_CODE'),
  ];
  expect(suspectsOf(readings).map(({ reason, count, least, most }) => [reason, count, least, most])).toEqual([
    ['ERROR_CODE', 2, -127, 85],
    ['SET_ASIDE', 1, 9, 9],
    ['ERROR_CODE', 1, 85, 85],
  ]);
});

test('where all is good there is nothing to show', () => {
  expect(suspectsOf([good(0), good(1)])).toEqual([]);
});
