import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyReadings } from '../../domain/index.ts';
import { joinLate } from './late-readings.ts';

type Row = readonly [time: number, value: number];

function columns(rows: readonly Row[]): KeyReadings {
  return {
    count: rows.length,
    time: Float64Array.from(rows, ([time]) => time),
    value: Float64Array.from(rows, ([, value]) => value),
  };
}

/** One after another into a map: slow and plain. */
function reference(kept: readonly Row[], late: readonly Row[]) {
  const stored = new Map(kept);
  const refused: { index: number; kept: number }[] = [];
  for (const [index, [time, value]] of late.entries()) {
    const there = stored.get(time);
    if (there === undefined) stored.set(time, value);
    else if (!(there === value || (Number.isNaN(there) && Number.isNaN(value)))) refused.push({ index, kept: there });
  }
  return { rows: [...stored].sort(([a], [b]) => a - b), added: stored.size - kept.length, refused };
}

const row = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(1, 2, 0, -0, Number.NaN));

test('of one time the first in the log stays, whatever the order of the others', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(row, { selector: ([time]) => time, maxLength: 20 }),
      fc.array(row, { maxLength: 30 }),
      (some, late) => {
        const kept = some.toSorted(([a], [b]) => a - b);
        const joined = joinLate(columns(kept), columns(late));
        const { count, time, value } = joined.readings;
        const expected = reference(kept, late);
        expect(Array.from({ length: count }, (_, i) => [time[i], value[i]])).toEqual(expected.rows);
        expect({ added: joined.added, refused: joined.refused }).toEqual({
          added: expected.added,
          refused: expected.refused,
        });
      },
    ),
    { numRuns: 1_000 },
  );
});
