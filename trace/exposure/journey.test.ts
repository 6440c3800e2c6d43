import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeldValues, meanKineticTemperature, minutesOf } from '../../domain/index.ts';
import { DEVICES, MOMENTS, someReadings, someSaid } from '../testing/facts.ts';
import {
  type NaiveReading,
  naiveEnvironment,
  naiveExposure,
  naiveValue,
  type Said,
  worldOf,
} from '../testing/naive.ts';
import { type JourneyFigures, journeyOf, type Leg, type LegFigures } from './journey.ts';
import { firstKnown, legsOf } from './serial-exposure.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMITS = { min: 2, max: 8 };
const NO_BUDGET = { windowMs: null, budget: null };

function valuesOf(readings: readonly NaiveReading[], unit: number): (device: string) => HeldValues {
  return (device) => {
    const own = readings.filter((reading) => reading.device === device).sort((a, b) => a.at - b.at);
    const time = Float64Array.from(own, ({ at }) => at * unit);
    return HeldValues.of({ count: own.length, time, value: Float64Array.from(own, ({ value }) => value) }, null);
  };
}

function leg(devices: readonly string[], from: number, to: number): Leg {
  return { from: from * MINUTE, to: to * MINUTE, devices, through: null, profile: '2-8C', limits: LIMITS };
}

/** A reading every ten minutes from minute 0 on. */
function every10(device: string, ...values: number[]): NaiveReading[] {
  return values.map((value, index) => ({ device, at: index * 10, value }));
}

describe('several devices at once', () => {
  const readings = [...every10('warm', 5, 9, 9, 5, 5, 5, 5), ...every10('cold', 5, 5, 1, 1, 5, 5, 5)];
  const { journey } = journeyOf([leg(['cold', 'warm'], 0, 60)], valuesOf(readings, MINUTE), NO_BUDGET);

  test('are outside where any of them is, each limit for itself', () => {
    expect(journey).toMatchObject({ minutesAbove: 20, minutesBelow: 20, minutesOutOfRange: 30, min: 1, max: 9 });
  });

  test('have the highest kinetic temperature of theirs', () => {
    expect(journey.mkt).toBeCloseTo(meanKineticTemperature([5, 9, 5], [10, 20, 30]) ?? 0, 9);
  });

  test('know nothing only where all are silent', () => {
    const gap = [...readings, { device: 'warm', at: 300, value: 5 }];
    const { minutesUnknown } = journeyOf([leg(['cold', 'warm'], 0, 300)], valuesOf(gap, MINUTE), NO_BUDGET).journey;
    expect(minutesUnknown).toBe(240);
  });
});

test('the budget counts what was carried in, what was out of range since, and beside it what is unknown', () => {
  const readings = every10('logger', 9, 9, 5, 9, 5);
  const budget = { budgetMs: 2 * HOUR, carriedInMs: HOUR, since: 10 * MINUTE };
  const legs = [leg(['logger'], 0, 40), leg([], 40, 70)];
  expect(journeyOf(legs, valuesOf(readings, MINUTE), { windowMs: null, budget }).journey.budget).toEqual({
    budget: 120,
    carriedIn: 60,
    used: 80,
    left: 40,
    usedAtWorst: 110,
  });
});

test('the highest kinetic temperature of a day is found wherever in the journey that day was', () => {
  // Three days: 5 °C, 7 °C from hour 20 to 44, 5 °C again. A reading an hour, changing hands at hour 30.
  const readings = Array.from({ length: 73 }, (_, hour): NaiveReading[] => {
    const value = hour >= 20 && hour < 44 ? 7 : 5;
    return ['one', 'two'].map((device) => ({ device, at: hour * 60, value }));
  }).flat();
  const legs = [leg(['one'], 0, 30 * 60), leg(['two'], 30 * 60, 72 * 60)];
  const { highestMkt, mkt } = journeyOf(legs, valuesOf(readings, MINUTE), {
    windowMs: 24 * HOUR,
    budget: null,
  }).journey;
  expect(highestMkt).toEqual({ windowMs: 24 * HOUR, mkt: expect.closeTo(7, 9), at: 44 * HOUR });
  expect(mkt).toBeCloseTo(meanKineticTemperature([5, 7], [48, 24]) ?? 0, 9);
});

const MOMENT_MS = 10 * MINUTE;
const HOUR_IN_MOMENTS = HOUR / MOMENT_MS;

function exposureOf(said: readonly Said[], readings: readonly NaiveReading[], epc: string, now: number) {
  const world = worldOf(said, MOMENT_MS);
  const profiles = { listings: [{ epc, profile: '2-8C', since: 0 }], otherwise: null };
  const from = firstKnown(world, epc);
  if (from >= now * MOMENT_MS) return null;
  return journeyOf(legsOf(world, epc, profiles, from, now * MOMENT_MS), valuesOf(readings, MOMENT_MS), NO_BUDGET);
}

/** Whatever the naive model says, in the words of the platform. */
function expectedFigures(said: readonly Said[], readings: readonly NaiveReading[], epc: string, now: number) {
  const naive = naiveExposure(said, readings, epc, { now, limits: LIMITS, hour: HOUR_IN_MOMENTS });
  if (naive === null) return null;
  const minutes = (moments: number) => minutesOf(moments * MOMENT_MS);
  return {
    from: naive.from * MOMENT_MS,
    to: now * MOMENT_MS,
    min: naive.min,
    max: naive.max,
    minutesAbove: minutes(naive.above),
    minutesBelow: minutes(naive.below),
    minutesOutOfRange: minutes(naive.outside),
    minutesUnknown: minutes(naive.unknown),
  } satisfies Partial<JourneyFigures>;
}

test('for any facts and readings, minutes, minimum, maximum and unknown time are those of the naive model', () => {
  fc.assert(
    fc.property(someSaid, someReadings(DEVICES, MOMENTS), (said, readings) => {
      for (const epc of ['S', 'U1', 'U3']) {
        const found = exposureOf(said, readings, epc, MOMENTS);
        const expected = expectedFigures(said, readings, epc, MOMENTS);
        if (expected === null) expect(found).toBeNull();
        else expect(found?.journey).toMatchObject(expected);
        for (const part of found?.legs ?? []) expectLeg(part, said, readings, epc);
      }
    }),
    { numRuns: 300 },
  );
});

/** Every moment of a leg has its devices; its kinetic temperature is the highest of theirs. */
function expectLeg(part: LegFigures, said: readonly Said[], readings: readonly NaiveReading[], epc: string): void {
  const moments: number[] = [];
  for (let at = part.from / MOMENT_MS; at < part.to / MOMENT_MS; at++) moments.push(at);
  for (const at of moments) expect(naiveEnvironment(said, epc, at)).toEqual(part.devices);
  const mkts = part.devices.flatMap((device) => {
    const held = moments.flatMap((at) => naiveValue(readings, device, at, HOUR_IN_MOMENTS) ?? []);
    return meanKineticTemperature(held, Array(held.length).fill(1)) ?? [];
  });
  if (mkts.length > 0) expect(part.mkt).toBeCloseTo(Math.max(...mkts), 6);
}

test('what nothing was heard of has no exposure', () => {
  expect(exposureOf([], [], 'S', MOMENTS)).toBeNull();
});
