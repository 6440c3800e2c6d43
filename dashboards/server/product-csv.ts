import { type CsvError, type Info, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { gtin14 } from '../../codecs/epc/index.ts';
import { InputError, type ProductMaster } from '../../domain/index.ts';
import { productInput } from '../api/index.ts';

const COLUMNS = ['gtin', 'name', 'profile', 'budget', 'mktWindow', 'valueClass', 'thermalMass'] as const;
const NEEDED = ['gtin', 'name'] as const;
const MOST_ROWS = 5_000;
/** As many as an answer shows. */
const MOST_ERRORS = 50;

export type ProductRow = z.output<typeof productInput> & { readonly gtin: string };

type Cells = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/** As it is registered. */
export function productMasterOf({
  gtin,
  name,
  profile,
  stability,
  valueClass,
  thermalMass,
}: ProductRow): ProductMaster {
  const { budget = null, mktWindow = null } = stability;
  const stands = { budgetMs: budget, mktWindowMs: mktWindow };
  return { gtin, name, profile, stability: stands, valueClass, thermalMassMs: thermalMass };
}

interface RowError {
  readonly path: string;
  readonly message: string;
}

/**
 * Reads products as CSV (RFC 4180, UTF-8): a header with the columns `gtin`, `name` and, as wanted, `profile`, `budget`,
 * `mktWindow`, `valueClass`, `thermalMass`, in any order; parted by commas, semicolons or tabs, as spreadsheets of different countries
 * save it. All of it or nothing.
 *
 * @throws {InputError} BODY_INVALID: what is wrong, each with its line and column
 */
export function parseProductCsv(text: string): readonly ProductRow[] {
  const records = recordsOf(text);
  if (records.length === 0) throw refused([{ path: 'line 2', message: 'expected a row for each product' }]);
  if (records.length > MOST_ROWS) {
    const message = `expected at most ${MOST_ROWS} products in one file, given ${records.length}`;
    throw refused([{ path: `line ${MOST_ROWS + 2}`, message }]);
  }
  const errors: RowError[] = [];
  const lineOf = new Map<string, number>();
  const rows = records.flatMap(({ record, info: { lines } }) => {
    const read = rowOf(record);
    if ('errors' in read) {
      errors.push(...read.errors.map(({ path, message }) => ({ path: `line ${lines}, ${path}`, message })));
      return [];
    }
    const before = lineOf.get(read.gtin);
    if (before !== undefined) {
      errors.push({ path: `line ${lines}, gtin`, message: `${read.gtin} stands in line ${before} already` });
      return [];
    }
    lineOf.set(read.gtin, lines);
    return [read];
  });
  if (errors.length > 0) throw refused(errors);
  return rows;
}

function rowOf(cells: Cells): ProductRow | { readonly errors: readonly RowError[] } {
  const { gtin: given = '', name = '', profile, budget, mktWindow, valueClass, thermalMass } = cells;
  const errors: RowError[] = [];
  const gtin = gtinOf(given);
  if (typeof gtin !== 'string') errors.push(gtin);
  const stability = { ...(filled(budget) && { budget }), ...(filled(mktWindow) && { mktWindow }) };
  const body = productInput.safeParse({
    name,
    ...(filled(profile) && { profile }),
    ...{ stability },
    ...(filled(valueClass) && { valueClass: Number(valueClass) }),
    ...(filled(thermalMass) && { thermalMass }),
  });
  if (!body.success) {
    errors.push(...body.error.issues.map(({ path, message }) => ({ path: String(path.at(-1) ?? 'row'), message })));
  }
  return body.success && typeof gtin === 'string' ? { ...body.data, gtin } : { errors };
}

function filled(cell: string | undefined): boolean {
  return cell !== undefined && cell !== '';
}

/** A spreadsheet that took a GTIN for a number has lost its digits. */
function gtinOf(given: string): string | RowError {
  if (/^\d+([.,]\d+)?E\+?\d+$/i.test(given)) {
    const message = `given ${given}: a spreadsheet has rounded this number; save the column as text, with all digits`;
    return { path: 'gtin', message };
  }
  try {
    return gtin14(given);
  } catch (error) {
    if (error instanceof InputError) return { path: 'gtin', message: error.message };
    throw error;
  }
}

function recordsOf(text: string): { record: Cells; info: Info }[] {
  try {
    return parse(text, {
      ...{ bom: true, info: true, skip_empty_lines: true, skip_records_with_empty_values: true, trim: true },
      delimiter: separatorOf(text),
      columns: checkedHeader,
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    throw refused([{ path: `line ${lines ?? 1}`, message }]);
  }
}

/** What the header uses most. */
function separatorOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const count = (separator: string) => header.split(separator).length;
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ',';
}

function checkedHeader(header: readonly string[]): string[] {
  const names = header.map((name) => COLUMNS.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name);
  const odd = names.find((name, index) => !isColumn(name) || names.indexOf(name) !== index);
  if (odd !== undefined) {
    throw refused([{ path: `line 1, ${odd}`, message: `expected the columns ${COLUMNS.join(', ')}, each once` }]);
  }
  const missing = NEEDED.find((name) => !names.includes(name));
  if (missing !== undefined) throw refused([{ path: 'line 1', message: `expected a column ${missing}` }]);
  return names;
}

function isColumn(name: string): boolean {
  return COLUMNS.some((known) => known === name);
}

function refused(errors: readonly RowError[]): InputError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new InputError('BODY_INVALID', `products: ${first?.path}: ${first?.message}${more}`, {
    errors: errors.slice(0, MOST_ERRORS),
  });
}
