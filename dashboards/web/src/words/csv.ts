import { csvLine } from '../../../../domain/index.ts';
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
  return [COLUMNS, ...serials.map((serial) => COLUMNS.map((column) => serial[column]))].map(csvLine).join('');
}
