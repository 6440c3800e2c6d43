import { expect, test } from 'vitest';
import { Repeats } from './repeats.ts';

const payload = Buffer.from('{"temperature":5}');

test('under more messages than it can hold the oldest are forgotten, the latest never', () => {
  const repeats = new Repeats(100);
  for (let id = 0; id < 1_000; id++) repeats.firstArrival('logger-7', id, payload, id);
  expect(repeats.firstArrival('logger-7', 999, payload, 5_000)).toBe(999);
  expect(repeats.firstArrival('logger-7', 900, payload, 5_000)).toBe(900);
  expect(repeats.firstArrival('logger-7', 700, payload, 5_000)).toBe(5_000);
});

test('a repeat is one for ten minutes after the first, not after the last', () => {
  const repeats = new Repeats();
  expect(repeats.firstArrival('logger-7', 1, payload, 0)).toBe(0);
  expect(repeats.firstArrival('logger-7', 1, payload, 400_000)).toBe(0);
  expect(repeats.firstArrival('logger-7', 1, payload, 600_000)).toBe(0);
  expect(repeats.firstArrival('logger-7', 1, payload, 600_001)).toBe(600_001);
});

test('a clock that was set back makes no message older than it is', () => {
  const repeats = new Repeats();
  expect(repeats.firstArrival('logger-7', 1, payload, 1_000_000)).toBe(1_000_000);
  expect(repeats.firstArrival('logger-7', 1, payload, 900_000)).toBe(900_000);
});
