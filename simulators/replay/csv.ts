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
 * Parses comma- or semicolon-separated text with a header line (RFC 4180: fields may be quoted, `""` is a quote).
 *
 * @param aliases names that other programs give to our columns; names are compared without case, spaces, `_` and `-`
 * @throws {InputError} REPLAY_FILE_BAD with file and line
 */
export function parseCsv(text: string, file: string, aliases: Readonly<Record<string, string>>): Csv {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = lines[0] ?? '';
  const separator = header.includes(',') ? ',' : ';';
  const columns = fieldsOf(header, separator, file, 1).map((name) => {
    const plain = name.toLowerCase().replace(/[\s_-]/g, '');
    return aliases[plain] ?? plain;
  });
  const rows: CsvRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line.startsWith('#')) continue;
    const fields = fieldsOf(line, separator, file, index + 1);
    if (fields.length > columns.length) {
      throw bad(file, index + 1, `${fields.length} fields, the header names ${columns.length}`);
    }
    rows.push({
      line: index + 1,
      get: (column) => {
        const field = fields[columns.indexOf(column)]?.trim() ?? '';
        return field === '' ? null : field;
      },
    });
  }
  return { columns, rows };
}

/**
 * RFC 3339 with a zone, or seconds, milliseconds or microseconds since 1970 (told apart by their size).
 * @returns epoch ms UTC, floored
 */
export function timeIn(text: string | null, file: string, line: number): number {
  const value = text === null ? Number.NaN : /^\d+(\.\d+)?$/.test(text) ? epochMs(Number(text)) : dated(text);
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

function epochMs(value: number): number {
  if (value < 1e11) return value * 1_000;
  return value < 1e14 ? value : value / 1_000;
}

function dated(text: string): number {
  return /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
}

function fieldsOf(line: string, separator: string, file: string, number: number): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const end = line.indexOf(separator, at);
      fields.push(line.slice(at, end < 0 ? undefined : end));
      if (end < 0) return fields;
      at = end + 1;
      continue;
    }
    let field = '';
    for (at++; ; at++) {
      const quote = line.indexOf('"', at);
      if (quote < 0) throw bad(file, number, 'a quoted field is not closed on its line');
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
    }
    fields.push(field);
    if (at >= line.length) return fields;
    if (line[at] !== separator) throw bad(file, number, 'text follows a quoted field');
    at++;
  }
}
