import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinedBuckets, joinedWidth } from './joined-buckets.ts';

const MINUTE = 60_000;

test('however buckets are joined for a chart, no peak is lost and no reading counted twice', () => {
  const values = fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 400 }),
      n: fc.integer({ min: 1, max: 60 }),
      low: fc.integer({ min: -400, max: 400 }),
      rise: fc.integer({ min: 0, max: 300 }),
    }),
    { minLength: 1, maxLength: 300 },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 50, max: 4_000 }), (made, points) => {
      let at = 0;
      const buckets = made.map(({ step, n, low, rise }) => {
        at += step * MINUTE;
        return { time: at, n, min: low / 10, mean: (low + rise / 2) / 10, max: (low + rise) / 10 };
      });
      const span = at - (buckets[0]?.time ?? 0);
      const width = joinedWidth(MINUTE, span, points);
      const joined = joinedBuckets(buckets, width);
      expect(joined.length).toBeLessThanOrEqual(points + 1);
      expect(Math.max(...joined.map(({ max }) => max))).toBe(Math.max(...buckets.map(({ max }) => max)));
      expect(Math.min(...joined.map(({ min }) => min))).toBe(Math.min(...buckets.map(({ min }) => min)));
      const total = (of: readonly { n: number }[]) => of.reduce((sum, { n }) => sum + n, 0);
      expect(total(joined)).toBe(total(buckets));
      for (const { min, mean, max } of joined) {
        expect(mean).toBeGreaterThanOrEqual(min - 1e-9);
        expect(mean).toBeLessThanOrEqual(max + 1e-9);
      }
    }),
  );
});

test('hours are never divided, and widths stand on whole minutes, hours and days', () => {
  expect(joinedWidth(MINUTE, 60 * MINUTE, 1_000)).toBe(MINUTE);
  expect(joinedWidth(MINUTE, 14 * 1_440 * MINUTE, 1_000)).toBe(30 * MINUTE);
  expect(joinedWidth(60 * MINUTE, 14 * 1_440 * MINUTE, 1_000)).toBe(60 * MINUTE);
  expect(joinedWidth(60 * MINUTE, 365 * 1_440 * MINUTE, 1_000)).toBe(720 * MINUTE);
});
