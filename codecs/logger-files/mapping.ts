import { z } from 'zod';
import { InputError, METRIC_NAMES } from '../../domain/index.ts';
import { isBlank, type Row, shownCell, textOf } from './cell.ts';
import { DATE_ORDERS } from './civil-time.ts';
import type { MeasuredTable, TimeColumns } from './columns.ts';
import { UNIT_NAMES, UNITS, unitLeftUnsaid } from './quantity.ts';
import { DELIMITERS } from './table.ts';

/** Counted from 1, as a person counts, or the name in the header. */
const column = z.union([z.int().min(1).max(1_000), z.string().trim().min(1).max(120)]);

/**
 * How a file is to be read that does not say it itself: which columns, which order of the date. A member that is absent is
 * found in the file.
 */
export const loggerFileMapping = z
  .strictObject({
    name: z.string().trim().min(1).max(80).optional().describe('under which it is kept for the next file'),
    delimiter: z.enum(DELIMITERS).optional(),
    header: z.int().min(1).max(500).optional().describe('the row that names the columns, counted from 1'),
    firstRow: z.int().min(1).max(500_000).optional().describe('the first row of measurements'),
    decimal: z.enum(['.', ',']).optional(),
    dateOrder: z.enum(DATE_ORDERS).optional().describe('of dates such as 04/05/2026'),
    unit: z.enum(UNIT_NAMES).optional().describe('of temperatures whose unit the file does not name'),
    time: z
      .union([column, z.tuple([column, column])])
      .optional()
      .describe('the column of the time, or those of the date and of the time of day'),
    columns: z
      .array(
        z.strictObject({
          column,
          metric: z.enum(METRIC_NAMES),
          unit: z.enum(UNIT_NAMES).optional(),
          probe: z.int().min(1).max(99).optional(),
        }),
      )
      .min(1)
      .max(50)
      .optional(),
  })
  .refine(({ time, columns }) => (time === undefined) === (columns === undefined), {
    path: ['columns'],
    message: 'expected both time and columns, or neither',
  });
export type LoggerFileMapping = z.output<typeof loggerFileMapping>;

/** @throws {InputError} LOGGER_FILE_MAPPING_BAD */
export function mappingFrom(given: unknown): LoggerFileMapping {
  const read = loggerFileMapping.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw bad(`${issue?.path.join('.') || 'the mapping'}: ${issue?.message ?? 'not as expected'}`);
}

/** @throws {InputError} LOGGER_FILE_MAPPING_BAD a column is named that the file has not */
export function mappedTable(rows: readonly Row[], mapping: LoggerFileMapping): MeasuredTable | null {
  const { time, columns, header: headerRow, firstRow, name } = mapping;
  if (time === undefined || columns === undefined) return null;
  const names = [time, ...columns.map((one) => one.column)].flat().filter((one) => typeof one === 'string');
  const header =
    rows.find(({ row }) => row === headerRow) ??
    rows.slice(0, 500).find(({ cells }) => {
      const there = new Set(cells.map((cell) => textOf(cell)));
      return names.length > 0 && names.every((one) => there.has(one));
    });
  if (names.length > 0 && header === undefined) {
    throw bad(`no row of the file names the columns ${names.join(', ')}`);
  }
  const place = (one: number | string): number => {
    if (typeof one === 'number') return one - 1;
    const at = header?.cells.findIndex((cell) => textOf(cell) === one) ?? -1;
    if (at < 0) throw bad(`there is no column ${shownCell(one)} in row ${header?.row ?? '?'}`);
    return at;
  };
  const start = firstRow ?? (header === undefined ? 1 : header.row + 1);
  const body = rows.filter(({ row }) => row >= start);
  const many = new Map<string, number>();
  for (const { metric } of columns) many.set(metric, (many.get(metric) ?? 0) + 1);
  const isOne = columns.every(({ probe }) => probe === undefined) && [...many.values()].every((count) => count === 1);
  const seen = new Map<string, number>();
  const timeColumns: TimeColumns = Array.isArray(time) ? [place(time[0]), place(time[1])] : [place(time)];
  return {
    layout: name === undefined ? 'mapping' : `mapping ${name}`,
    time: timeColumns,
    columns: columns.map(({ column: given, metric, unit, probe }) => {
      const nth = (seen.get(metric) ?? 0) + 1;
      seen.set(metric, nth);
      const inUnit = unit ?? (metric === 'temperature' ? (mapping.unit ?? null) : unitLeftUnsaid(metric));
      if (inUnit !== null && UNITS[inUnit].metric !== metric) throw bad(`${metric} is not measured in ${inUnit}`);
      return { column: place(given), metric, unit: inUnit, probe: isOne ? null : (probe ?? nth) };
    }),
    ...{ order: null, offset: null },
    width: Number.POSITIVE_INFINITY,
    header: header ?? { row: 0, cells: [] },
    rows: body,
    before: rows.filter((row) => row.row < start && !isBlank(row)),
  };
}

function bad(message: string): InputError {
  return new InputError('LOGGER_FILE_MAPPING_BAD', `mapping: ${message}`);
}
