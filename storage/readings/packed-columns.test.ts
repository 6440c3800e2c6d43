import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyReadings } from '../../domain/index.ts';
import { packStretches } from '../packed/stretches.ts';
import { firstOf, lastOf, together, unpackedWithin } from './packed-columns.ts';

const KEY = { deviceId: 7, metric: 1 };
const MIDNIGHT = Date.parse('2026-11-22T00:00:00Z');
const ALL = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Readings whose values say where they lie. */
function readings(times: readonly number[], value: number): KeyReadings {
  return { count: times.length, time: Float64Array.from(times), value: new Float64Array(times.length).fill(value) };
}

function packed(times: readonly number[], span = ALL): KeyReadings {
  const stretches = packStretches(KEY.deviceId, KEY.metric, readings(times, 2));
  return unpackedWithin(
    KEY,
    Float64Array.from(stretches, ({ key }) => key.since),
    stretches.map((stretch) => stretch.packed),
    span,
  );
}

const timesOf = ({ count, time }: KeyReadings) => [...time.subarray(0, count)].map((at) => at - MIDNIGHT);

test.each([
  ['packed readings that are all before the rows', [1, 2, 3], [4, 5, 7]],
  ['packed readings that are all after the rows', [4, 5, 7], [1, 2, 3]],
  ['a row before all that is packed, which fills blocks', Array.from({ length: 2_500 }, (_, i) => i + 1), [0]],
  ['a row in the middle of a block', Array.from({ length: 2_500 }, (_, i) => 2 * i), [1_001]],
])('%s are told once each and in order', (_, ofStretches, ofRows) => {
  const at = (since: number) => MIDNIGHT + since;
  const both = together(packed(ofStretches.map(at)), readings(ofRows.map(at), 1));
  const sorted = [...ofStretches, ...ofRows].sort((a, b) => a - b);
  expect(timesOf(both)).toEqual(sorted);
  expect(timesOf(lastOf(both, 1))).toEqual(sorted.slice(-1));
  expect(timesOf(firstOf(both, 3))).toEqual(sorted.slice(0, 3));
});

test('a reading at midnight belongs to what begins there, and to nothing that ends there', () => {
  const around = [-1, 0, 1].map((since) => MIDNIGHT + since);
  expect(timesOf(packed(around))).toEqual([-1, 0, 1]);
  expect(timesOf(packed(around, { from: MIDNIGHT - 10, to: MIDNIGHT }))).toEqual([-1]);
  expect(timesOf(packed(around, { from: MIDNIGHT, to: MIDNIGHT + 1 }))).toEqual([0]);
});

test('wherever readings lie, those of an interval are the ones a list of them has', () => {
  const since = fc.integer({ min: -3_000, max: 3_000 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(since, fc.boolean()), { selector: ([at]) => at }),
      since,
      since,
      (all, a, b) => {
        const [from, to] = [MIDNIGHT + Math.min(a, b) * 60_000, MIDNIGHT + Math.max(a, b) * 60_000];
        const sorted = all
          .map(([at, isPacked]) => ({ at: MIDNIGHT + at * 60_000, isPacked }))
          .sort((x, y) => x.at - y.at);
        const inside = sorted.filter(({ at }) => at >= from && at < to);
        const timesWhere = (rows: typeof sorted, where: boolean) =>
          rows.filter(({ isPacked }) => isPacked === where).map(({ at }) => at);
        const both = together(packed(timesWhere(sorted, true), { from, to }), readings(timesWhere(inside, false), 1));
        expect(Array.from({ length: both.count }, (_, i) => [both.time[i], both.value[i]])).toEqual(
          inside.map(({ at, isPacked }) => [at, isPacked ? 2 : 1]),
        );
      },
    ),
    { numRuns: 100 },
  );
});
