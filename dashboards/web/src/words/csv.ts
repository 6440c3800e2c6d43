import type { AffectedSerialView } from '../../../api/index.ts';

const COLUMNS = [
  'epc',
  'gtin',
  'serial',
  'lot',
  'expiry',
  'unit',
  'from',
  'to',
  'minutesOutOfRange',
  'min',
  'max',
  'mkt',
] as const satisfies readonly (keyof AffectedSerialView)[];

/** RFC 4180, with a header; times RFC 3339 UTC. */
export function csvOf(serials: readonly AffectedSerialView[]): string {
  const lines = serials.map((serial) => COLUMNS.map((column) => cell(serial[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run what begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
