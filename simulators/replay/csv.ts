import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { InputError } from '../../domain/index.ts';

/** A row of a CSV file by column, with the line it stands on. */
export interface CsvRow {
  readonly line: number;
  /** The field under a column, trimmed; null where the file has no such column or the field is empty. */
  get(column: string): string | null;
}

export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Parses text separated by commas, semicolons or tabs, whichever its header line has most of (RFC 4180: fields may be quoted, `""` is a quote).
 *
 * @param aliases names that other programs give to our columns; names are compared without case, spaces, `_` and `-`
 * @throws {InputError} REPLAY_FILE_BAD with file and line
 */
export function parseCsv(text: string, file: string, aliases: Readonly<Record<string, string>>): Csv {
  const [header, ...records] = recordsOf(text, file);
  const columns = (header?.record ?? []).map((name) => {
    const plain = name.toLowerCase().replace(/[\s_-]/g, '');
    return aliases[plain] ?? plain;
  });
  const rows = records.map(({ record, info: { lines } }): CsvRow => {
    if (record.length > columns.length) {
      throw bad(file, lines, `${record.length} fields, the header names ${columns.length}`);
    }
    const get = (column: string) => {
      const field = record[columns.indexOf(column)] ?? '';
      return field === '' ? null : field;
    };
    return { line: lines, get };
  });
  return { columns, rows };
}

function delimiterOf(header: string): string {
  const names = header.replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: names.split(delimiter).length }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).delimiter;
}

/** Fields with the line their record ends on. @throws {InputError} REPLAY_FILE_BAD */
function recordsOf(text: string, file: string): { readonly record: readonly string[]; readonly info: Info }[] {
  // Excel's own first line, which says what separates; it counts as a line.
  const separator = /^\uFEFF?"?sep=(.)"?\r?\n/i.exec(text);
  const body = separator === null ? text : text.slice(separator[0].length);
  const above = separator === null ? 0 : 1;
  const header = body.split(/[\r\n]/, 1)[0] ?? '';
  try {
    const records: unknown = parse(body, {
      ...{ bom: true, info: true, trim: true, skip_empty_lines: true, skip_records_with_empty_values: true },
      ...{
        relax_column_count: true,
        comment: '#',
        comment_no_infix: true,
        delimiter: separator?.[1] ?? delimiterOf(header),
      },
    });
    // With `info` each record comes with where it stands; the library's types say so only for records by column.
    const placed = records as { readonly record: readonly string[]; readonly info: Info }[];
    return placed.map(({ record, info }) => ({ record, info: { ...info, lines: info.lines + above } }));
  } catch (error) {
    const { message, lines, code } = error as CsvError & { lines?: number };
    const isOpen = code === 'CSV_QUOTE_NOT_CLOSED';
    throw bad(file, (lines ?? 1) + above, isOpen ? 'a quoted field is not closed' : message);
  }
}

/**
 * RFC 3339 with a zone, or seconds, milliseconds or microseconds since 1970 (told apart by their size).
 * @returns epoch ms UTC, floored
 */
export function timeIn(text: string | null, file: string, line: number): number {
  const value = text === null ? Number.NaN : momentOf(text);
  if (!Number.isFinite(value)) {
    throw bad(
      file,
      line,
      `time: given "${text ?? ''}", allowed: RFC 3339 with a zone, or seconds, ms or µs since 1970`,
    );
  }
  return Math.floor(value);
}

export function bad(file: string, line: number, what: string): InputError {
  return new InputError('REPLAY_FILE_BAD', `${file}:${line}: ${what}`, { file, line });
}

/** A decimal comma, as ISO 8601 allows and spreadsheets write, is a point. */
function momentOf(text: string): number {
  const plain = text.replace(/,(?=\d+(Z|[+-]\d\d:?\d\d)?$)/i, '.');
  return /^\d+(\.\d+)?$/.test(plain) ? epochMs(Number(plain)) : dated(plain);
}

function epochMs(value: number): number {
  if (value < 1e11) return value * 1_000;
  return value < 1e14 ? value : value / 1_000;
}

function dated(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)\D/.exec(text) ?? [];
  // Date.parse makes the 31st of November the 1st of December.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isDay && /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
}
