import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HourOfReadings, stuckSensor } from './stuck.ts';

const HOUR = 3_600_000;
const DAY = 24;

/** Readings a quarter of an hour apart, rounded to what the sensor shows, by the hour. */
function hours(
  count: number,
  at: (hour: number) => number,
  { step = 0.01, everyMs = HOUR / 4 } = {},
): HourOfReadings[] {
  return Array.from({ length: count }, (_, hour) => {
    const values = Array.from({ length: Math.max(1, Math.floor(HOUR / everyMs)) }, (__, k) => {
      const value = at(hour + (k * everyMs) / HOUR);
      return Math.round(Math.round(value / step) * step * 1e6) / 1e6;
    });
    return { time: hour * HOUR, n: values.length, min: Math.min(...values), max: Math.max(...values) };
  });
}

/** A compressor of its own rhythm, and somebody who opens the door by day. */
const fridge = (hour: number) => 5 + 0.4 * Math.sin(hour * 5.3) + (hour % DAY > 8 && hour % DAY < 18 ? 0.3 : 0);
/** As still as it gets: half a degree in a day. */
const still = (hour: number) => 4 + 0.25 * Math.sin((hour / DAY) * 2 * Math.PI);
/** What it gives from an hour on is what it gave then. */
const stuckFrom = (from: number, store: (hour: number) => number) => (hour: number) => store(Math.min(hour, from));

describe('a sensor that gives one value for far longer than it ever did', () => {
  test('is stuck; from where its longest stretch before would have ended it is not believed', () => {
    const found = stuckSensor(hours(20 * DAY + 12, stuckFrom(20 * DAY, fridge)));
    expect(found).toMatchObject({ since: 20 * DAY * HOUR, from: 20 * DAY * HOUR + HOUR, usualMs: HOUR });
  });

  test('is not called so before six hours, and not again once it moves', () => {
    expect(stuckSensor(hours(20 * DAY + 6, stuckFrom(20 * DAY, fridge)))).toBeNull();
    const moved = hours(20 * DAY + 12, stuckFrom(20 * DAY, fridge)).concat({
      time: (20 * DAY + 12) * HOUR,
      n: 4,
      min: 5,
      max: 5.1,
    });
    expect(stuckSensor(moved)).toBeNull();
  });

  test('a good refrigerator at half a degree keeps one value for hours, every night: that is its usual', () => {
    const coarse = hours(28 * DAY, still, { step: 0.5 });
    for (let end = 15 * DAY; end <= coarse.length; end++) expect(stuckSensor(coarse.slice(0, end))).toBeNull();
    // And where it is stuck after all, four times that long shows it.
    expect(stuckSensor(hours(24 * DAY, stuckFrom(20 * DAY, still), { step: 0.5 }))).not.toBeNull();
  });

  test('a store that is closed over the weekend is as still as it was the weekend before', () => {
    const shop = (hour: number) => (hour % (7 * DAY) < 5 * DAY ? fridge(hour) : 4);
    const weeks = hours(28 * DAY, shop, { step: 0.5 });
    for (let end = 14 * DAY; end <= weeks.length; end++) expect(stuckSensor(weeks.slice(0, end))).toBeNull();
  });

  test('of one that was heard for less than two weeks, or that never changed, nothing is said', () => {
    expect(stuckSensor(hours(13 * DAY, stuckFrom(10 * DAY, fridge)))).toBeNull();
    expect(stuckSensor(hours(28 * DAY, () => -80, { step: 1 }))).toBeNull();
    expect(stuckSensor([])).toBeNull();
  });

  test('an hourly logger is stuck as well, after twelve readings', () => {
    const hourly = { everyMs: HOUR, step: 0.1 };
    expect(stuckSensor(hours(20 * DAY + 11, stuckFrom(20 * DAY, fridge), hourly))).toBeNull();
    expect(stuckSensor(hours(20 * DAY + 14, stuckFrom(20 * DAY, fridge), hourly))).not.toBeNull();
  });

  test('hours that are missing end a stretch: silence is another matter', () => {
    const all = hours(20 * DAY + 12, stuckFrom(20 * DAY, fridge));
    expect(stuckSensor(all.filter(({ time }) => time !== (20 * DAY + 6) * HOUR))).toBeNull();
  });

  test('law: whatever it measured, a stretch that it had before, or one a quarter longer, is never called stuck', () => {
    const values = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 15 * DAY, maxLength: 16 * DAY });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1.25, noNaN: true }),
        (noise, longest, by) => {
          const again = Math.max(1, Math.floor(longest * by));
          const line = [
            ...noise.slice(0, 200),
            ...Array(longest).fill(7),
            ...noise.slice(200),
            ...Array(again).fill(9),
          ];
          const given = line.map((value, hour) => ({ time: hour * HOUR, n: 4, min: value, max: value }));
          if (again <= 6 || again <= 4 * longest) expect(stuckSensor(given)).toBeNull();
        },
      ),
      { numRuns: 200 },
    );
  });
});
