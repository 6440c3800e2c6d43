import type { PassItem } from '../../../api/index.ts';

/** Packs of one product and lot in one unit: what a person looks for, or takes off. */
export interface GoodsGroup {
  readonly product: string | null;
  readonly lot: string | null;
  readonly unit: string | null;
  readonly epcs: readonly string[];
}

/** The largest first; equal ones as they stood. */
export function goodsGroups(items: readonly PassItem[]): GoodsGroup[] {
  const groups = new Map<string, { readonly first: PassItem; readonly epcs: string[] }>();
  for (const item of items) {
    const key = JSON.stringify([item.product, item.lot, item.unit]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: item, epcs: [item.epc] });
    else group.epcs.push(item.epc);
  }
  return [...groups.values()]
    .map(({ first: { product, lot, unit }, epcs }) => ({ product, lot, unit, epcs }))
    .toSorted((a, b) => b.epcs.length - a.epcs.length);
}
