import uPlot from 'uplot';
import type { Series } from '../queries.ts';
import { silenceAfter } from './silence.ts';

export interface ChartLine {
  readonly label: string;
  readonly series: Series;
  /** Which of the colours for lines; absent: by its place among the lines. */
  readonly colour?: number;
}

/** Whether a line is of buckets, with the lowest and highest reading of each. */
export function isSpanned({ series }: ChartLine): boolean {
  return series.min !== null && series.max !== null;
}

/**
 * Lines as uPlot's aligned columns: the values of each, then the minimum and the maximum of each that has them. Where a
 * line is silent for much longer than its usual step, a null breaks it: nothing is known there.
 */
export function tableOf(lines: readonly ChartLine[]): uPlot.AlignedData {
  const [only] = lines;
  if (only === undefined) return [[]];
  if (lines.length === 1) return columnsOf(only.series);
  const spans = lines
    .filter(isSpanned)
    .flatMap(({ label, series }) =>
      [series.min, series.max].map((value) => ({ label, series: { ...series, value: value ?? [] } })),
    );
  const all = [...lines, ...spans];
  return brokenBySilence(uPlot.join(all.map(({ series }) => columnsOf({ ...series, min: null, max: null }))), all);
}

function columnsOf({ time, value, min, max }: Series): uPlot.AlignedData {
  const times: number[] = [];
  const columns: (number | null)[][] = [[], ...(min === null || max === null ? [] : [[], []])];
  const silence = silenceAfter(time);
  for (const [row, at] of time.entries()) {
    const before = time[row - 1];
    if (before !== undefined && at - before > silence) {
      times.push((before + at) / 2);
      for (const column of columns) column.push(null);
    }
    times.push(at);
    columns[0]?.push(value[row] ?? null);
    columns[1]?.push(min?.[row] ?? null);
    columns[2]?.push(max?.[row] ?? null);
  }
  return [times, ...columns];
}

/**
 * Rows with a silence on both sides, or with nothing: no line leads to such a reading, it is drawn as a dot or not at all.
 *
 * @param column null: silent; undefined: another line's time
 */
export function loneRows(column: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  let isAfterSilence = true;
  let lone: number | null = null;
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    if (value === undefined) continue;
    if (value === null) {
      if (lone !== null) found.push(lone);
      lone = null;
      isAfterSilence = true;
    } else {
      lone = isAfterSilence ? row : null;
      isAfterSilence = false;
    }
  }
  if (lone !== null) found.push(lone);
  return found;
}

/** Joined lines have each other's times: all of those within a silence are null, or the line would lead across. */
function brokenBySilence(table: uPlot.AlignedData, lines: readonly ChartLine[]): uPlot.AlignedData {
  const [times, ...columns] = table;
  const broken = columns.map((column, index) => {
    const own = lines[index]?.series.time ?? [];
    const silence = silenceAfter(own);
    const values = [...column];
    let next = 0;
    for (let row = 0; row < values.length; row++) {
      const at = times[row] ?? 0;
      while ((own[next] ?? Number.POSITIVE_INFINITY) < at) next++;
      const before = own[next - 1];
      const after = own[next];
      if (before !== undefined && after !== undefined && after > at && after - before > silence) values[row] = null;
    }
    return values;
  });
  return [times, ...broken];
}
