/**
 * A list of texts as PostgreSQL writes an array of them (PostgreSQL 18, 8.15.2), for a parameter that is cast to `text[]`. The driver quotes
 * and escapes each element whatever stands in it, which for the EPCs of a notice took as long as working them out: most need neither.
 *
 * @param values texts without NUL; null is NULL
 */
export function textArray(values: readonly (string | null | undefined)[]): string {
  let text = '{';
  for (const [index, value] of values.entries()) {
    if (index > 0) text += ',';
    if (value === null || value === undefined) text += 'NULL';
    else text += BARE.test(value) && !/^null$/i.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  }
  return `${text}}`;
}

/** What means nothing else in an array. */
const BARE = /^[A-Za-z0-9_.:/%+*!-]+$/;

/** The same of numbers, for `bigint[]`, `integer[]` and `double precision[]`. @param values finite; null is NULL */
export function numberArray(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
