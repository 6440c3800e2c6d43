import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Marked, spotsOf } from './spots.ts';

const APART = 18;

test('two shipments at one gate hid each other: they are one spot, the most urgent on top', () => {
  const marks: Marked<string>[] = [
    { what: 'excursion', at: [100, 50] },
    { what: 'in range', at: [104, 47] },
    { what: 'elsewhere', at: [100, 90] },
  ];
  expect(spotsOf(marks, APART)).toEqual([
    { at: [100, 50], all: ['excursion', 'in range'] },
    { at: [100, 90], all: ['elsewhere'] },
  ]);
});

test('every mark is in one spot, on its first; no two spots lie on each other', () => {
  const px = fc.double({ min: -400, max: 400, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(px, px), { maxLength: 60 }), (points) => {
      const marks = points.map((at, what) => ({ what, at }));
      const spots = spotsOf(marks, APART);
      expect(spots.flatMap(({ all }) => all).sort((a, b) => a - b)).toEqual(marks.map(({ what }) => what));
      const isOn = (a: readonly number[], b: readonly number[]) =>
        a.every((one, n) => Math.abs(one - (b[n] ?? 0)) < APART);
      for (const [n, { at, all }] of spots.entries()) {
        expect(at).toEqual(points[all[0]]);
        expect(all).toEqual([...all].sort((a, b) => a - b));
        for (const one of all) expect(isOn(points[one] ?? [], at)).toBe(true);
        for (const other of spots.slice(n + 1)) expect(isOn(other.at, at)).toBe(false);
      }
    }),
  );
});
