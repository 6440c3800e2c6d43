import type { FoundView } from '../../../api/index.ts';
import { segment } from '../ask.ts';

export const KIND_WORDS: Readonly<Record<FoundView['kind'], string>> = {
  shipment: 'Shipments',
  unit: 'Units',
  serial: 'Serials',
  lot: 'Lots',
  product: 'Products',
  device: 'Loggers',
  portal: 'Portals',
  place: 'Places',
  alert: 'Alerts',
};

/** The screen of what was found; null where it has none of its own. */
export function pathOf({ kind, id, gtin }: FoundView): string | null {
  const named = `${segment(id)}`;
  switch (kind) {
    case 'shipment':
    case 'device':
    case 'portal':
    case 'alert':
    case 'serial':
      return `/${kind}s/${named}`;
    case 'unit':
      return `/serials/${named}`;
    case 'lot':
      return `/recall?${new URLSearchParams({ ...(gtin === null ? {} : { gtin }), lot: id })}`;
    case 'product':
      return `/recall?${new URLSearchParams({ gtin: id })}`;
    case 'place':
      return null;
  }
}
