import { createHash } from 'node:crypto';
import { formOf, parseEpc } from '../../codecs/epc/index.ts';
import { cbvWord } from '../../codecs/epcis/index.ts';
import { type Epc, InputError } from '../../domain/index.ts';
import type { Statement } from '../statements/index.ts';

/** An event as captured: JSON-LD, checked by codecs/epcis. */
export type EpcisJson = Readonly<Record<string, unknown>>;

/** What an event is searched by, and what makes it one event (storage/migrations/0007-trace-epcis.sql). */
export interface EpcisKeys {
  readonly event_id: string | null;
  readonly content: string;
  readonly is_declaration: boolean;
  /** Digest of what a declaration of error says; empty for what is none. */
  readonly declaration: string;
  readonly type: string;
  readonly event_time: number;
  readonly action: string | null;
  readonly biz_step: string | null;
  readonly disposition: string | null;
  readonly read_point: string | null;
  readonly biz_location: string | null;
  readonly parents: readonly string[];
  readonly epcs: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export function keysOfEvent(event: EpcisJson): EpcisKeys {
  const { eventID, errorDeclaration } = event;
  return {
    event_id: textOf(eventID),
    content: eventContent(event),
    is_declaration: errorDeclaration !== undefined,
    declaration: errorDeclaration === undefined ? '' : digestOf(errorDeclaration),
    type: String(event.type),
    event_time: eventTimeOf(event),
    action: textOf(event.action),
    biz_step: bareWord(event.bizStep),
    disposition: bareWord(event.disposition),
    read_point: idOf(event.readPoint),
    biz_location: idOf(event.bizLocation),
    parents: spellings([event.parentID]),
    epcs: spellings([...listOf(event.epcList), ...listOf(event.childEPCs)]),
    inputs: spellings(listOf(event.inputEPCList)),
    outputs: spellings(listOf(event.outputEPCList)),
  };
}

/** Digest of what an event says, beside what names it, when it was kept, and what declares it an error. */
export function eventContent(event: EpcisJson): string {
  const { eventID, recordTime, errorDeclaration, '@context': _, ...content } = event;
  return digestOf(content);
}

/** What an event of arrival states: these EPCs are at the place that it names. */
export interface EpcisArrival {
  readonly epcs: readonly Epc[];
  /** As given, the one that counts first: a place's id, an SGLN as URI or Digital Link, or something unknown here. */
  readonly named: readonly string[];
}

/** What an event states of containment and presence (docs/trace.md). */
export interface EpcisStatements {
  readonly containment: readonly Statement[];
  readonly arrival: EpcisArrival | null;
  /** The unit that it empties, whatever is in it then. */
  readonly empties: Epc | null;
}

/** An event to apply: new, or just declared an error. */
export interface CapturedEvent extends EpcisStatements {
  readonly source: string;
  readonly at: number;
  readonly position: number;
  readonly index: number;
  /** null: it is withdrawn. */
  readonly event: EpcisJson | null;
}

export function statementsOf(event: EpcisJson, position: number, index: number): EpcisStatements {
  const from = eventTimeOf(event);
  const source = epcisSource(position, index);
  const say = (subject: string, value: string | null): Statement => ({ subject, value, from, position, source });
  const { type, action } = event;
  const nothing = { containment: [], arrival: null, empties: null };
  if (type === 'AggregationEvent' && action !== 'OBSERVE') {
    const parent = pure(event.parentID);
    if (parent === null) return nothing;
    const children = listOf(event.childEPCs).flatMap((child) => pure(child) ?? []);
    const isWhole =
      action === 'DELETE' && [event.childEPCs, event.childQuantityList].every((list) => listOf(list).length === 0);
    const value = action === 'ADD' ? parent : null;
    const containment = children.filter((child) => child !== parent).map((child) => say(child, value));
    return { containment, arrival: null, empties: isWhole ? parent : null };
  }
  if (type === 'ObjectEvent' && action !== 'DELETE' && ARRIVING.has(bareWord(event.bizStep) ?? '')) {
    const named = [event.bizLocation, event.readPoint].flatMap((place) => idOf(place) ?? []);
    return { ...nothing, arrival: { epcs: listOf(event.epcList).flatMap((epc) => pure(epc) ?? []), named } };
  }
  return nothing;
}

/** Everything that an event names by its EPC, as pure identity; null = an event that is withdrawn. */
export function epcsIn(event: EpcisJson | null): Epc[] {
  if (event === null) return [];
  const { parentID, epcList, childEPCs, inputEPCList, outputEPCList } = event;
  const given = [parentID, ...[epcList, childEPCs, inputEPCList, outputEPCList].flatMap(listOf)];
  return given.flatMap((epc) => pure(epc) ?? []);
}

export function epcisSource(position: number, index: number): string {
  return `epcis:${position}.${index}`;
}

/** An identifier as given and, where it is an EPC in another form, as pure identity: it is found by either. */
export function spellings(given: readonly unknown[]): string[] {
  const found = new Set<string>();
  for (const one of given) {
    if (typeof one !== 'string') continue;
    found.add(one);
    const epc = pure(one);
    if (epc !== null && epc !== one) found.add(epc);
  }
  return [...found];
}

/** A word of the CBV without its namespace, in whichever form it came; a URI of somebody's own as it is. */
export function bareWord(given: unknown): string | null {
  return typeof given === 'string' ? (cbvWord(given) ?? given) : null;
}

/** Steps after which an object is where the event says. CBV 2.0, 7.1. */
const ARRIVING = new Set(['receiving', 'arriving', 'storing', 'stocking']);

export function eventTimeOf(event: EpcisJson): number {
  return Date.parse(String(event.eventTime));
}

/** The pure identity of an EPC in any form; null for other identifiers. */
export function pure(given: unknown): Epc | null {
  if (typeof given !== 'string') return null;
  // Checked when it was captured, and nothing in it is escaped: it is its own pure identity.
  if (/^urn:epc:id:(sgtin|sscc):[0-9A-Za-z.-]+$/.test(given)) return given;
  // Digital Links do not say where the company prefix ends (links.ts).
  if (/^https?:/i.test(given)) return null;
  try {
    return formOf(given) === 'hex' ? null : parseEpc(given);
  } catch (error) {
    // Checked when it was captured: it is another kind of identifier.
    if (error instanceof InputError) return null;
    throw error;
  }
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function idOf(value: unknown): string | null {
  return value !== null && typeof value === 'object' && 'id' in value ? textOf(value.id) : null;
}

/** Of JSON with the keys of every object in order: two spellings of one content are one text. */
function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(value)))
    .digest('base64url');
}

/** Lists of hundreds of thousands of EPCs are left as they are. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((one) => typeof one === 'object') ? value.map(inOrder) : value;
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder(Reflect.get(value, key))]));
}
