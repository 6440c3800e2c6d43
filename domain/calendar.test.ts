import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCalendarDate, parseTimestamp } from './calendar.ts';

describe('a date', () => {
  test.each(['2024-02-29', '2000-02-29', '2024-12-31', '0001-01-01'])('%s is a day', (text) => {
    expect(isCalendarDate(text)).toBe(true);
  });

  // 2024-02-31 was taken as 2 March: a pack that had expired in February verified.
  test.each([
    ...['2024-02-31', '2024-12-00', '2023-02-29', '2100-02-29', '2024-13-01', '2024-00-10', '2024-04-31'],
    ...['241231', '20241231', '2024-12', '12/2024', '31.12.2024', '2024-12-31T00:00:00Z', ' 2024-12-31', ''],
  ])('%j is none', (text) => {
    expect(isCalendarDate(text)).toBe(false);
  });
});

describe('a time', () => {
  test.each([
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['2024-02-29T10:00:00.1239+02:00', Date.UTC(2024, 1, 29, 8, 0, 0, 123)],
    ['2024-02-29T10:00-05:30', Date.UTC(2024, 1, 29, 15, 30)],
  ])('%s is read', (text, at) => {
    expect(parseTimestamp(text)).toBe(at);
  });

  test.each([
    ...['2024-02-31T10:00:00Z', '2023-02-29T10:00:00Z', '2024-04-31T10:00:00+02:00', '2024-12-31T24:00:00Z'],
    ...['2024-12-31T10:60:00Z', '2024-12-31T10:00:00+25:00', '2024-12-31T10:00:00', '2024-12-31', '2024'],
  ])('%s is none', (text) => {
    expect(parseTimestamp(text)).toBe(null);
  });

  test('any moment is read back as it was written', () => {
    const moment = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moment, (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
