import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeTicks, valueTicks } from './chart-scale.ts';
import { Formats } from './formats.ts';
import { plainTitle, printable } from './printable.ts';

test('an axis holds all its values between its ends, at few round ticks', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -200, max: 300, noNaN: true }), { minLength: 1 }), (values) => {
      const ticks = valueTicks(values, 6).map(({ at }) => at);
      expect(ticks.length).toBeLessThanOrEqual(10);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      const slack = 1e-6;
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual((ticks[0] as number) - slack);
        expect(value).toBeLessThanOrEqual((ticks.at(-1) as number) + slack);
      }
    }),
  );
});

test('times stand at full steps of the clock on the wall, also where it is half an hour off', () => {
  const formats = new Formats({ language: 'en', zone: 'Asia/Kolkata', unit: 'C' });
  const from = Date.UTC(2026, 10, 20, 1, 7);
  const labels = timeTicks(from, from + 6 * 3_600_000, 6, formats).map(({ label }) => label);
  expect(labels).toEqual(['11-20 07:00', '11-20 08:00', '11-20 09:00', '11-20 10:00', '11-20 11:00', '11-20 12:00']);
});

test('a value is never rounded across a limit of one decimal, and zero has no sign', () => {
  const formats = new Formats({ language: 'en', zone: 'UTC', unit: 'C' });
  const figure = (value: number, most: number) => formats.figure(value, most);
  expect([
    figure(8.001, 3),
    figure(7.999, 3),
    figure(8, 3),
    figure(-0.0001, 3),
    figure(5.25, 3),
    figure(120, 1),
  ]).toEqual(['8.001', '7.999', '8.0', '0.0', '5.25', '120.0']);
});

test('a zone behind UTC, a zone of UTC and daylight saving have their offset', () => {
  const at = Date.UTC(2026, 6, 1, 12);
  const time = (zone: string) => new Formats({ language: 'en', zone, unit: 'C' }).time(at);
  expect(time('America/St_Johns')).toBe('2026-07-01 09:30:00 -02:30');
  expect(time('UTC')).toBe('2026-07-01 12:00:00 +00:00');
  expect(time('Europe/Berlin')).toBe('2026-07-01 14:00:00 +02:00');
});

test('what a font lacks is marked, not dropped, and what XML would read is left out of titles', () => {
  const latin = { hasGlyphForCodePoint: (codePoint: number) => codePoint < 0x250 || codePoint === 0xfffd };
  expect(printable('A\u{1F9CA}Z\u0000\t.', latin)).toBe('A\u{FFFD}Z\u{FFFD} .');
  expect(plainTitle('a<b>&c\u0001')).toBe('a b  c');
});
