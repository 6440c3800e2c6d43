import { expect, test } from 'vitest';
import { withTimes } from './told-times.ts';

const clock = (at: number) => new Date(at).toISOString().slice(11, 16);

test('moments of a sentence are told by the clock of the door, and nothing else of it changes', () => {
  const refusal = 'it was settled since; dock settled last, 2026-11-30T03:12:05.291Z: found 408 of lot 2026-11-30';
  expect(withTimes(refusal, clock)).toBe('it was settled since; dock settled last, 03:12: found 408 of lot 2026-11-30');
  expect(withTimes('2026-11-30T03:12:05Z and 2026-11-30T04:00:00Z', clock)).toBe('03:12 and 04:00');
  expect(withTimes('the papers say so', clock)).toBe('the papers say so');
});
