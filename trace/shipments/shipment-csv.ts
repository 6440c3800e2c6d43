import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { gtinOf, isSgtin, keysOf, type ParseOptions, parseEpc, serialOf, ssccOf } from '../../codecs/epc/index.ts';
import { type Asn, InputError } from '../../domain/index.ts';
import { invalidAsn, type Refusal, readAsn } from './asn.ts';
import { spreadsheetHarm, spreadsheetHarmToEpc } from './spreadsheet-harm.ts';

/** Columns of a shipment, said in its first row; later rows leave them empty or say the same. */
const SHIPMENT_COLUMNS = [
  'shipment',
  'profile',
  'origin',
  'destination',
  'departs',
  'arrives',
  'lane',
  'carrier',
] as const;
const ROW_COLUMNS = ['epc', 'parent', 'from', 'devices', 'name', 'lot', 'expiry', 'budgetUsed'] as const;
const COLUMNS: readonly string[] = [...SHIPMENT_COLUMNS, ...ROW_COLUMNS];
/** Codes, which a spreadsheet must not take for numbers. */
const CODES = [
  ['epc', spreadsheetHarmToEpc],
  ['parent', spreadsheetHarmToEpc],
  ['lot', spreadsheetHarm],
] as const;
const NEEDED = ['shipment', 'profile', 'origin', 'destination', 'departs', 'arrives', 'epc'];

type Row = Readonly<Record<string, string>>;
interface Line {
  readonly line: number;
  readonly row: Row;
}

/**
 * Reads a shipment notice as CSV (RFC 4180, UTF-8; commas, or the semicolons or tabs that spreadsheets write): one row a
 * serial or unit, the columns as docs/trace.md lists them, in any order. It means what the same notice in JSON means.
 *
 * @returns the notice, or what is wrong, each with its line and column
 * @throws {InputError} ASN_INVALID where it is no table of these columns at all
 */
export function readAsnCsv(
  text: string,
  options: ParseOptions = {},
): { readonly asn: Asn | null; readonly refusals: readonly Refusal[] } {
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined) throw refused(1, 'epc', '', 'a row for each serial and unit');
  const { body, lineOf, loose } = bodyOf(lines, first);
  const { asn, refusals: others } = readAsn(body, options);
  const named = others.map((refusal) => ({ ...refusal, path: lineOf(refusal.path) }));
  const refusals = [...harmed(lines), ...contradictions(lines, first), ...loose.map(inNothing)];
  // What a unit takes over from its shipment is wrong once.
  for (const one of named) if (!refusals.some(({ path }) => path === one.path)) refusals.push(one);
  return { asn: refusals.length === 0 ? asn : null, refusals };
}

/** As {@link readAsnCsv}. @throws {InputError} ASN_INVALID: nothing of it is taken */
export function parseAsnCsv(text: string, options: ParseOptions = {}): Asn {
  const { asn, refusals } = readAsnCsv(text, options);
  if (asn === null) throw invalidAsn(refusals);
  return asn;
}

function linesOf(text: string): Line[] {
  let records: { record: Row; info: Info }[];
  try {
    // What Excel writes and reads before the names of the columns: `sep=;`.
    const named = /^\uFEFF?"?sep=([,;\t])"?\r?\n/i.exec(text)?.[1];
    records = parse(text, {
      bom: true,
      delimiter: named ?? delimiterOf(text),
      from_line: named === undefined ? 1 : 2,
      columns: checkedHeader,
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, lines } = error as CsvError & { lines?: number };
    throw new InputError('ASN_INVALID', `shipment notice: line ${lines ?? 1}: ${message}`);
  }
  return records.map(({ record, info }) => ({ line: info.lines, row: record }));
}

/** What stands between the names of the first row. No name holds one of them. */
function delimiterOf(text: string): string {
  const [head = ''] = text.split(/\r?\n/, 1);
  const counts = [',', ';', '\t'].map((one) => ({ one, count: head.split(one).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

/** In any case, as spreadsheets capitalise. */
function checkedHeader(given: readonly string[]): string[] {
  const header = given.map((name) => COLUMNS.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name);
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) < index);
  if (twice !== undefined) throw refused(1, twice, `${twice} twice`, 'each column once: which of the two is meant?');
  const odd = header.find((name) => !COLUMNS.includes(name));
  if (odd === '') {
    const column = `column ${header.indexOf('') + 1}`;
    throw refused(1, column, '', 'a name for each column, and no separator behind the last');
  }
  if (odd !== undefined) throw refused(1, odd, odd, `columns ${COLUMNS.join(', ')}`);
  const missing = NEEDED.find((name) => !header.includes(name));
  if (missing !== undefined) throw refused(1, missing, '', `a column ${missing}`);
  return header;
}

/** Codes that a spreadsheet has changed, told as that: what stands there now may be the code of something else. */
function harmed(lines: readonly Line[]): Refusal[] {
  return lines.flatMap(({ line, row }) =>
    CODES.flatMap(([name, harmOf]): Refusal[] => {
      const value = row[name] ?? '';
      const harm = harmOf(value);
      if (harm === null) return [];
      const allowed = `the code as text: it ${harm}; set the column to Text and fill it again, or write it as a URI (urn:epc:id:…)`;
      return [{ path: `line ${line}, ${name}`, given: JSON.stringify(value), allowed }];
    }),
  );
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

/** A row with its EPC and its parent's in a spelling that is equal for all forms of one. */
interface Item extends Line {
  readonly epc: string;
  readonly parent: string;
}

/** The notice as JSON would have it, from which line each part of it comes, and serials that are in nothing. */
function bodyOf(
  lines: readonly Line[],
  first: Line,
): { body: unknown; lineOf: (path: string) => string; loose: readonly Line[] } {
  const items = lines.map((line): Item => {
    return { ...line, epc: spelt(line.row.epc ?? ''), parent: spelt(line.row.parent ?? '') };
  });
  const units = unitsOf(items);
  const children = Map.groupBy(
    items.filter(({ parent }) => parent !== ''),
    ({ parent }) => parent,
  );
  const isUnit = new Set(units.map(({ epc }) => epc));
  const products = productsOf(items);
  const { shipment, profile, origin, destination, departs, arrives, lane, carrier } = first.row;
  const body = {
    ...given({ id: shipment, profile, origin, destination, departs, arrives, lane, carrier }),
    units: units.map(({ epc, row }) => ({
      sscc: row.epc,
      from: (row.from ?? '') === '' ? departs : row.from,
      devices: (row.devices ?? '').split(' ').filter((device) => device !== ''),
      children: (children.get(epc) ?? []).map((child) => childOf(child.row)),
    })),
    products: products.map(({ product }) => product),
  };
  return { body, lineOf, loose: items.filter(({ epc, parent }) => parent === '' && !isUnit.has(epc)) };

  /** Of a part of the body: `units[0].children[3].lot`. */
  function lineOf(path: string): string {
    const [, list, index = '', rest = ''] = /^(units|products)\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    if (list === 'products') return `line ${products[Number(index)]?.line ?? first.line}, ${rest}`;
    const unit = units[Number(index)];
    if (list === undefined || unit === undefined) return `line ${first.line}, ${path === 'id' ? 'shipment' : path}`;
    const [, at, field = 'epc'] = /^children\[(\d+)\](?:\.(.*))?$/.exec(rest) ?? [];
    if (at !== undefined) return `line ${children.get(unit.epc)?.[Number(at)]?.line ?? unit.line}, ${field}`;
    if (rest === 'from' && (unit.row.from ?? '') === '') return `line ${first.line}, departs`;
    return `line ${unit.line}, ${rest.startsWith('devices') ? 'devices' : rest === 'sscc' ? 'epc' : rest}`;
  }
}

/** What others are in, and SSCCs. Units without a row of their own come last: of those in them, the first stands for them. */
function unitsOf(items: readonly Item[]): Item[] {
  const parents = new Set(items.map(({ parent }) => parent));
  const units = items.filter(({ epc }) => parents.has(epc) || /^\d{18}$/.test(epc));
  const known = new Set(units.map(({ epc }) => epc));
  for (const { line, row, parent } of items) {
    if (parent === '' || known.has(parent)) continue;
    known.add(parent);
    units.push({ line, row: { epc: row.parent ?? '' }, epc: parent, parent: '' });
  }
  return units;
}

/** What a child brings of its own, alone as a text where that is nothing. */
function childOf({ epc, budgetUsed, lot, expiry }: Row): unknown {
  const own = given({ budgetUsed, lot, expiry });
  return Object.keys(own).length === 0 ? (epc ?? '') : { epc: epc ?? '', ...own };
}

function productsOf(items: readonly Item[]): { readonly line: number; readonly product: object }[] {
  const products = new Map<string, { line: number; product: object }>();
  for (const { line, row } of items) {
    const { name = '', lot, expiry } = row;
    const gtin = name === '' ? null : gtinIn(row.epc ?? '');
    const key = `${gtin}|${name}|${lot}|${expiry}`;
    if (gtin !== null && !products.has(key)) products.set(key, { line, product: given({ gtin, name, lot, expiry }) });
  }
  return [...products.values()];
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
