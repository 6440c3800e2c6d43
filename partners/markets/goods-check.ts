import type { Market, MarketElement } from './market.ts';
import { isInForce } from './periods.ts';

/** What is known of one product in a shipment. */
export interface GoodsKnown {
  /** GTIN-14. */
  readonly gtin: string;
  readonly name: string | null;
  /** How many serial numbers are listed of it. */
  readonly serials: number;
  /** Of those, how many are known without lot, and without expiry. */
  readonly withoutLot: number;
  readonly withoutExpiry: number;
  /** Some of those, as EPCs. */
  readonly examples: readonly string[];
}

/** One thing that a market asks for and that the data of a shipment does not tell of a product. */
export interface GoodsGap {
  readonly element: MarketElement;
  readonly gtin: string;
  readonly name: string | null;
  /** Packs it is missing of; null: no pack of it is listed at all. */
  readonly packs: number | null;
  readonly examples: readonly string[];
}

export interface GoodsCheck {
  readonly missing: readonly GoodsGap[];
  /** What no data of a shipment tells: a person looks at it. */
  readonly toLookAt: readonly MarketElement[];
}

/**
 * What is missing in the data of goods, of what a market asks for on a day. That nothing is missing says nothing of whether
 * the goods are genuine, nor of what the codes on the packs bear.
 *
 * @param day YYYY-MM-DD
 */
export function checkGoods(market: Market, goods: readonly GoodsKnown[], day: string): GoodsCheck {
  const asked = market.identifier.filter((element) => isInForce(element, day));
  const told = asked.filter(({ ai, if: condition }) => condition === null && ai !== null && ai in LACKING);
  return {
    missing: told.flatMap((element) =>
      goods.flatMap((one) => {
        const packs = LACKING[element.ai ?? '']?.(one);
        if (packs === undefined || packs === 0) return [];
        return [{ element, gtin: one.gtin, name: one.name, packs, examples: packs === null ? [] : one.examples }];
      }),
    ),
    toLookAt: asked.filter((element) => !told.includes(element)),
  };
}

/** By application identifier: of how many packs it is missing; null: of all, since none is listed. */
const LACKING: Readonly<Record<string, (goods: GoodsKnown) => number | null>> = {
  // Without it, nothing of the product would be known.
  '01': () => 0,
  '21': ({ serials }) => (serials === 0 ? null : 0),
  '10': ({ withoutLot }) => withoutLot,
  '17': ({ withoutExpiry }) => withoutExpiry,
};
