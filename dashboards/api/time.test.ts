import { expect, test } from 'vitest';
import { formatDuration } from '../../domain/index.ts';
import { durationIn, formatTime, parseTime, timeIn } from './time.ts';

test('a time is RFC 3339 with a zone or epoch milliseconds, floored to the millisecond', () => {
  expect(parseTime('2026-11-22T10:00:00Z')).toBe(Date.UTC(2026, 10, 22, 10));
  expect(parseTime('2026-11-22T11:00:00.1239+01:00')).toBe(Date.UTC(2026, 10, 22, 10, 0, 0, 123));
  expect(parseTime('1795344000000')).toBe(1795344000000);
  expect(parseTime('1795344000000.75')).toBe(1795344000000);
  expect(parseTime(1795344000000.9)).toBe(1795344000000);
});

test.each(['2026-11-22', '2026-11-22T10:00:00', 'yesterday', '', '2026-13-01T00:00:00Z', Number.NaN, 9e15])(
  'no time without a zone, nor what is none: %s',
  (given) => {
    expect(parseTime(given)).toBeNull();
    expect(timeIn.safeParse(given).success).toBe(false);
  },
);

test('times go out as RFC 3339, UTC, with milliseconds', () => {
  expect(formatTime(Date.UTC(2026, 10, 22, 10))).toBe('2026-11-22T10:00:00.000Z');
  expect(formatTime(null)).toBeNull();
});

test('a duration is a whole number and one unit, both ways', () => {
  for (const given of ['500ms', '90s', '10m', '2h', '30d']) expect(formatDuration(durationIn.parse(given))).toBe(given);
  expect(durationIn.safeParse('1.5h').success).toBe(false);
  expect(durationIn.safeParse('5').success).toBe(false);
});
