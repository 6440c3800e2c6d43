import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisTime, fromText, toText } from './when.ts';

const MINUTE = 60_000;
const zone = fc.constantFrom('UTC', 'Europe/Lisbon', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata');

test('a time as text is read back as the same time, by any clock', () => {
  const minutes = fc.integer({ min: Date.UTC(2020, 0, 1) / MINUTE, max: Date.UTC(2030, 0, 1) / MINUTE });
  fc.assert(
    fc.property(minutes, zone, (given, by) => {
      const text = toText(given * MINUTE, by);
      // The hour that occurs twice in autumn is one of the two.
      expect(toText(fromText(text, by) ?? 0, by)).toBe(text);
    }),
  );
});

test('the clock is the one named', () => {
  expect(fromText('2026-11-22 10:05', 'Europe/Berlin')).toBe(Date.UTC(2026, 10, 22, 9, 5));
  expect(fromText('2026-07-01T00:30', 'America/New_York')).toBe(Date.UTC(2026, 6, 1, 4, 30));
});

test.each(['', '22.11.2026 10:05', '2026-02-30 10:00', '2026-11-22 24:61', '2026-11-22', '10:05'])(
  '%j is no time',
  (text) => {
    expect(fromText(text, 'UTC')).toBeNull();
  },
);

test('an hour that the clock skips in spring is no time', () => {
  expect(fromText('2026-03-29 02:30', 'Europe/Berlin')).toBeNull();
});

// A library of charts made a date of each moment, by the browser's own zone: where that has summer time the axis of a chart in UTC
// lacked an hour in March.
test('a moment on an axis is named by the clock of the view, also in the hours that other clocks lack or have twice', () => {
  const hour = (at: number, by: string) => axisTime(at, by, 3_600);
  const spring = Date.UTC(2026, 2, 29, 1);
  expect([0, 1, 2].map((n) => hour(spring + n * 60 * MINUTE, 'UTC'))).toEqual(['01:00', '02:00', '03:00']);
  expect([-1, 0].map((n) => hour(spring + n * 60 * MINUTE, 'Europe/Berlin'))).toEqual(['01:00', '03:00']);
  const autumn = Date.UTC(2026, 9, 25, 0);
  expect([0, 1].map((n) => hour(autumn + n * 60 * MINUTE, 'Europe/Berlin'))).toEqual(['02:00', '02:00']);
});
