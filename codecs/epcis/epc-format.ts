import { canonicalLink } from './canonical-link.ts';

type Json = Readonly<Record<string, unknown>>;

/** Lists of identifiers of an event, and of what has one under a key (EPCIS 2.0, section 7.4). */
const LISTS = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'];
const KEYED: Readonly<Record<string, string>> = {
  quantityList: 'epcClass',
  childQuantityList: 'epcClass',
  inputQuantityList: 'epcClass',
  outputQuantityList: 'epcClass',
  bizTransactionList: 'bizTransaction',
  sourceList: 'source',
  destinationList: 'destination',
};
const PLACES = ['readPoint', 'bizLocation'];
const PLAIN = ['parentID', 'transformationID'];

/**
 * An event with GS1's Digital Links in the place of EPC URNs (`GS1-EPC-Format: Always_GS1_Digital_Link`, EPCIS 2.0, section
 * 12.7). What has no link, and identifiers in extensions, stay as they came. The other way round cannot be had: a link does
 * not say where the company prefix ends.
 */
export function withDigitalLinks(event: Json): Json {
  const given = Object.entries(event).map(([key, value]): [string, unknown] => {
    const inner = KEYED[key];
    if (inner !== undefined) return [key, each(value, (one) => withLinkAt(one, inner))];
    if (LISTS.includes(key)) return [key, each(value, linkOf)];
    if (PLACES.includes(key)) return [key, withLinkAt(value, 'id')];
    return [key, PLAIN.includes(key) ? linkOf(value) : value];
  });
  return Object.fromEntries(given);
}

function each(value: unknown, change: (one: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : value;
}

function withLinkAt(value: unknown, key: string): unknown {
  return isObject(value) ? { ...value, [key]: linkOf(value[key]) } : value;
}

function linkOf(value: unknown): unknown {
  // Other links are as good: one of another host is not replaced.
  return typeof value === 'string' && value.startsWith('urn:epc:') ? (canonicalLink(value) ?? value) : value;
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
