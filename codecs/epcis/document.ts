import { z } from 'zod';
import { documentFault, InputError, LINE_MOST } from '../../domain/index.ts';
import { prefixesOf } from './context.ts';
import { type EpcisEvent, epcisEvent, time, URI } from './event-schema.ts';
import { type MasterDataElement, masterDataFromJson, masterDataFromXml, masterDataJson } from './master-data.ts';
import { parseStrictJson } from './strict-json.ts';
import { isStandard, parseXml, type XmlElement } from './xml.ts';
import { eventFromXml } from './xml-event.ts';
import { misplaced } from './xml-order.ts';

/** GS1's own context, of any version. It is known by name; nothing is fetched. */
const EPCIS_CONTEXT =
  /^https:\/\/(ref\.)?gs1\.(org|github\.io)\/(standards\/)?(epcis|EPCIS)\/([0-9.]+\/)?epcis-context\.jsonld$/;

export interface EpcisDocument {
  readonly kind: 'document' | 'query document' | 'master data document' | 'event';
  readonly schemaVersion: string | null;
  /** As they came, extensions and all. */
  readonly events: readonly EpcisEvent[];
  /** Prefixes of extensions to their namespaces, as far as the document itself says them. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Prefixes that values may be shortened with: in JSON-LD the same, in XML none. */
  readonly curies: ReadonlyMap<string, string>;
  /** Contexts that the document names by URL, besides GS1's own. */
  readonly contexts: readonly string[];
  /** Of its header, or what a master data document is about. */
  readonly masterData: readonly MasterDataElement[];
}

/** A document of which single events may be wrong. */
export interface EpcisReading extends EpcisDocument {
  /** What is wrong with which events, by where they stand in the document; `events` has the others. */
  readonly refused: readonly EpcisRefusal[];
}

/** One thing wrong with a document. */
export interface EpcisRefusal {
  /** `epcisBody.eventList[0].eventTime`. */
  readonly path: string;
  /** As JSON, cut to 100 characters; `nothing` where it is missing. */
  readonly given: string;
  readonly allowed: string;
}

const MOST_REFUSALS = 20;
/** A document with more refusals than this is refused whole, whatever is to become of its other events. */
const HOPELESS = 1_000;

/** Reads a document of either form: XML begins with `<`. @throws {InputError} EPCIS_JSON, EPCIS_XML, EPCIS_INVALID */
export function readEpcis(text: string): EpcisDocument {
  return /^\uFEFF?\s*</.test(text) ? readEpcisXml(text) : readEpcisJson(text);
}

/**
 * Reads a document and leaves out the events that are wrong, with every refusal.
 * @throws {InputError} as {@link readEpcis} where the document itself is wrong
 */
export function readEpcisEach(text: string): EpcisReading {
  return /^\uFEFF?\s*</.test(text) ? xmlReading(text) : jsonReading(text);
}

/**
 * Reads an EPCIS 2.0 document, query document or bare event in JSON-LD.
 *
 * @throws {InputError} EPCIS_JSON; EPCIS_INVALID: the first refusal in the message, up to 20 in `details.refusals`
 */
export function readEpcisJson(text: string): EpcisDocument {
  const json = parseStrictJson(text);
  const type = isObject(json) ? json.type : undefined;
  const refusals: EpcisRefusal[] = [];
  if (!checkTexts(json, '', refusals)) throw invalid(refusals);
  const context = contextOf(json, refusals);
  const kind = type === 'EPCISDocument' ? 'document' : type === 'EPCISQueryDocument' ? 'query document' : 'event';
  const schema = { document, 'query document': queryDocument, event: epcisEvent }[kind];
  const parsed = schema.safeParse(json);
  if (!parsed.success) refuseIssues(json, parsed.error.issues, refusals);
  const events = parsed.success ? eventsOf(parsed.data) : [];
  checkPrefixes(json, '', context, refusals);
  if (refusals.length > 0) throw invalid(refusals);
  const schemaVersion = isObject(json) && typeof json.schemaVersion === 'string' ? json.schemaVersion : null;
  return {
    ...{ kind, schemaVersion, events, namespaces: context.namespaces, curies: context.namespaces },
    ...{ contexts: context.foreign, masterData: parsed.success ? masterDataOf(parsed.data) : [] },
  };
}

function jsonReading(text: string): EpcisReading {
  const json = parseStrictJson(text);
  const list = isObject(json) && isObject(json.epcisBody) ? json.epcisBody.eventList : undefined;
  if (!isObject(json) || json.type !== 'EPCISDocument' || !isObject(json.epcisBody) || !Array.isArray(list)) {
    return { ...readEpcisJson(text), refused: [] };
  }
  const head = readEpcisJson(JSON.stringify({ ...json, epcisBody: { ...json.epcisBody, eventList: [] } }));
  const context = contextOf(json, []);
  const events: EpcisEvent[] = [];
  const refused: EpcisRefusal[] = [];
  for (const [at, event] of list.entries()) {
    const path = `epcisBody.eventList[${at}]`;
    const own: EpcisRefusal[] = [];
    const parsed = checkTexts(event, path, own) ? epcisEvent.safeParse(event) : null;
    if (parsed?.success === false) refuseIssues(event, parsed.error.issues, own, path);
    if (parsed !== null) checkPrefixes(event, path, context, own);
    if (parsed?.success === true && own.length === 0) events.push(parsed.data);
    else for (const refusal of own) refused.push(refusal);
    if (refused.length > HOPELESS) throw invalid(refused);
  }
  return { ...head, events, refused };
}

/** Namespaces of EPCIS documents, query documents and master data documents, by version. */
const XML_ROOTS: Readonly<Record<string, string>> = {
  'urn:epcglobal:epcis:xsd:1': 'EPCISDocument',
  'urn:epcglobal:epcis:xsd:2': 'EPCISDocument',
  'urn:epcglobal:epcis-query:xsd:1': 'EPCISQueryDocument',
  'urn:epcglobal:epcis-query:xsd:2': 'EPCISQueryDocument',
  'urn:epcglobal:epcis-masterdata:xsd:1': 'EPCISMasterDataDocument',
  'urn:epcglobal:epcis-masterdata:xsd:2': 'EPCISMasterDataDocument',
};

const XML_KINDS: Readonly<Record<string, EpcisDocument['kind']>> = {
  EPCISDocument: 'document',
  EPCISQueryDocument: 'query document',
  EPCISMasterDataDocument: 'master data document',
};

const XML_EVENT_TYPES = new Set([
  'ObjectEvent',
  'AggregationEvent',
  'AssociationEvent',
  'TransactionEvent',
  'TransformationEvent',
  // Of EPCIS 1.0, deprecated since 1.1: read as the ObjectEvent that takes its place.
  'QuantityEvent',
]);

/**
 * Reads an EPCIS 1.2 or 2.0 document or query document in XML. Its events come out as JSON-LD has them: wrappers of
 * 1.2 gone, words of the CBV without their namespace, extensions under their prefix.
 *
 * @throws {InputError} EPCIS_XML with the line; EPCIS_INVALID as {@link readEpcisJson}, paths in the words of JSON-LD
 */
export function readEpcisXml(text: string): EpcisDocument {
  const { refused, ...document } = xmlReading(text);
  if (refused.length > 0) throw invalid(refused);
  return document;
}

const NO_CURIES: ReadonlyMap<string, string> = new Map();

function xmlReading(text: string): EpcisReading {
  return readEpcisElement(parseXml(text));
}

/** The same of a document that stands in another, such as a SOAP envelope. @throws {InputError} EPCIS_INVALID */
export function readEpcisElement(root: XmlElement): EpcisReading {
  if (isStandard(root.namespace) && XML_EVENT_TYPES.has(root.local)) return { ...bareEvent(root), refused: [] };
  const expected = XML_ROOTS[root.namespace ?? ''];
  if (expected !== root.local) {
    const allowed = `${Object.keys(XML_KINDS).join(', ')} in the namespace of EPCIS 1.2 or 2.0, or one event`;
    throw invalid([{ path: 'the document', given: `"${root.name}"`, allowed }]);
  }
  const refusals: EpcisRefusal[] = [];
  const schemaVersion = root.attributes.get('schemaVersion') ?? '';
  if (!/^(1(\.[0-2])?|2(\.\d+(\.\d+)?)?)$/.test(schemaVersion)) {
    refusals.push({
      path: 'schemaVersion',
      given: shown(root.attributes.get('schemaVersion')),
      allowed: '1.0 to 1.2, or 2.x',
    });
  }
  const creationDate = root.attributes.get('creationDate');
  // Answers of some repositories leave it out.
  const isAnswer = root.local === 'EPCISQueryDocument' && creationDate === undefined;
  if (!isAnswer && !time.safeParse(creationDate).success) {
    refusals.push({ path: 'creationDate', given: shown(creationDate), allowed: 'a time, RFC 3339 with zone' });
  }
  const kind = XML_KINDS[root.local] ?? 'document';
  const isMasterData = kind === 'master data document';
  const vocabularies = vocabulariesOf(root, isMasterData);
  if (isMasterData) requireVocabularies(root, refusals);
  checkVocabularies(vocabularies, refusals);
  const eventLists = isMasterData ? [] : below(root, 'EventList');
  if (eventLists.length !== 1 && !isMasterData) {
    refusals.push({ path: 'EPCISBody', given: `${eventLists.length} EventList`, allowed: 'one EventList' });
  }
  if (refusals.length > 0) throw invalid(refusals);
  const events: EpcisEvent[] = [];
  const refused: EpcisRefusal[] = [];
  const hasSequence = kind === 'document' && schemaVersion.startsWith('2');
  for (const [at, element] of eventLists.flatMap(eventElements).entries()) {
    const path = `eventList[${at}] (line ${element.line})`;
    const event = eventFromXml(element);
    if (!checkTexts(event, path, refused)) continue;
    const parsed = epcisEvent.safeParse(event);
    const wrong = hasSequence ? misplaced(element) : null;
    if (!parsed.success) refuseIssues(event, parsed.error.issues, refused, path);
    else if (wrong === null) events.push(parsed.data);
    else refused.push({ path: `${path}.${wrong.field}`, given: `after ${wrong.before}`, allowed: 'before it' });
    if (refused.length > HOPELESS) throw invalid(refused);
  }
  const masterData = masterDataFromXml(vocabularies);
  const written = { namespaces: namespacesOf(root), curies: NO_CURIES, contexts: [] };
  return { kind, schemaVersion, events, ...written, masterData, refused };
}

function bareEvent(element: XmlElement): EpcisDocument {
  const event = eventFromXml(element);
  const refusals: EpcisRefusal[] = [];
  if (!checkTexts(event, '', refusals)) throw invalid(refusals);
  const parsed = epcisEvent.safeParse(event);
  if (!parsed.success) refuseIssues(event, parsed.error.issues, refusals);
  if (!parsed.success || refusals.length > 0) throw invalid(refusals);
  return {
    ...{ kind: 'event', schemaVersion: null, events: [parsed.data], contexts: [], masterData: [] },
    ...{ namespaces: namespacesOf(element), curies: NO_CURIES },
  };
}

/** Of a master data document, or of the header of another (EPCIS 1.2 and 2.0, sections 9.4 and 9.5). */
function vocabulariesOf(root: XmlElement, isMasterData: boolean): XmlElement[] {
  const headers = root.children.filter(({ local }) => local === 'EPCISHeader');
  const within = isMasterData ? [root] : headers.flatMap(({ children }) => children);
  return within.flatMap((element) => below(element, 'Vocabulary'));
}

function requireVocabularies(root: XmlElement, refusals: EpcisRefusal[]): void {
  if (below(root, 'VocabularyList').length === 1) return;
  refusals.push({ path: 'EPCISBody', given: 'no VocabularyList', allowed: 'one VocabularyList' });
}

/** Vocabularies name their type, their elements and those's attributes their id. */
function checkVocabularies(vocabularies: readonly XmlElement[], refusals: EpcisRefusal[]): void {
  for (const vocabulary of vocabularies) {
    const named = [
      { element: vocabulary, key: 'type' },
      ...below(vocabulary, 'VocabularyElement').map((element) => ({ element, key: 'id' })),
      ...below(vocabulary, 'attribute').map((element) => ({ element, key: 'id' })),
    ];
    for (const { element, key } of named) {
      const given = element.attributes.get(key) ?? '';
      if ((URI.test(given) && given.length <= LINE_MOST) || refusals.length >= MOST_REFUSALS) continue;
      const path = `${element.local} (line ${element.line}).${key}`;
      refusals.push({ path, given: shown(element.attributes.get(key)), allowed: 'a URI' });
    }
  }
}

/** Events, those that 1.2 hides in extensions too; anything else there is named for the check to refuse. */
function eventElements(list: XmlElement): XmlElement[] {
  return list.children.flatMap((child) => {
    const isWrapper = isStandard(child.namespace) && child.local === 'extension' && !XML_EVENT_TYPES.has(child.local);
    return isWrapper ? eventElements(child) : [child];
  });
}

function below(element: XmlElement, local: string): XmlElement[] {
  if (element.local === 'EPCISHeader') return [];
  return element.children.flatMap((child) => (child.local === local ? [child] : below(child, local)));
}

/** Says things about XML, not about events. */
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Prefixes that extensions use. */
function namespacesOf(element: XmlElement, found = new Map<string, string>()): Map<string, string> {
  for (const name of [element.name, ...element.attributes.keys()]) {
    const cut = name.indexOf(':');
    const namespace = cut > 0 ? element.namespaces.get(name.slice(0, cut)) : undefined;
    if (namespace !== undefined && namespace !== XSI) found.set(name.slice(0, cut), namespace);
  }
  for (const child of element.children) namespacesOf(child, found);
  return found;
}

const VERSION = z.string({ error: 'a version such as 2.0' }).regex(/^2(\.\d+(\.\d+)?)?$/, 'a version such as 2.0');
const eventList = z.array(epcisEvent, { error: 'a list of events' });
const head = {
  '@context': z.unknown().optional(),
  id: z.string().optional(),
  schemaVersion: VERSION,
  creationDate: time,
  sender: z.string().optional(),
  receiver: z.string().optional(),
  instanceIdentifier: z.string().optional(),
  epcisHeader: z.looseObject({ epcisMasterData: masterDataJson.optional() }).optional(),
};

const document = z.looseObject({
  ...head,
  type: z.literal('EPCISDocument'),
  epcisBody: z.looseObject({ eventList }),
});

const queryDocument = z.looseObject({
  ...head,
  type: z.literal('EPCISQueryDocument'),
  epcisBody: z.looseObject({
    queryResults: z.looseObject({ queryName: z.string(), resultsBody: z.looseObject({ eventList }) }),
  }),
});

function eventsOf(
  parsed: z.output<typeof document> | z.output<typeof queryDocument> | EpcisEvent,
): readonly EpcisEvent[] {
  if (parsed.type === 'EPCISDocument') return parsed.epcisBody.eventList;
  if (parsed.type === 'EPCISQueryDocument') return parsed.epcisBody.queryResults.resultsBody.eventList;
  return [parsed];
}

function masterDataOf(
  parsed: z.output<typeof document> | z.output<typeof queryDocument> | EpcisEvent,
): readonly MasterDataElement[] {
  if (parsed.type !== 'EPCISDocument' && parsed.type !== 'EPCISQueryDocument') return [];
  return masterDataFromJson(parsed.epcisHeader?.epcisMasterData ?? {});
}

interface Context {
  readonly namespaces: Map<string, string>;
  /** Contexts that are not here: they name prefixes that cannot be checked. */
  readonly foreign: string[];
}

/** Prefixes of the standard's own context. */
const KNOWN_PREFIXES = new Set(['epcis', 'cbv', 'gs1', 'rdfs', 'owl', 'xsd', 'dcterms', 'cbvmda']);

function contextOf(json: unknown, refusals: EpcisRefusal[]): Context {
  const context: Context = { namespaces: new Map(), foreign: [] };
  const given = isObject(json) ? json['@context'] : undefined;
  const entries: readonly unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given];
  let hasOwn = false;
  for (const [at, entry] of entries.entries()) {
    if (typeof entry === 'string') {
      if (EPCIS_CONTEXT.test(entry)) hasOwn = true;
      else context.foreign.push(entry);
    } else if (isObject(entry)) {
      for (const [prefix, namespace] of prefixesOf(entry)) context.namespaces.set(prefix, namespace);
    } else {
      const allowed = 'a URL or an object of prefixes';
      refusals.push({ path: `@context[${at}]`, given: shown(entry), allowed });
    }
  }
  if (!hasOwn) {
    const allowed = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld, alone or in a list';
    refusals.push({ path: '@context', given: shown(given), allowed });
  }
  return context;
}

/**
 * Refuses text that PostgreSQL cannot keep, and nesting that only exhausts whoever walks it: acknowledged once, either
 * would fail every statement that touches it. @returns whether there is none
 */
function checkTexts(value: unknown, path: string, refusals: EpcisRefusal[]): boolean {
  const fault = documentFault(value, { form: 'prose', max: Number.POSITIVE_INFINITY });
  if (fault === null) return true;
  const inner = fault.path.replace(/(^|\.)(\d+)(?=\.|$)/g, '[$2]');
  const at = [path, inner]
    .filter((part) => part !== '')
    .join('.')
    .replaceAll('.[', '[');
  refusals.push({ path: at === '' ? 'the document' : at, given: 'text', allowed: fault.reason });
  return false;
}

/** Extensions stand under a prefix that the document declares, or are full URIs. */
function checkPrefixes(value: unknown, path: string, context: Context, refusals: EpcisRefusal[]): void {
  if (refusals.length >= MOST_REFUSALS || context.foreign.length > 0) return;
  if (Array.isArray(value)) {
    for (const [at, inner] of value.entries()) checkPrefixes(inner, `${path}[${at}]`, context, refusals);
    return;
  }
  if (!isObject(value)) return;
  const own = value['@context'] === undefined ? null : contextOf(value, []);
  if (own !== null && own.foreign.length > 0) return;
  const namespaces = own === null ? context.namespaces : new Map([...context.namespaces, ...own.namespaces]);
  const here = { namespaces, foreign: [] };
  for (const [key, inner] of Object.entries(value)) {
    if (key === '@context') continue;
    const at = path === '' ? key : `${path}.${key}`;
    // An attribute of XML is a key behind an @.
    const prefix = key.includes(':') ? key.slice(0, key.indexOf(':')).replace('@', '') : null;
    if (
      prefix !== null &&
      !KNOWN_PREFIXES.has(prefix) &&
      !namespaces.has(prefix) &&
      !/^[a-z]+:(\/\/|[a-z]+:)/.test(key)
    ) {
      refusals.push({ path: at, given: `"${prefix}"`, allowed: 'a prefix that @context declares' });
    }
    checkPrefixes(inner, at, here, refusals);
  }
}

function refuseIssues(
  json: unknown,
  issues: readonly z.core.$ZodIssue[],
  refusals: EpcisRefusal[],
  within: string | null = null,
): void {
  for (const { path, message } of issues.slice(0, MOST_REFUSALS)) {
    let value = json;
    for (const key of path) value = value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined;
    const inside = dotted(path);
    const where = within === null ? inside : path.length === 0 ? within : `${within}.${inside}`;
    refusals.push({ path: where, given: shown(value), allowed: message });
  }
}

function dotted(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`;
  return text === '' ? 'the document' : text;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) return 'nothing';
  return json.length > 100 ? `${json.slice(0, 100)}…` : json;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function invalid(refusals: readonly EpcisRefusal[]): InputError {
  const [first] = refusals;
  const message = first === undefined ? 'refused' : `${first.path}: ${first.given} given; allowed: ${first.allowed}`;
  return new InputError('EPCIS_INVALID', message, { refusals: refusals.slice(0, MOST_REFUSALS) });
}
