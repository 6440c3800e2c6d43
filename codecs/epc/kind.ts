import { digitalLink, elementsOf } from './elements.ts';
import { isSgtin, isSscc, readPureUri } from './identity.ts';

/**
 * What a tag or its identity stands for at a door: a serial of a product, a logistic unit, or neither (a returnable asset,
 * a foreign tag). What has something packed in it is a unit whatever its key.
 */
export function kindOfThing(identity: string, hasContent: boolean): 'serial' | 'unit' | 'other' {
  if (isSscc(identity) || hasContent) return 'unit';
  if (isPlusTag(identity)) return kindOfPlusTag(identity);
  return isSgtin(identity) ? 'serial' : 'other';
}

/** How "+" tags (TDS 2.3) of these things are known while nothing names them. */
export function plusTagsOf(epcs: readonly string[]): string[] {
  return epcs.flatMap((epc) => plusTagOf(epc) ?? []);
}

/** The Digital Link under which a "+" tag of this thing is known; null where it has none. */
export function plusTagOf(epc: string): string | null {
  const elements = epc.startsWith('urn:epc:id:') ? elementsOf(readPureUri(epc)) : null;
  return elements === null ? null : digitalLink(elements);
}

export function isPlusTag(identity: string): boolean {
  return identity.startsWith('https://');
}

/** What kind of thing a "+" tag names, by its key. */
export function kindOfPlusTag(identity: string): 'serial' | 'unit' | 'other' {
  if (identity.includes('/00/')) return 'unit';
  return /\/01\/\d{14}\/21\//.test(identity) ? 'serial' : 'other';
}
