import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST_TRIES, proportion } from './proportion.ts';

test('a share of few tries is not said', () => {
  expect(proportion(1, LEAST_TRIES - 1)).toBeNull();
  expect(proportion(1, LEAST_TRIES)).not.toBeNull();
});

test('the interval is the one of the published formula', () => {
  // Solving |share - p| = z · sqrt(p (1 - p) / n) for p, which is how Wilson (1927) defines it.
  const z = 1.6448536269514722;
  for (const [hits, tries] of [
    [0, 20],
    [3, 50],
    [48, 50],
    [500, 1_000],
  ] as const) {
    const found = proportion(hits, tries);
    const share = hits / tries;
    const solve = (from: number, to: number) => {
      let [low, high] = [from, to];
      for (let step = 0; step < 200; step++) {
        const p = (low + high) / 2;
        const isInside = Math.abs(share - p) <= z * Math.sqrt((p * (1 - p)) / tries);
        if (isInside === from < to) low = p;
        else high = p;
      }
      return (low + high) / 2;
    };
    expect(found?.high).toBeCloseTo(solve(share, 1), 9);
    expect(found?.low).toBeCloseTo(1 - mirrored(hits, tries), 9);
  }
  function mirrored(hits: number, tries: number) {
    return proportion(tries - hits, tries)?.high ?? Number.NaN;
  }
});

test('it holds the share, stays between none and all, and gets narrower with more tries', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: LEAST_TRIES, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (tries, part) => {
        const hits = Math.round(part * tries);
        const found = proportion(hits, tries);
        const more = proportion(4 * hits, 4 * tries);
        if (found === null || more === null) throw new Error('not said');
        expect(found.low).toBeGreaterThanOrEqual(0);
        expect(found.high).toBeLessThanOrEqual(1);
        expect(found.low).toBeLessThanOrEqual(found.share);
        expect(found.high).toBeGreaterThanOrEqual(found.share);
        expect(more.high - more.low).toBeLessThan(found.high - found.low);
      },
    ),
  );
});
