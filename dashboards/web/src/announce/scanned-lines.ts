import {
  calendarDate,
  elementsIn,
  formOf,
  gtin14,
  gtinOf,
  isSgtin,
  isSscc,
  keysOf,
  parseEpc,
  serialOf,
  ssccOf,
} from '../../../../codecs/epc/index.ts';
import { InputError } from '../../../../domain/index.ts';
import { say } from '../text/say.ts';

/** What one line says, judged as the API judges it. */
export type Line =
  | { readonly kind: 'unit'; readonly code: string; readonly sscc: string; readonly isPrefixSaid: boolean }
  | {
      readonly kind: 'serial';
      /** As it is sent. */
      readonly code: string;
      readonly gtin: string;
      readonly serial: string;
      readonly lot: string | null;
      readonly expiry: string | null;
      readonly isPrefixSaid: boolean;
    }
  | { readonly kind: 'device'; readonly device: string }
  | { readonly kind: 'fault'; readonly message: string };

type Serial = Extract<Line, { kind: 'serial' }>;

export interface ScannedUnit {
  readonly code: string;
  readonly sscc: string;
  /** Of its line, from 1. */
  readonly line: number;
  readonly devices: readonly string[];
  readonly serials: readonly (Serial & { readonly line: number })[];
}

export interface LineFault {
  readonly line: number;
  readonly given: string;
  readonly message: string;
}

export interface Scanned {
  readonly units: readonly ScannedUnit[];
  readonly faults: readonly LineFault[];
  /** Of lines that do not say where the company prefix ends. */
  readonly withoutPrefix: number;
}

/** What lines say, kept: of a list of thousands only the line that is typed is judged again. */
const judged = new Map<string, Line>();
const MOST_KEPT = 50_000;

/**
 * Reads a list as it is scanned or pasted, one code a line: an SSCC begins a unit, what follows is in it, and the id of
 * a known logger puts that on the unit. A line of a spreadsheet is GTIN, serial, lot and expiry, a tab between.
 *
 * @param devices ids of registered devices
 */
export function readLines(text: string, devices: ReadonlySet<string>): Scanned {
  const units: {
    code: string;
    sscc: string;
    line: number;
    devices: string[];
    serials: ScannedUnit['serials'][number][];
  }[] = [];
  const faults: LineFault[] = [];
  const seen = new Map<string, number>();
  let withoutPrefix = 0;
  for (const [index, raw] of text.split(/\r\n|[\r\n]/).entries()) {
    const given = raw.trim();
    if (given === '') continue;
    const line = index + 1;
    const fault = (message: string) => faults.push({ line, given, message });
    const said = devices.has(given) ? ({ kind: 'device', device: given } as const) : judge(given);
    if (said.kind === 'fault') {
      fault(said.message);
      continue;
    }
    if (said.kind !== 'device' && !said.isPrefixSaid) withoutPrefix++;
    const key = keyOf(said);
    const before = seen.get(key);
    const unit = units.at(-1);
    if (said.kind === 'unit' && unit?.sscc === said.sscc) continue;
    if (before !== undefined) fault(say('announce.line.twice', { line: before }));
    else if (said.kind === 'unit') units.push({ code: said.code, sscc: said.sscc, line, devices: [], serials: [] });
    else if (unit === undefined) fault(say('announce.line.noUnit'));
    else if (said.kind === 'device') unit.devices.push(said.device);
    else unit.serials.push({ ...said, line });
    if (before === undefined) seen.set(key, line);
  }
  return { units, faults, withoutPrefix };
}

function keyOf(line: Exclude<Line, { kind: 'fault' }>): string {
  if (line.kind === 'device') return `device ${line.device}`;
  return line.kind === 'unit' ? line.sscc : `${line.gtin} ${line.serial}`;
}

/** @param given without space around it */
export function judge(given: string): Line {
  const known = judged.get(given);
  if (known !== undefined) return known;
  let line: Line;
  try {
    line = given.includes('\t') ? ofCells(given) : ofCode(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    line = { kind: 'fault', message: error.message };
  }
  if (judged.size >= MOST_KEPT) judged.clear();
  judged.set(given, line);
  return line;
}

/** @throws {InputError} EPC_* */
function ofCode(code: string): Line {
  const keys = keysOf(code);
  if (keys !== null) {
    if ('sscc' in keys) return { kind: 'unit', code, sscc: keys.sscc, isPrefixSaid: false };
    const elements = elementsIn(code);
    const value = (ai: string) => elements.find((element) => element.ai === ai)?.value;
    const expiry = value('17');
    return {
      ...{ kind: 'serial', code, gtin: keys.gtin, serial: keys.serial, isPrefixSaid: false },
      lot: value('10') ?? null,
      expiry: expiry === undefined ? null : calendarDate(expiry, new Date().getFullYear()),
    };
  }
  // Element strings of another key: not of the company prefix that is missing, but of what they name.
  if (formOf(code) === 'element string' || formOf(code) === 'scan' || formOf(code) === 'Digital Link') return neither();
  const epc = parseEpc(code);
  if (isSscc(epc)) return { kind: 'unit', code, sscc: ssccOf(epc) ?? epc, isPrefixSaid: true };
  if (!isSgtin(epc)) return neither();
  const of = { gtin: gtinOf(epc) ?? '', serial: serialOf(epc) ?? '', lot: null, expiry: null };
  return { kind: 'serial', code, ...of, isPrefixSaid: true };
}

function neither(): Line {
  return { kind: 'fault', message: say('announce.line.neither') };
}

/** Cells of a spreadsheet. @throws {InputError} EPC_* */
function ofCells(row: string): Line {
  const [first = '', serial = '', lot = '', expiry = ''] = row.split('\t').map((cell) => cell.trim());
  if (!/^\d{8,14}$/.test(first)) return { kind: 'fault', message: say('announce.line.cells') };
  if (/^\d([.,]\d+)?E\+\d+$/i.test(serial)) return ofCode(serial);
  const gtin = gtin14(first);
  const line = ofCode(`(01)${gtin}(21)${serial}`);
  if (line.kind !== 'serial') return line;
  if (expiry !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(expiry)) {
    return { kind: 'fault', message: say('announce.line.expiry', { expiry }) };
  }
  return { ...line, lot: lot === '' ? null : lot, expiry: expiry === '' ? null : expiry };
}

/** A product and lot that the units hold. */
export interface ScannedProduct {
  readonly gtin: string;
  /** null where no line says it. */
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly serials: number;
}

/** What is in the units, by product, lot and expiry, in the order of the lines. */
export function productsIn(units: readonly ScannedUnit[]): readonly ScannedProduct[] {
  const products = new Map<string, { gtin: string; lot: string | null; expiry: string | null; serials: number }>();
  for (const { serials } of units) {
    for (const { gtin, lot, expiry } of serials) {
      const key = `${gtin}|${lot ?? ''}|${expiry ?? ''}`;
      const known = products.get(key);
      if (known === undefined) products.set(key, { gtin, lot, expiry, serials: 1 });
      else known.serials++;
    }
  }
  return [...products.values()];
}
