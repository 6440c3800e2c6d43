import { CsvError, type Info, parse } from 'csv-parse/sync';
import { InputError } from '../../domain/index.ts';

/** A row by the names of its columns; `line` is where it stands in the file. */
export type TableRow = Readonly<Record<string, string | number>>;

const MOST_ROWS = 200_000;
const MOST_COLUMNS = 500;

/**
 * A table with a header (RFC 4180; commas, semicolons, tabs or bars, as the header parts them), each row an object. Cells
 * stay texts: what a number is, the mapping says.
 * @throws {InputError} TABLE_INVALID with the line
 */
export function tableRows(text: string): readonly TableRow[] {
  const told = /^\uFEFF?sep=(.)\r?\n/i.exec(text);
  const body = told === null ? text : text.slice(told[0].length);
  const before = told === null ? 0 : 1;
  let rows: { readonly record: Readonly<Record<string, string>>; readonly info: Info }[];
  try {
    rows = parse(body, {
      ...{ bom: true, info: true, skip_empty_lines: true, skip_records_with_empty_values: true, trim: true },
      ...{ delimiter: told?.[1] ?? delimiterOf(body), columns: checkedHeader, to: MOST_ROWS + 1 },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as CsvError & { readonly lines?: number }).lines ?? 1) + before;
    throw new InputError('TABLE_INVALID', `line ${line}: ${error.message}`, { line });
  }
  if (rows.length === 0)
    throw new InputError('TABLE_INVALID', 'line 2: nothing given; allowed: a row for each line of a document');
  if (rows.length > MOST_ROWS)
    throw new InputError('TABLE_INVALID', `more than ${MOST_ROWS} rows given; part the file`);
  return rows.map(({ record, info }) => ({ ...record, line: info.lines + before }));
}

function delimiterOf(text: string): string {
  const [head = ''] = text.split(/\r?\n/, 1);
  const count = (one: string) => head.split(one).length;
  return [',', ';', '\t', '|'].toSorted((a, b) => count(b) - count(a))[0] ?? ',';
}

function checkedHeader(header: readonly string[]): string[] {
  const fail = (reason: string) => new InputError('TABLE_INVALID', `line 1: ${reason}`, { line: 1 });
  if (header.length > MOST_COLUMNS) throw fail(`${header.length} columns given; allowed: ${MOST_COLUMNS}`);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw fail(`the column ${JSON.stringify(twice)} stands twice; allowed: each once`);
  const odd = header.find((name) => name === '' || name === 'line' || name === '__proto__' || name.length > 200);
  if (odd !== undefined)
    throw fail(`a column ${JSON.stringify(odd.slice(0, 40))} given; allowed: a name, other than line`);
  return [...header];
}
