import { keysOf, parseEpc } from '../../../../codecs/epc/index.ts';
import { InputError } from '../../../../domain/index.ts';
import type { PassDetail } from '../../../api/index.ts';
import { packOf, unitText } from '../words/printed.ts';
import type { WedgeScan } from './wedge.ts';

/** What a scanned pack is to the pallet in the door. */
export type ScannedPack =
  | { readonly is: 'missing' | 'tooMany' | 'ok'; readonly epc: string; readonly serial: string }
  | { readonly is: 'other'; readonly serial: string }
  | { readonly is: 'bad'; readonly reason: string };

/** @param pass the pallet in the door */
export function scannedPack(scan: WedgeScan, pass: PassDetail): ScannedPack {
  const read: ScannedPack[] = [];
  const faults: string[] = [];
  // As this computer took it, and by where its keys are: a scanner set to another keyboard, or Caps Lock, makes another serial
  // that reads as well. What is of this pallet is what was scanned.
  for (const text of new Set([scan.byLayout, scan.byPlace])) {
    try {
      read.push(placeOf(printedOf(text), pass));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(error.message);
    }
  }
  return read.find(({ is }) => is !== 'other') ?? read[0] ?? { is: 'bad', reason: faults[0] ?? '' };
}

/** What is printed of a code: it does not say where the company prefix ends, and need not. @throws {InputError} EPC_* */
function printedOf(text: string): { readonly key: string; readonly serial: string } {
  const keys = keysOf(text);
  if (keys === null) return printedKey(parseEpc(text));
  if ('sscc' in keys) return { key: `(00) ${keys.sscc}`, serial: `(00) ${keys.sscc}` };
  return { key: `${keys.gtin} ${keys.serial}`, serial: keys.serial };
}

function printedKey(epc: string): { readonly key: string; readonly serial: string } {
  const pack = packOf(epc);
  if (pack === null) return { key: unitText(epc), serial: unitText(epc) };
  return { key: `${pack.gtin} ${pack.serial}`, serial: pack.serial };
}

function placeOf({ key, serial }: { key: string; serial: string }, pass: PassDetail): ScannedPack {
  const isIt = (epc: string) => printedKey(epc).key === key;
  const missing = pass.missing.find(({ epc }) => isIt(epc));
  if (missing !== undefined) return { is: 'missing', epc: missing.epc, serial };
  const tooMany = pass.unexpected.find(({ epc }) => isIt(epc));
  if (tooMany !== undefined) return { is: 'tooMany', epc: tooMany.epc, serial };
  const expected = [...pass.expected, ...pass.seen, ...pass.units.map(({ epc }) => epc)].find(isIt);
  return expected === undefined ? { is: 'other', serial } : { is: 'ok', epc: expected, serial };
}
