import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceContext, type KeyReadings, keyQuality } from '../domain/index.ts';
import { readingsBehind, thinned } from './evidence.ts';
import { at, excursion, MINUTE } from './testing/scene.ts';

function series(values: readonly number[], from = 0, step = 1): KeyReadings {
  return {
    count: values.length,
    time: Float64Array.from(values, (_, i) => from + i * step),
    value: Float64Array.from(values),
  };
}

describe('readings thinned for a chart', () => {
  it('are few, in order, real, and hold the first, the last and both extremes', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -80, max: 80 }), { minLength: 1, maxLength: 2_000 });
    fc.assert(
      fc.property(values, fc.integer({ min: 4, max: 300 }), (all, keep) => {
        const kept = thinned(series(all), keep);
        expect(kept.length).toBeLessThanOrEqual(Math.max(keep, 4));
        for (const [i, { time, value }] of kept.entries()) {
          expect(value).toBe(all[time]);
          if (i > 0) expect(time).toBeGreaterThan(kept[i - 1]?.time ?? Number.NaN);
        }
        expect([kept[0]?.time, kept.at(-1)?.time]).toEqual([0, all.length - 1]);
        const shown = kept.map(({ value }) => value);
        expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...all), Math.max(...all)]);
      }),
    );
  });
});

describe('the readings behind a finding', () => {
  const key = { device: 'logger-7', metric: 1 };
  const asked: number[][] = [];
  function historyOf(all: KeyReadings) {
    const slice = (start: number, end: number): KeyReadings => ({
      count: Math.max(0, end - start),
      time: all.time.slice(start, end),
      value: all.value.slice(start, end),
    });
    const firstFrom = (time: number) => {
      const index = all.time.findIndex((at) => at >= time);
      return index < 0 ? all.count : index;
    };
    return {
      read: async (_device: string, _metric: number, from: number, to: number, limit = Number.POSITIVE_INFINITY) => {
        asked.push([from, to]);
        return slice(firstFrom(from), Math.min(firstFrom(to), firstFrom(from) + limit));
      },
      before: async (_device: string, _metric: number, before: number, count: number) =>
        slice(Math.max(0, firstFrom(before) - count), firstFrom(before)),
      keys: async () => [],
    };
  }

  const sourcesOf = (all: KeyReadings, context: DeviceContext = {}) => ({
    history: historyOf(all),
    devices: {
      of: async (_device: string, metric: number) => ({
        context,
        quality: keyQuality(metric, context),
        calibrations: [],
      }),
    },
  });

  // An alert showed 85 °C as what a store had been, and EPCIS events told partners so.
  it('leave out what is suspect: error codes are no evidence', async () => {
    const finding = excursion({ to: at('10:05'), runs: [{ from: at('10:00'), to: at('10:05') }], readings: 4 });
    const behind = series([9, 9.2, 85, 9.1, 9, 5, -127], at('10:00'), MINUTE);
    const { readings, isComplete } = await readingsBehind(finding, key, sourcesOf(behind), at('15:00'));
    expect([readings.map(({ value }) => value), isComplete]).toEqual([[9, 9.2, 9.1, 9, 5], true]);
  });

  it('come with some before and after', async () => {
    await readingsBehind(excursion({ to: at('12:00') }), key, sourcesOf(series([])), at('15:00'));
    expect(asked.at(-1)).toEqual([at('09:00'), at('13:00')]);
    await readingsBehind(excursion({ to: at('10:05') }), key, sourcesOf(series([])), at('15:00'));
    expect(asked.at(-1)).toEqual([at('09:30'), at('10:35')]);
  });

  it('are complete once as many are stored as made the finding', async () => {
    const finding = excursion({ to: at('10:03'), runs: [{ from: at('10:00'), to: at('10:03') }], readings: 3 });
    const upTo = (count: number) => sourcesOf(series(Array(count).fill(9), at('10:00'), MINUTE));
    expect((await readingsBehind(finding, key, upTo(2), at('15:00'))).isComplete).toBe(false);
    expect((await readingsBehind(finding, key, upTo(3), at('15:00'))).isComplete).toBe(true);
  });

  it('of a long finding are read from both ends', async () => {
    const week = series(
      Array.from({ length: 100_000 }, (_, i) => (i === 99_000 ? 30 : 9)),
      at('10:00'),
      6_000,
    );
    const to = at('10:00') + 100_000 * 6_000;
    const finding = excursion({ to, runs: [{ from: at('10:00'), to }], readings: 100_000 });
    const { readings, isComplete } = await readingsBehind(
      finding,
      key,
      sourcesOf(week, { stepPerMinute: Number.POSITIVE_INFINITY }),
      to,
    );
    expect(isComplete).toBe(true);
    expect(readings.length).toBeLessThanOrEqual(300);
    expect(Math.max(...readings.map(({ value }) => value))).toBe(30);
  });
});
