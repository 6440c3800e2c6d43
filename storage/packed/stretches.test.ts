import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackStretch } from './packed-stretch.ts';
import { type PackedStretch, packStretches } from './stretches.ts';

const DAY_MS = 86_400_000;
const DAY = Date.parse('2026-11-22T00:00:00Z');
const dayOf = (time: number) => Math.floor(time / DAY_MS);

test('stretches hold every reading once and in order, none reaches over midnight, and each lies in its row', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 4_000, size: 'max' }),
      fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }),
      fc.integer({ min: 1, max: 1e6 }),
      (gaps, start, seed) => {
        let at = DAY + start;
        const time = Float64Array.from(gaps, (gap) => {
          at += gap;
          return at;
        });
        const value = Float64Array.from(gaps, (gap, i) => ((gap * seed + i) % 1_000) / 10);
        const stretches = packStretches(3, 1, { count: gaps.length, time, value });
        const all = stretches.map(({ key, packed, readings }) => {
          expect(packed.length).toBeLessThan(2_000);
          const unpacked = unpackStretch(key, packed);
          expect(unpacked.count).toBe(readings);
          expect(unpacked.time[0]).toBe(key.since);
          expect(dayOf(unpacked.time.at(-1) as number)).toBe(dayOf(key.since));
          return unpacked;
        });
        expect(all.flatMap((one) => [...one.time])).toEqual([...time]);
        expect(all.flatMap((one) => [...one.value])).toEqual([...value]);
      },
    ),
    { numRuns: 60 },
  );
});

test('a reading every 20 ms has more a day than a stretch may hold, and is packed', () => {
  const count = 1_000_000;
  const time = Float64Array.from({ length: count }, (_, i) => DAY + 3_600_000 + i * 20);
  const value = Float64Array.from({ length: count }, (_, i) => ((i * 7) % 31) / 10);
  const stretches = packStretches(3, 1, { count, time, value });
  expect(stretches.reduce((sum, { readings }) => sum + readings, 0)).toBe(count);
  expect(Math.max(...stretches.map(({ packed }) => packed.length))).toBeLessThan(2_000);
  const last = unpackStretch((stretches.at(-1) as PackedStretch).key, (stretches.at(-1) as PackedStretch).packed);
  expect(last.time.at(-1)).toBe(time.at(-1));
});

test('no readings make no stretch', () => {
  expect(packStretches(3, 1, { count: 0, time: new Float64Array(0), value: new Float64Array(0) })).toEqual([]);
});
