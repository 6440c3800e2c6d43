import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalOf, LEAST_JOURNEYS, type PastJourney, type RunningJourney } from './arrival.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 10, 22, 8);
const running = (changes: Partial<RunningJourney> = {}): RunningJourney => ({
  ...{ origin: 'site:berlin', leftAt: T0, isSeenLeaving: true, arrives: T0 + 12 * HOUR, events: [] },
  ...changes,
});
/** One journey for each duration, hours; through Dover so many hours before its end. */
const past = (hours: readonly number[], doverBefore: number | null = null): PastJourney[] =>
  hours.map((each, index) => {
    const leftAt = T0 - (index + 1) * 24 * HOUR;
    const receivedAt = leftAt + each * HOUR;
    const dover =
      doverBefore === null
        ? []
        : [{ site: 'site:dover', direction: 'out' as const, at: receivedAt - doverBefore * HOUR }];
    return { leftAt, receivedAt, events: dover };
  });
const HOURS = Array.from({ length: 41 }, (_, n) => 8 + n * 0.1);

test('the middle of the past journeys is said, where 80 of 100 lie, and how many come late', () => {
  const { at, from, to, journeys, lateShare } = arrivalOf(running(), past(HOURS), T0 + HOUR);
  expect({ at, from, to, journeys }).toEqual({
    ...{ at: T0 + 10 * HOUR, from: T0 + 8.4 * HOUR, to: T0 + 11.6 * HOUR, journeys: 41 },
  });
  expect(lateShare).toBe(0);
  expect(arrivalOf(running({ arrives: T0 + 10 * HOUR }), past(HOURS), T0 + HOUR).lateShare).toBeCloseTo(20 / 41);
});

test('below 20 journeys only their number is said', () => {
  expect(arrivalOf(running(), past(HOURS.slice(0, 19)), T0)).toMatchObject({
    ...{ at: null, from: null, to: null, lateShare: null, journeys: 19 },
  });
  expect(arrivalOf(running(), [], T0)).toMatchObject({ at: null, journeys: 0 });
});

test('from a door on the way it is reckoned by the journeys that passed there, where enough did', () => {
  const events = [{ site: 'site:dover', direction: 'out' as const, at: T0 + 6 * HOUR }];
  const there = arrivalOf(running({ events }), past(HOURS, 3), T0 + 7 * HOUR);
  expect(there).toMatchObject({ at: T0 + 9 * HOUR, since: { site: 'site:dover' }, journeys: 41 });
  const few = arrivalOf(running({ events }), [...past(HOURS.slice(0, 5), 3), ...past(HOURS)], T0 + 7 * HOUR);
  expect(few).toMatchObject({ since: { site: 'site:berlin' }, journeys: 46 });
});

// A truck that stood for a day was forecast to have arrived yesterday.
test('one that takes longer than nearly all is not forecast into the past', () => {
  expect(arrivalOf(running(), past(HOURS), T0 + 24 * HOUR)).toMatchObject({ at: null, journeys: 41, arrivedByNow: 41 });
});

test('whatever the past and however long it is under way: in order, never before now, never from too few', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 80 }),
      fc.integer({ min: 0, max: 400 }),
      (hours, elapsed) => {
        const now = T0 + elapsed * HOUR;
        const { at, from, to, journeys, arrivedByNow, lateShare } = arrivalOf(running(), past(hours), now);
        expect(journeys).toBe(hours.length);
        if (at === null || from === null || to === null) {
          expect(journeys - arrivedByNow).toBeLessThan(LEAST_JOURNEYS);
          return;
        }
        expect(now < from && from <= at && at <= to).toBe(true);
        expect(journeys - arrivedByNow).toBeGreaterThanOrEqual(LEAST_JOURNEYS);
        expect(lateShare !== null && lateShare >= 0 && lateShare <= 1).toBe(true);
      },
    ),
  );
});
