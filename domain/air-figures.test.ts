import { describe, expect, test } from 'vitest';
import { declaredGap, figuresDuring, HeldValues, type KeyReadings, mktDuring } from './index.ts';

const MINUTE = 60_000;

/** A reading every `every` minutes. */
function readings(every: number, ...values: number[]): HeldValues {
  const time = Float64Array.from(values, (_, index) => index * every * MINUTE);
  return HeldValues.of({ count: values.length, time, value: Float64Array.from(values) }, null);
}

describe('what was measured during a stretch', () => {
  test('counts the value that still held when it began, and not the one at its end', () => {
    expect(figuresDuring(readings(10, 9, 5, 5, 12), 5 * MINUTE, 30 * MINUTE, true)).toMatchObject({ min: 5, max: 9 });
  });

  test('does not count a value over a gap', () => {
    const gap: KeyReadings = {
      count: 6,
      time: Float64Array.from([0, 5, 10, 15, 20, 80], (minutes) => minutes * MINUTE),
      value: Float64Array.of(9, 9, 9, 9, 20, 5),
    };
    expect(figuresDuring(HeldValues.of(gap, null), 40 * MINUTE, 90 * MINUTE, true)).toEqual({ min: 5, max: 5, mkt: 5 });
  });

  test('counts a value over a long step where its device says that it reports that seldom', () => {
    const hourly = { count: 2, time: Float64Array.of(0, 150 * MINUTE), value: Float64Array.of(9, 5) };
    expect(figuresDuring(HeldValues.of(hourly, null), 30 * MINUTE, 90 * MINUTE, true).max).toBeNull();
    expect(
      figuresDuring(HeldValues.of(hourly, declaredGap({ intervalMs: 60 * MINUTE })), 30 * MINUTE, 90 * MINUTE, true)
        .max,
    ).toBe(9);
  });

  test('weighs each value by the time it held', () => {
    expect(figuresDuring(readings(60, 2, 8, 2), 0, 120 * MINUTE, true).mkt).toBeCloseTo(5.5364, 4);
  });

  test('is unknown where nothing was measured', () => {
    expect(figuresDuring(readings(10, 5), 20 * MINUTE, 30 * MINUTE, true)).toEqual({ min: null, max: null, mkt: null });
  });

  test('has no kinetic temperature of a humidity', () => {
    expect(figuresDuring(readings(10, 40, 60), 0, 30 * MINUTE, false)).toEqual({ min: 40, max: 60, mkt: null });
  });
});

test('of two devices that measured the same on a leg the one longest known counts, in whatever order they come and wherever their sums began', () => {
  const end = 120 * MINUTE;
  const cold = { leg: { from: 60 * MINUTE, to: end }, devices: [readings(10, ...Array<number>(13).fill(5))] };
  // Both have 9.3 °C all the hour, one of them since long and for ten minutes less.
  const long = readings(10, 2, 7.1, 3.3, ...Array<number>(3).fill(9.3));
  const short = HeldValues.of(
    {
      count: 6,
      time: Float64Array.from([10, 20, 30, 40, 50, 60], (at) => at * MINUTE),
      value: new Float64Array(6).fill(9.3),
    },
    null,
  );
  const mkt = (devices: HeldValues[]) =>
    mktDuring([{ leg: { from: 30 * MINUTE, to: 60 * MINUTE }, devices }, cold], 0, end);
  expect(mkt([long, short])).toBe(mkt([short]));
  expect(mkt([short, long])).toBe(mkt([short]));
  expect(mkt([long])).not.toBe(mkt([short]));
});
