import { gtinOf, isSgtin } from '../../codecs/epc/index.ts';
import type { Epc, ReadStatus } from '../../domain/index.ts';

/** Serials of one product and lot in one unit, counted in a pass. */
export interface PassGoods {
  readonly gtin: string;
  readonly product: string | null;
  readonly lot: string | null;
  /** What they were in, then. */
  readonly unit: Epc | null;
  readonly expected: number;
  /** Of the expected ones. */
  readonly seen: number;
  /** Read, and expected by nobody. */
  readonly unexpected: number;
}

interface Counted {
  readonly epc: Epc;
  readonly unit: Epc | null;
  readonly lot: string | null;
  readonly product: string | null;
}

/**
 * Expected against seen, by product, lot and unit. Serials alone: a unit is no goods of its own.
 * @param reads of the pass, each with its status
 * @param missing as the verdict counts them
 * @returns by unit, then product, then lot; nothing a shipment does not expect comes last
 */
export function passGoods(
  reads: readonly (Counted & { readonly status: ReadStatus })[],
  missing: readonly Counted[],
): PassGoods[] {
  const lines = new Map<string, Record<'expected' | 'seen' | 'unexpected', number> & Omit<PassGoods, CountName>>();
  const lineOf = ({ epc, product, lot, unit }: Counted) => {
    const gtin = gtinOf(epc) ?? '';
    const key = JSON.stringify([gtin, product, lot, unit]);
    const line = lines.get(key) ?? { gtin, product, lot, unit, expected: 0, seen: 0, unexpected: 0 };
    lines.set(key, line);
    return line;
  };
  for (const read of reads) {
    if (!isSgtin(read.epc)) continue;
    if (read.status === 'unexpected') lineOf(read).unexpected += 1;
    if (read.status !== 'expected') continue;
    const line = lineOf(read);
    line.expected += 1;
    line.seen += 1;
  }
  for (const one of missing) if (isSgtin(one.epc)) lineOf(one).expected += 1;
  const place = ({ expected, unit, product, gtin, lot }: PassGoods) =>
    [expected === 0 ? 1 : 0, unit ?? '', product ?? '', gtin, lot ?? ''].join('\u0000');
  return [...lines.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

type CountName = 'expected' | 'seen' | 'unexpected';
