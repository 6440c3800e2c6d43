import { expect, test } from 'vitest';
import { stretchesOf } from './trend-stretches.ts';

const HOUR = 3_600_000;
const hour = (n: number) => ({ time: new Date(n * HOUR).toISOString(), min: 3, max: 5, mean: 4, n: 1 });
const widths = (hours: readonly number[]) =>
  stretchesOf(hours.map(hour)).map((stretch) => [stretch[0]?.at ?? 0, stretch.at(-1)?.at ?? 0].map((at) => at / HOUR));

test('hours that follow each other are one stretch, and a silence breaks it', () => {
  expect(widths([0, 1, 2, 5, 6])).toEqual([
    [0, 2],
    [5, 6],
  ]);
  expect(widths([])).toEqual([]);
});

// A logger that spoke every two hours had an empty thumbnail, as one that had spoken once.
test('an hour alone is seen: it is as wide as an hour', () => {
  expect(widths([7])).toEqual([[6.5, 7.5]]);
  expect(widths([0, 2, 4])).toEqual([
    [-0.5, 0.5],
    [1.5, 2.5],
    [3.5, 4.5],
  ]);
});
