import { expect, test } from 'vitest';
import { isDay } from './DayField.tsx';

test.each(['2026-11-30', '2028-02-29', '0001-01-01'])('%s is a day', (text) => {
  expect(isDay(text)).toBe(true);
});

test.each(['', '2026-02-29', '2026-13-01', '30.11.2026', '11/30/2026', '2026-11-3', ' 2026-11-30', '2026-11-30T00'])(
  '"%s" is none',
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);
