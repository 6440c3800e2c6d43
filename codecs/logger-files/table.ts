import { CsvError, type Info, parse } from 'csv-parse/sync';
import { InputError } from '../../domain/index.ts';
import type { Row } from './cell.ts';

/** Rows of one file at most: a logger that measures each ten seconds fills a quarter of it in two weeks. */
export const MOST_ROWS = 500_000;

/** What parts the cells of a text. `blanks`: two blanks or more, as columns set in a fixed width leave them. */
export const DELIMITERS = ['\t', ';', ',', '|', 'blanks'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** `sep=;`: how Excel is told what parts the cells. */
const SEPARATOR_LINE = /^sep=(.)\r?\n/i;

/** The delimiters worth trying, the likeliest first. */
export function delimitersOf(text: string): readonly Delimiter[] {
  const told = SEPARATOR_LINE.exec(text)?.[1];
  const known = DELIMITERS.find((delimiter) => delimiter === told);
  return known === undefined ? DELIMITERS : [known];
}

/** Lines that show what parts the cells of a text. */
const HEAD_LINES = 600;

/** The first lines of a text. */
export function headOf(text: string): string {
  let end = -1;
  for (let line = 0; line < HEAD_LINES; line++) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return text;
  }
  return text.slice(0, end + 1);
}

/**
 * A text in rows and cells.
 * @throws {InputError} LOGGER_FILE_TOO_LONG
 */
export function rowsOf(text: string, delimiter: Delimiter): Row[] {
  const rows = delimiter === 'blanks' ? byBlanks(text) : byDelimiter(text, delimiter);
  if (rows.length > MOST_ROWS) throw tooLong(rows.length);
  return rows;
}

export function tooLong(rows: number): InputError {
  return new InputError('LOGGER_FILE_TOO_LONG', `the file has ${rows} rows; allowed: ${MOST_ROWS}`);
}

function byBlanks(text: string): Row[] {
  return text.split(/\r\n|\n|\r/).map((line, i) => ({ row: i + 1, cells: line.trim().split(/\t+|\s{2,}/) }));
}

function byDelimiter(text: string, delimiter: string): Row[] {
  const parsed = (isQuoted: boolean) =>
    parse(text, {
      ...{ delimiter, bom: true, info: true, skip_empty_lines: false },
      ...{ relax_column_count: true, relax_quotes: true, quote: isQuoted ? '"' : null },
    }) as unknown as { readonly record: readonly string[]; readonly info: Info }[];
  try {
    return rowsFrom(parsed(true));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A quote that is never closed: then quotes mean nothing here.
    return rowsFrom(parsed(false)).map(({ row, cells }) => ({
      row,
      cells: cells.map((cell) => String(cell).replace(/^"|"$/g, '')),
    }));
  }
}

function rowsFrom(records: readonly { readonly record: readonly string[]; readonly info: Info }[]): Row[] {
  return records.map(({ record, info: { lines } }) => ({ row: lines, cells: record }));
}
