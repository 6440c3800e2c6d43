import { expect, test } from 'vitest';
import { silencesOf } from './silence.ts';

const MINUTE = 60_000;
const every = (minutes: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => (from + i * minutes) * 60);

test('a logger that fell silent is silent from its last reading to the end of what is shown', () => {
  const time = every(1, 30);
  expect(silencesOf(time, 60 * MINUTE)).toEqual([{ from: 29 * MINUTE, to: 60 * MINUTE }]);
});

test('a gap between readings is a silence, the usual step is none', () => {
  const time = [...every(1, 30), ...every(1, 30, 60)];
  expect(silencesOf(time, 89 * MINUTE)).toEqual([{ from: 29 * MINUTE, to: 60 * MINUTE }]);
});

test('where nothing was read there is no silence to draw: nothing is known at all', () => {
  expect(silencesOf([], 60 * MINUTE)).toEqual([]);
});
