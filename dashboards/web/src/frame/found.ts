import type { FoundView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { say, wordsOf } from '../text/say.ts';
import { KIND_WORDS as RULE_KINDS } from '../words/rule.ts';

/** A kind of alerts that was meant by its words, in the language that is spoken. */
export interface FoundKind {
  readonly kind: 'alert kind';
  /** As alerts have it. */
  readonly id: string;
  readonly name: string;
  readonly about: null;
  readonly gtin: null;
}

export type FoundThing = FoundView | FoundKind;

/** Kinds of alerts whose words hold all that was asked for; those that begin with it first. @param text as it was typed */
export function alertKindsNamed(text: string): FoundKind[] {
  const asked = text.trim().toLowerCase();
  // Of one or two letters nearly every kind has some.
  if (asked.length < 3) return [];
  const at = (words: readonly string[]) =>
    Math.min(...words.map((one) => one.toLowerCase().indexOf(asked)).map((index) => (index < 0 ? Infinity : index)));
  return Object.entries(RULE_KINDS)
    .map(([id, name]) => ({ id, name, at: at(id === 'threshold' ? [id, name, say('parts.excursion')] : [id, name]) }))
    .filter((one) => one.at !== Infinity)
    .toSorted((a, b) => a.at - b.at || a.name.localeCompare(b.name))
    .map(({ id, name }) => ({ kind: 'alert kind', id, name, about: null, gtin: null }));
}

export const KIND_WORDS: Readonly<Record<FoundThing['kind'], string>> = wordsOf({
  shipment: 'found.shipments',
  unit: 'found.units',
  serial: 'found.serials',
  lot: 'found.lots',
  product: 'found.products',
  device: 'found.loggers',
  portal: 'found.portals',
  place: 'found.places',
  alert: 'found.alerts',
  'alert kind': 'found.alertKinds',
});

/** The screen of what was found; null where it has none of its own. */
export function pathOf({ kind, id, gtin }: FoundThing): string | null {
  const named = `${segment(id)}`;
  switch (kind) {
    case 'shipment':
    case 'device':
    case 'portal':
    case 'alert':
    case 'serial':
      return `/${kind}s/${named}`;
    case 'alert kind':
      return `/alerts?${new URLSearchParams({ state: 'all', kind: id })}`;
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
