/**
 * CSV as it leaves the house (RFC 4180): one way for the page, the API and exports, so that no text from outside runs in
 * a spreadsheet.
 *
 * A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` (their full-width forms too), a tab or a carriage return
 * for a formula (OWASP, CSV Injection). Where semicolons part its cells (a German Excel), one may begin behind a semicolon
 * as well. Such text gets an apostrophe before it, which a spreadsheet takes for "this is text". Numbers stay numbers.
 */
const AT_THE_START = /^(?=[=+\-@＝＋－＠\t\r\n])/;
const BEHIND_A_SEPARATOR = /([;\t\r\n])(?=[=+\-@＝＋－＠])/g;

/** Text that no spreadsheet runs. */
export function inertText(text: string): string {
  return text.replace(AT_THE_START, "'").replace(BEHIND_A_SEPARATOR, "$1'");
}

/** The same of a text column, in SQL. @param column an expression of ours */
export function inertTextSql(column: string): string {
  const first = `regexp_replace(${column}, E'^(?=[=+@＝＋－＠\\t\\r\\n-])', '''')`;
  return `regexp_replace(${first}, E'([;\\t\\r\\n])(?=[=+@＝＋－＠-])', E'\\\\1''', 'g')`;
}

/** One line with its end; null is an empty cell. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = inertText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
