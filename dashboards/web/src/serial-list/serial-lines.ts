import { GROUP_SEPARATOR } from '../parts/separator.ts';
import { packOf, unitText } from '../words/printed.ts';

/** As much of a serial as any list of them shows. */
export interface ListedSerial {
  readonly epc: string;
  readonly serial: string | null;
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly unit: string | null;
}

/** Serials that have something in common; never empty. */
export interface SerialGroup<T extends ListedSerial> {
  readonly key: string;
  /** In the order in which they are shown. */
  readonly serials: readonly T[];
}

/** A row: a group, that opens and closes; a serial of an open one; or a serial that is alone in its group. */
export type SerialLine<T extends ListedSerial, G extends SerialGroup<T>> =
  | { readonly kind: 'group'; readonly key: string; readonly group: G; readonly isOpen: boolean }
  | { readonly kind: 'serial'; readonly key: string; readonly group: G; readonly serial: T }
  | { readonly kind: 'alone'; readonly key: string; readonly group: G; readonly serial: T };

/** The rows of some groups, from top to bottom. */
export function linesOf<T extends ListedSerial, G extends SerialGroup<T>>(
  groups: readonly G[],
  isOpen: (group: G) => boolean,
): SerialLine<T, G>[] {
  const lines: SerialLine<T, G>[] = [];
  for (const group of groups) {
    const [first] = group.serials;
    if (first === undefined) continue;
    if (group.serials.length === 1) {
      lines.push({ kind: 'alone', key: group.key, group, serial: first });
      continue;
    }
    const open = isOpen(group);
    lines.push({ kind: 'group', key: group.key, group, isOpen: open });
    if (!open) continue;
    // The same serial may have been there twice.
    for (const [at, serial] of group.serials.entries())
      lines.push({ kind: 'serial', key: `${group.key}|${serial.epc}|${at}`, group, serial });
  }
  return lines;
}

/**
 * The serials that are meant by what was typed or scanned: each word of it stands in the serial, its lot, its GTIN or its
 * unit, or the whole is the scan of its pack or unit, in whichever form a scanner gives it.
 */
export function found<T extends ListedSerial>(serials: readonly T[], text: string): readonly T[] {
  const pack = packScanned(text);
  if (pack !== null) return serials.filter((one) => isPack(one, pack));
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return serials;
  const sscc = /00(\d{18})$/.exec(bare(text))?.[1] ?? null;
  return serials.filter((serial) => {
    const said = sayingsOf(serial);
    return words.every((word) => said.some((one) => one.includes(word))) || isIn(serial, sscc);
  });
}

interface Pack {
  readonly gtin: string;
  readonly serial: string;
}

/** GTIN (01) with serial (21): GS1 Digital Link 4, GS1 General Specifications 7.8. Each form ends a serial by another sign. */
const LINK = /\/01\/(\d{14})(?:\/22\/[^/?#]+)?(?:\/10\/[^/?#]+)?\/21\/([^/?#\s]+)/;
const PRINTED = /\(01\)(\d{14})\(21\)([^(\s]+)/;
const ELEMENTS = /^(?:\][A-Za-z]\d)?01(\d{14})21(\S+)$/;

function packScanned(text: string): Pack | null {
  const [, gtin, serial] = LINK.exec(text) ?? [];
  if (gtin !== undefined && serial !== undefined) return { gtin, serial: decoded(serial) };
  const elements =
    text
      .trim()
      .split(GROUP_SEPARATOR)
      .find((part) => part !== '') ?? '';
  const [, printed, name] = PRINTED.exec(text) ?? ELEMENTS.exec(elements) ?? [];
  return printed === undefined || name === undefined ? null : { gtin: printed, serial: name };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody typed a lone %: it stands for itself.
    return text;
  }
}

function isPack({ epc, gtin, serial }: ListedSerial, scanned: Pack): boolean {
  const own = gtin !== null && serial !== null ? { gtin, serial } : packOf(epc);
  return own?.gtin === scanned.gtin && own.serial === scanned.serial;
}

function isIn({ unit }: ListedSerial, sscc: string | null): boolean {
  return sscc !== null && unit !== null && bare(unitText(unit)) === `00${sscc}`;
}

function sayingsOf({ epc, serial, gtin, lot, unit }: ListedSerial): string[] {
  const printed = unit === null ? [] : [unit, unitText(unit), bare(unitText(unit))];
  return [epc, serial, gtin, lot, ...printed].flatMap((one) => (one === null ? [] : [one.toLowerCase()]));
}

/** Letters and digits alone: brackets and spaces differ between scanners. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\da-z]/g, '');
}
