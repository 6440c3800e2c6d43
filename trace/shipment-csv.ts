import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { gtinOf, isSgtin, keysOf, parseEpc, serialOf, ssccOf } from '../codecs/epc/index.ts';
import { type Asn, InputError } from '../domain/index.ts';
import { invalidAsn, type Refusal, readAsn } from './asn.ts';

/** Columns of a shipment, said in its first row; later rows leave them empty or say the same. */
const SHIPMENT_COLUMNS = ['shipment', 'profile', 'origin', 'destination', 'departs', 'arrives', 'lane'] as const;
const ROW_COLUMNS = ['epc', 'parent', 'from', 'devices', 'name', 'lot', 'expiry', 'budgetUsed'] as const;
const COLUMNS: readonly string[] = [...SHIPMENT_COLUMNS, ...ROW_COLUMNS];
const NEEDED = ['shipment', 'profile', 'origin', 'destination', 'departs', 'arrives', 'epc'];

type Row = Readonly<Record<string, string>>;
interface Line {
  readonly line: number;
  readonly row: Row;
}

/**
 * Reads a shipment notice as CSV (RFC 4180, UTF-8): one row a serial or unit, the columns as docs/trace.md lists them,
 * in any order. It means what the same notice in JSON means.
 *
 * @throws {InputError} ASN_INVALID: what is wrong, each with its line and column; nothing of it is taken
 */
export function parseAsnCsv(text: string): Asn {
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined) throw refused(1, 'epc', '', 'a row for each serial and unit');
  const { body, lineOf, loose } = bodyOf(lines, first);
  const { asn, refusals: others } = readAsn(body);
  const named = others.map((refusal) => ({ ...refusal, path: lineOf(refusal.path) }));
  const refusals = [...contradictions(lines, first), ...loose.map(inNothing)];
  // What a unit takes over from its shipment is wrong once.
  for (const one of named) if (!refusals.some(({ path }) => path === one.path)) refusals.push(one);
  if (asn === null || refusals.length > 0) throw invalidAsn(refusals);
  return asn;
}

function linesOf(text: string): Line[] {
  let records: { record: Row; info: Info }[];
  try {
    records = parse(text, { bom: true, columns: checkedHeader, info: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    throw new InputError('ASN_INVALID', `shipment notice: line ${lines ?? 1}: ${message}`);
  }
  return records.map(({ record, info }) => ({ line: info.lines, row: record }));
}

function checkedHeader(header: readonly string[]): string[] {
  const odd = header.find((name) => !COLUMNS.includes(name));
  if (odd !== undefined) throw refused(1, odd, odd, `columns ${COLUMNS.join(', ')}`);
  const missing = NEEDED.find((name) => !header.includes(name));
  if (missing !== undefined) throw refused(1, missing, '', `a column ${missing}`);
  return [...header];
}

/** Rows that say something else of the shipment than the first. */
function contradictions(lines: readonly Line[], { row: first }: Line): Refusal[] {
  return lines.flatMap(({ line, row }) =>
    SHIPMENT_COLUMNS.filter((name) => (row[name] ?? '') !== '' && row[name] !== first[name]).map((name) => ({
      path: `line ${line}, ${name}`,
      given: JSON.stringify(row[name]),
      allowed: `one shipment a file: nothing, or ${JSON.stringify(first[name] ?? '')} as in the first row`,
    })),
  );
}

function inNothing({ line }: Line): Refusal {
  return { path: `line ${line}, parent`, given: 'nothing', allowed: 'the unit that the serial is in' };
}

/** The notice as JSON would have it, from which line each part of it comes, and serials that are in nothing. */
function bodyOf(
  lines: readonly Line[],
  first: Line,
): { body: unknown; lineOf: (path: string) => string; loose: readonly Line[] } {
  const sources = new Map<string, string>();
  const { shipment, profile, origin, destination, departs, arrives, lane } = first.row;
  const parents = new Set(lines.map(({ row }) => spelt(row.parent ?? '')));
  const isUnit = ({ row }: Line) => parents.has(spelt(row.epc ?? '')) || /^\d{18}$/.test(spelt(row.epc ?? ''));
  const units = lines.filter(isUnit);
  const listed = new Map(units.map(({ row }, index) => [spelt(row.epc ?? ''), index]));
  // Units that have no row of their own: of those in them, the first stands for them.
  const unlisted: Line[] = [];
  for (const { line, row } of lines) {
    const parent = row.parent ?? '';
    if (parent === '' || listed.has(spelt(parent))) continue;
    listed.set(spelt(parent), units.length + unlisted.length);
    unlisted.push({ line, row: { epc: parent } });
  }
  const children: object[][] = [...units, ...unlisted].map(() => []);
  const products = new Map<string, object>();
  const loose: Line[] = [];
  for (const one of lines) {
    const { line, row } = one;
    const unit = listed.get(spelt(row.parent ?? ''));
    if (unit !== undefined && (row.parent ?? '') !== '') {
      const path = `units[${unit}].children[${children[unit]?.length ?? 0}]`;
      sources.set(path, `line ${line}, epc`);
      for (const name of ['budgetUsed', 'lot', 'expiry']) sources.set(`${path}.${name}`, `line ${line}, ${name}`);
      children[unit]?.push(given({ epc: row.epc, budgetUsed: row.budgetUsed, lot: row.lot, expiry: row.expiry }));
    } else if (!isUnit(one)) loose.push(one);
    const gtin = gtinIn(row.epc ?? '');
    if (gtin === null || (row.name ?? '') === '') continue;
    const key = `products[${products.size}]`;
    const product = given({ gtin, name: row.name, lot: row.lot, expiry: row.expiry });
    if (products.has(JSON.stringify(product))) continue;
    products.set(JSON.stringify(product), product);
    for (const name of ['name', 'lot', 'expiry', 'gtin']) sources.set(`${key}.${name}`, `line ${line}, ${name}`);
  }
  for (const [index, { line, row }] of [...units, ...unlisted].entries()) {
    const from = (row.from ?? '') === '' ? `line ${first.line}, departs` : `line ${line}, from`;
    sources.set(`units[${index}].sscc`, `line ${line}, epc`);
    sources.set(`units[${index}].from`, from);
    sources.set(`units[${index}].devices`, `line ${line}, devices`);
  }
  const body = {
    ...given({ id: shipment, profile, origin, destination, departs, arrives, lane }),
    units: [...units, ...unlisted].map(({ row }, index) => ({
      sscc: row.epc,
      from: (row.from ?? '') === '' ? departs : row.from,
      devices: (row.devices ?? '').split(' ').filter((device) => device !== ''),
      children: children[index],
    })),
    products: [...products.values()],
  };
  const lineOf = (path: string) => {
    for (let part = path; part !== ''; part = part.replace(/(\.[^.[\]]+|\[\d+\])$|^[^.[\]]+$/, '')) {
      const source = sources.get(part);
      if (source !== undefined) return source;
    }
    return `line ${first.line}, ${path === 'id' ? 'shipment' : path}`;
  };
  return { body, lineOf, loose };
}

function gtinIn(epc: string): string | null {
  try {
    const keys = keysOf(epc);
    if (keys === null) return gtinOf(parseEpc(epc));
    return 'gtin' in keys ? keys.gtin : null;
  } catch (error) {
    // It is refused with its line when its turn comes.
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Equal for two forms of one EPC; what is none is refused with its line when its turn comes. */
function spelt(given: string): string {
  try {
    if (given === '') return '';
    const keys = keysOf(given);
    if (keys !== null) return 'gtin' in keys ? `${keys.gtin} ${keys.serial}` : keys.sscc;
    const epc = parseEpc(given);
    return ssccOf(epc) ?? (isSgtin(epc) ? `${gtinOf(epc) ?? ''} ${serialOf(epc) ?? ''}` : epc);
  } catch (error) {
    if (error instanceof InputError) return given;
    throw error;
  }
}

function given(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(fields).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return Object.fromEntries(entries);
}

function refused(line: number, column: string, value: string, allowed: string): InputError {
  const shown = value === '' ? 'nothing' : JSON.stringify(value);
  return invalidAsn([{ path: `line ${line}, ${column}`, given: shown, allowed }]);
}
