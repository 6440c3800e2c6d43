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
  return changed(event, linkOf);
}

/** The first identifier of an event that is a GS1 Digital Link; null where all of them can be promised as EPC URNs. */
export function digitalLinkIn(event: Json): string | null {
  const links: string[] = [];
  changed(event, (value) => {
    if (typeof value === 'string' && /^https?:/i.test(value) && canonicalLink(value) !== null) links.push(value);
    return value;
  });
  return links[0] ?? null;
}

/** An event with each of its identifiers changed. */
function changed(event: Json, change: (value: unknown) => unknown): Json {
  const given = Object.entries(event).map(([key, value]): [string, unknown] => {
    const inner = KEYED[key];
    if (inner !== undefined) return [key, each(value, (one) => changedAt(one, inner, change))];
    if (LISTS.includes(key)) return [key, each(value, change)];
    if (PLACES.includes(key)) return [key, changedAt(value, 'id', change)];
    return [key, PLAIN.includes(key) ? change(value) : value];
  });
  return Object.fromEntries(given);
}

function each(value: unknown, change: (one: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : value;
}

function changedAt(value: unknown, key: string, change: (value: unknown) => unknown): unknown {
  return isObject(value) ? { ...value, [key]: change(value[key]) } : value;
}

function linkOf(value: unknown): unknown {
  // Other links are as good: one of another host is not replaced.
  return typeof value === 'string' && value.startsWith('urn:epc:') ? (canonicalLink(value) ?? value) : value;
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
