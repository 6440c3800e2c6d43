import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RETRY_SCHEDULE, waitBeforeRetry } from './retry.ts';

const HOUR = 3_600_000;
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a message that could not be delivered', () => {
  it('is tried again after one second, then at doubling steps of at most 30 s', () => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 50].map((attempts) => waitBeforeRetry(RETRY_SCHEDULE, attempts, 0, 1));
    expect(steps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is tried every ten minutes after the first hour', () => {
    expect(waitBeforeRetry(RETRY_SCHEDULE, 130, HOUR, 0.5)).toBe(600_000);
  });

  it('is given up after three days', () => {
    expect(waitBeforeRetry(RETRY_SCHEDULE, 500, 72 * HOUR - 1, 0.5)).toBe(600_000);
    expect(waitBeforeRetry(RETRY_SCHEDULE, 500, 72 * HOUR, 0.5)).toBeNull();
  });

  // A job queue in PostgreSQL refused 31.7 ms, and the message waited for the sweeper.
  it('waits between half a step and a whole one, in whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000 }), fc.nat(HOUR - 1), anyRandom, (attempts, age, random) => {
        const step = Math.min(30_000, 1_000 * 2 ** Math.min(attempts - 1, 30));
        const wait = waitBeforeRetry(RETRY_SCHEDULE, attempts, age, random) ?? Number.NaN;
        expect(wait).toBe(Math.floor(wait));
        expect(wait).toBeGreaterThanOrEqual(step / 2);
        expect(wait).toBeLessThanOrEqual(step);
      }),
    );
  });
});
