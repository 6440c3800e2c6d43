import type { Evidence, PassOutcome } from './pass-verdict.ts';
import type { Epc } from './shipment.ts';

/** What a pass knows of the goods that went through, besides its verdict. */
export interface PassGoods {
  readonly evidence: Pick<Evidence, 'ancestors'>;
  /** Of each serial that went through in a unit, read or not: the unit. */
  readonly unitOf: ReadonlyMap<Epc, Epc>;
  /** What the pass itself read, and what that was in: passes beside it may have read more of the same units. */
  readonly seen: ReadonlySet<Epc>;
}

/** Of one pass; the platform and the gateway at the door judge by the same. */
export function goodsOfPass(
  evidence: Pick<Evidence, 'ancestors' | 'serialsIn'>,
  { reads, units }: Pick<PassOutcome, 'reads' | 'units'>,
): Pick<PassGoods, 'unitOf' | 'seen'> {
  return {
    unitOf: new Map(units.flatMap(({ unit }) => evidence.serialsIn(unit).map((epc) => [epc, unit] as const))),
    seen: new Set(reads.flatMap(({ epc }) => [epc, ...evidence.ancestors(epc)])),
  };
}

/** What it was in, innermost first; of a serial that was not read the unit that went through. */
export function around({ evidence, unitOf, seen }: PassGoods, epc: Epc): readonly Epc[] {
  if (seen.has(epc)) return evidence.ancestors(epc);
  const unit = unitOf.get(epc);
  return unit === undefined ? [] : [unit];
}

/**
 * By what the shipment of goods is known: of what was read by itself and what it is in; of a serial that only went through in
 * its unit by the unit, whatever else lists it. What a pass beside it read changes nothing.
 */
export function listedBy(goods: PassGoods, epc: Epc): readonly Epc[] {
  const chain = around(goods, epc);
  return goods.seen.has(epc) ? [epc, ...chain] : chain;
}
