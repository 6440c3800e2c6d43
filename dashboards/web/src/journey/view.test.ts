import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOSEST_MS, panned, shownOf, textOfTime, tileOf, timeOfText, viewOf, WHOLE, zoomed } from './view.ts';

const HOUR = 3_600_000;
const bounds = { from: Date.UTC(2026, 8, 1), to: Date.UTC(2026, 10, 22) };

const stretches = fc
  .tuple(fc.integer({ min: bounds.from, max: bounds.to }), fc.integer({ min: 1, max: bounds.to - bounds.from }))
  .map(([from, span]) => viewOf({ from, to: from + span }, bounds));

test('however one zooms and pans, what is shown stays within the journey and is never closer than seconds', () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({
        factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ share: fc.double({ min: -3, max: 3, noNaN: true }) }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(stretches, moves, (first, made) => {
      let view = first;
      for (const move of made) {
        const { from, to } = shownOf(view, bounds);
        view =
          'share' in move
            ? panned(view, bounds, move.share * (to - from))
            : zoomed(view, bounds, move.factor, from + move.at * (to - from));
        const shown = shownOf(view, bounds);
        expect(shown.from).toBeGreaterThanOrEqual(bounds.from);
        expect(shown.to).toBeLessThanOrEqual(bounds.to);
        expect(shown.to - shown.from).toBeGreaterThanOrEqual(CLOSEST_MS - 2);
      }
    }),
  );
});

test('what is pointed at stays under the pointer while one zooms', () => {
  const at = bounds.from + 30 * 24 * HOUR;
  const view = viewOf({ from: at - 10 * HOUR, to: at + 30 * HOUR }, bounds);
  const { from, to } = shownOf(zoomed(view, bounds, 0.5, at), bounds);
  expect((at - from) / (to - from)).toBeCloseTo(0.25, 6);
});

// hypertrons-crx #855: at the closest, every further turn of the wheel slid the chart to the right.
test('as close as it gets, turning the wheel further moves nothing', () => {
  const at = bounds.from + 30 * 24 * HOUR;
  let view = viewOf({ from: at - 1_000, to: at + CLOSEST_MS - 1_000 }, bounds);
  const first = shownOf(view, bounds);
  for (let turn = 0; turn < 500; turn++) view = zoomed(view, bounds, 0.9, at);
  const last = shownOf(view, bounds);
  expect(Math.abs(last.from - first.from)).toBeLessThanOrEqual(2);
});

test('panning does not change how much is shown, and stops at the ends', () => {
  const view = viewOf({ from: bounds.from + HOUR, to: bounds.from + 5 * HOUR }, bounds);
  const { from, to } = shownOf(panned(view, bounds, -10 * HOUR), bounds);
  expect([from, to - from]).toEqual([bounds.from, 4 * HOUR]);
});

test('who looks up to the end of a journey that goes on follows it', () => {
  const view = viewOf({ from: bounds.to - HOUR, to: bounds.to + HOUR }, bounds);
  expect(view.to).toBeNull();
  expect(shownOf(view, { ...bounds, to: bounds.to + HOUR }).to).toBe(bounds.to + HOUR);
  expect(zoomed(WHOLE, bounds, 5, bounds.from)).toEqual(WHOLE);
});

test('a tile covers what is shown, with room beside it, and enough points for each pixel', () => {
  fc.assert(
    fc.property(stretches, fc.integer({ min: 300, max: 2_600 }), (view, width) => {
      const shown = shownOf(view, bounds);
      const tile = tileOf(shown, bounds, width, true);
      expect(tile.from).toBeLessThanOrEqual(shown.from);
      expect(tile.to ?? 0).toBeGreaterThanOrEqual(shown.to);
      const inView = (tile.points * (shown.to - shown.from)) / ((tile.to ?? 0) - tile.from);
      expect(inView).toBeGreaterThanOrEqual(Math.min(width * 0.6, 900) * 0.9);
    }),
  );
  const now = tileOf({ from: bounds.to - HOUR, to: bounds.to }, bounds, 1_200, false);
  expect(now.to).toBeNull();
});

test('an address names times as RFC 3339 or epoch milliseconds, and what is neither is not guessed at', () => {
  const at = Date.UTC(2026, 10, 22, 10, 5, 30);
  expect(timeOfText(textOfTime(at))).toBe(at);
  expect(timeOfText(String(at))).toBe(at);
  expect(timeOfText('yesterday')).toBeNull();
  expect(timeOfText('')).toBeNull();
});
