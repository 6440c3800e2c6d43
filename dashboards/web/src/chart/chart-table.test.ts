import { expect, test } from 'vitest';
import { loneRows, tableOf } from './chart-table.ts';

const every5Minutes = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i * 300);
const rowsOf = (lines: Parameters<typeof tableOf>[0]): (number | null | undefined)[][] =>
  tableOf(lines).map((column) => Array.from<number | null | undefined>(column));
const line = (time: readonly number[]) => ({ time, value: time.map(() => 5), min: null, max: null });

test('a silence breaks the line', () => {
  const [times, values] = rowsOf([{ label: 'a', series: line([...every5Minutes(6), ...every5Minutes(6, 10_000)]) }]);
  expect(times).toHaveLength(13);
  expect(values?.filter((value) => value === null)).toHaveLength(1);
});

test('each line of buckets brings its lowest and highest, also beside others', () => {
  const time = every5Minutes(5);
  const buckets = { time, value: [5, 5, 5, 5, 5], min: [4, 4, 1, 4, 4], max: [6, 6, 6, 9, 6] };
  const table = rowsOf([
    { label: 'raw', series: line(time) },
    { label: 'buckets', series: buckets },
  ]);
  expect(table).toEqual([time, line(time).value, buckets.value, buckets.min, buckets.max]);
});

test('a silence of one logger is not bridged across the readings of another', () => {
  const gappy = line([...every5Minutes(6), ...every5Minutes(6, 12_000)]);
  const steady = line(every5Minutes(60, 7));
  const [times, first, second] = rowsOf([
    { label: 'gappy', series: gappy },
    { label: 'steady', series: steady },
  ]);
  const within = (times ?? []).flatMap((at, row) => (at != null && at > 1_500 && at < 12_000 ? [first?.[row]] : []));
  expect(within.length).toBeGreaterThan(20);
  expect(within.every((value) => value === null)).toBe(true);
  expect(second?.includes(null)).toBe(false);
});

// Drawn as a line alone such a reading was not there at all, and a chart of one was empty.
test('a reading with a silence on both sides is found, so that it is seen', () => {
  expect(loneRows([5])).toEqual([0]);
  expect(loneRows([5, 5, 5])).toEqual([]);
  expect(loneRows([])).toEqual([]);
  const [, values] = rowsOf([{ label: 'a', series: line([...every5Minutes(6), 10_000, ...every5Minutes(6, 20_000)]) }]);
  expect(loneRows(values ?? [])).toEqual([7]);
  // Beside another line: what lies between is that one's time, no silence.
  const [times, gappy, steady] = rowsOf([
    { label: 'gappy', series: line([...every5Minutes(6), 10_000, ...every5Minutes(6, 20_000)]) },
    { label: 'steady', series: line(every5Minutes(90, 7)) },
  ]);
  expect(loneRows(gappy ?? []).map((row) => times?.[row])).toEqual([10_000]);
  expect(loneRows(steady ?? [])).toEqual([]);
});
