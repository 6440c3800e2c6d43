import { type CbvForm, inFull, type WordKind } from './vocabulary.ts';
import { depthOf, wrapped } from './xml-downscaled.ts';
import { SEQUENCES } from './xml-order.ts';

/** A document of events as JSON-LD has it, by its parts. */
export interface WrittenDocument {
  /** RFC 3339. */
  readonly creationDate: string;
  readonly queryName: string;
  /** Of a subscription; null = asked for. */
  readonly subscriptionID: string | null;
  /** `@context` of the document. */
  readonly context: unknown;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

export interface XmlWriting {
  /** Version of the schema; default 2.0. */
  readonly version?: '1.2' | '2.0';
  readonly words: CbvForm;
}

/**
 * Events as an EPCISQueryDocument in XML (EPCIS 2.0, section 9.5 and the query schema): each field in its place, words of
 * the CBV in full, extensions under the prefixes that the events have.
 */
export function queryDocumentXml(document: WrittenDocument, writing: XmlWriting): string {
  const root = 'epcisq:EPCISQueryDocument';
  const scope = new Scope();
  const prefixes = scope.declare(document.context);
  const { version = '2.0' } = writing;
  const attributes = [
    ` xmlns:epcisq="urn:epcglobal:epcis-query:xsd:${version === '1.2' ? 1 : 2}"`,
    ` schemaVersion="${version}" creationDate="${escaped(document.creationDate)}"${prefixes}`,
  ].join('');
  const results = queryResultsXml(document, writing, scope);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attributes}><EPCISBody>${results}</EPCISBody></${root}>\n`;
}

/** The `QueryResults` of it alone, for an envelope that declares `epcisq` and GS1's own prefixes. */
export function queryResultsXml(
  { queryName, subscriptionID, events }: Pick<WrittenDocument, 'queryName' | 'subscriptionID' | 'events'>,
  writing: XmlWriting,
  scope: Scope,
): string {
  const id = subscriptionID === null ? '' : leaf('subscriptionID', subscriptionID);
  const list = events.map((event) => eventXml(event, writing, scope)).join('');
  const body = `<resultsBody><EventList>${list}</EventList></resultsBody>`;
  return `<epcisq:QueryResults>${leaf('queryName', queryName)}${id}${body}</epcisq:QueryResults>`;
}

/** Prefixes that hold at a place of the document. */
export class Scope {
  readonly #prefixes: Map<string, string>;

  constructor(prefixes: ReadonlyMap<string, string> = new Map()) {
    this.#prefixes = new Map(prefixes);
  }

  inner(): Scope {
    return new Scope(this.#prefixes);
  }

  /** Takes in what a JSON-LD context declares. @returns the attributes that say so */
  declare(context: unknown): string {
    const entries = Array.isArray(context) ? context : context === undefined ? [] : [context];
    return entries
      .filter((entry): entry is object => entry !== null && typeof entry === 'object')
      .flatMap((entry) => Object.entries(entry))
      .map(([prefix, term]: [string, unknown]) => {
        const namespace = isObject(term) ? term['@id'] : term;
        return typeof namespace === 'string' ? this.#bind(prefix, namespace) : '';
      })
      .join('');
  }

  /** A value that a prefix of the document shortens, in full: XML has no such prefixes in values. */
  full(value: unknown): unknown {
    if (typeof value !== 'string') return value;
    const [, prefix = '', rest = ''] = /^([A-Za-z_][\w.-]*):(?!\/\/)(\S+)$/.exec(value) ?? [];
    const namespace = this.#prefixes.get(prefix);
    // A namespace of XML without a sign at its end makes no URI of a name.
    return namespace !== undefined && /[/#:=]$/.test(namespace) ? `${namespace}${rest}` : value;
  }

  /** The name of an extension as XML writes it, and the attribute that declares its prefix where nothing does yet. */
  nameOf(key: string): readonly [name: string, declaration: string] {
    if (!key.includes(':')) return [xmlName(key), ''];
    const uri = /^([a-z][a-z0-9+.-]*:(?:\/\/)?.*[/#:])([^/#:]+)$/.exec(key);
    const prefix = key.slice(0, key.indexOf(':'));
    const local = key.slice(prefix.length + 1);
    if (uri !== null && !this.#prefixes.has(prefix) && KNOWN[prefix] === undefined) {
      const [, namespace = '', name = ''] = uri;
      // A prefix that no context here declares: one that a context elsewhere does.
      if (!/^[a-z][a-z0-9+.-]*:$/.test(namespace)) return [`ns:${xmlName(name)}`, ` xmlns:ns="${escaped(namespace)}"`];
    }
    if (this.#prefixes.has(prefix)) return [`${prefix}:${xmlName(local)}`, ''];
    const namespace = KNOWN[prefix] ?? `urn:isotherm:prefix:${prefix}`;
    return [`${xmlName(prefix)}:${xmlName(local)}`, ` xmlns:${xmlName(prefix)}="${escaped(namespace)}"`];
  }

  #bind(prefix: string, given: string): string {
    // In JSON-LD it ends in the sign before the name, in XML it does not (CBV 2.0, section 9).
    const namespace = given.replace(/^urn:epcglobal:cbv:mda[:#]$/, 'urn:epcglobal:cbv:mda');
    const isFree = /^[A-Za-z_][\w.-]*$/.test(prefix) && !/^(xml|xmlns|epcisq)$/i.test(prefix) && namespace !== '';
    if (!isFree || this.#prefixes.get(prefix) === namespace) return '';
    this.#prefixes.set(prefix, namespace);
    return ` xmlns:${prefix}="${escaped(namespace)}"`;
  }
}

/** GS1's own prefixes as XML has them. */
const KNOWN: Readonly<Record<string, string>> = {
  cbvmda: 'urn:epcglobal:cbv:mda',
  gs1: 'https://gs1.org/voc/',
  cbv: 'https://ref.gs1.org/cbv/',
  epcis: 'https://ref.gs1.org/epcis/',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  owl: 'http://www.w3.org/2002/07/owl#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  dcterms: 'http://purl.org/dc/terms/',
};

type Fields = Readonly<Record<string, unknown>>;
/** How a field of the standard stands in XML. */
type Writing = (name: string, value: unknown, writing: XmlWriting, scope: Scope) => string;

const text: Writing = (name, value, _, scope) => leaf(name, scope.full(value));
const list =
  (of: string, writing: Writing): Writing =>
  (name, value, how, scope) =>
    element(
      name,
      '',
      many(value).map((one) => writing(of, one, how, scope)),
    );
const word =
  (kind: WordKind): Writing =>
  (name, value, { words }, scope) =>
    leaf(name, typeof value === 'string' ? inFull(kind, String(scope.full(value)), words) : value);
const typed =
  (key: string, kind: WordKind): Writing =>
  (name, value, { words }, scope) => {
    const { type, [key]: content } = isObject(value) ? value : {};
    const attribute =
      typeof type === 'string' ? ` type="${escaped(inFull(kind, String(scope.full(type)), words))}"` : '';
    return `<${name}${attribute}>${escaped(scope.full(content))}</${name}>`;
  };
const fields =
  (order: string, writings: Readonly<Record<string, Writing>> = {}): Writing =>
  (name, value, how, scope) => {
    const given = isObject(value) ? value : {};
    return within(name, given, scope, (inner) => ordered(given, order.split(' '), writings, how, inner));
  };
const each =
  (writing: Writing): Writing =>
  (name, value, how, scope) =>
    many(value)
      .map((one) => writing(name, one, how, scope))
      .join('');

const quantity = fields('epcClass quantity uom');
const place = fields('id');
const epcs = list('epc', text);
const quantities = list('quantityElement', quantity);

/** Metadata and reports of sensors are attributes in XML. */
const attributes: Writing = (name, value, _, scope) => {
  const given = isObject(value) ? value : {};
  const inner = scope.inner();
  const declared = inner.declare(given['@context']);
  const pairs = Object.entries(given).flatMap(([key, one]) => {
    if (key === '@context' || (key === 'type' && one === 'epcis:SensorReport')) return [];
    if (!key.includes(':')) return [` ${key}="${escaped(sensorWord(key, inner.full(one)))}"`];
    const [prefixed, declaration] = inner.nameOf(key);
    return [`${declaration} ${prefixed}="${escaped(isObject(one) ? JSON.stringify(one) : inner.full(one))}"`];
  });
  return `<${name}${declared}${[...new Set(pairs)].join('')}/>`;
};

const sensorElement: Writing = (name, value, how, scope) => {
  const { type: _, ...given } = isObject(value) ? value : {};
  const order = ['sensorMetadata', 'sensorReport'];
  const writings = { sensorMetadata: attributes, sensorReport: each(attributes) };
  return within(name, given, scope, (inner) => ordered(given, order, writings, how, inner));
};

const EVENT: Readonly<Record<string, Writing>> = {
  errorDeclaration: fields('declarationTime reason correctiveEventIDs', {
    // Taken without seconds, which the schema of XML wants.
    declarationTime: (name, value) => leaf(name, String(value).replace(/(T\d\d:\d\d)(?=Z|[+-])/, '$1:00')),
    reason: word('er'),
    correctiveEventIDs: list('correctiveEventID', text),
  }),
  certificationInfo: each(text),
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  bizStep: word('bizstep'),
  disposition: word('disp'),
  persistentDisposition: fields('unset set', { set: each(word('disp')), unset: each(word('disp')) }),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list('bizTransaction', typed('bizTransaction', 'btt')),
  sourceList: list('source', typed('source', 'sdt')),
  destinationList: list('destination', typed('destination', 'sdt')),
  sensorElementList: list('sensorElement', sensorElement),
  ilmd: (name, value, how, scope) => fields('')(name, value, how, scope),
};

function eventXml(event: Fields, how: XmlWriting, scope: Scope): string {
  const { type, ...given } = event;
  const name = String(type);
  const order = SEQUENCES[name] ?? [];
  if (how.version !== '1.2' || depthOf(name) === 2) {
    const written = within(name, given, scope, (inner) => ordered(given, order, EVENT, how, inner));
    return how.version === '1.2' ? inExtensions(2, written) : written;
  }
  const written = within(name, given, scope, (inner) => downscaled(name, given, how, inner));
  return inExtensions(depthOf(name), written);
}

/** An event in the wrappers of EPCIS 1.2. */
function downscaled(type: string, event: Fields, how: XmlWriting, scope: Scope): string {
  const order = SEQUENCES[type] ?? [];
  const parts = wrapped(type, order, new Set(Object.keys(event)));
  const written = (names: readonly string[]) =>
    names.map((name) => (EVENT[name] ?? text)(name, event[name] ?? [], how, scope)).join('');
  const later = inExtensions(parts.later.length === 0 ? 0 : 1, written(parts.later));
  const extension = written(parts.extension) + later;
  const own = Object.keys(event).filter((key) => !order.includes(key) && !key.startsWith('@'));
  return [
    written(parts.times),
    parts.baseExtension.length === 0 ? '' : element('baseExtension', '', [written(parts.baseExtension)]),
    written(parts.plain),
    extension === '' ? '' : inExtensions(1, type === 'TransformationEvent' ? written(parts.later) : extension),
    ...own.map((key) => extensionXml(key, event[key], scope)),
  ].join('');
}

function inExtensions(depth: number, xml: string): string {
  return '<extension>'.repeat(depth) + xml + '</extension>'.repeat(depth);
}

/** An element around fields, with the prefixes that they declare. */
function within(name: string, given: Fields, scope: Scope, content: (inner: Scope) => string): string {
  const inner = scope.inner();
  const declared = inner.declare(given['@context']);
  return element(name, declared, [content(inner)]);
}

/** Fields of the standard in their order, then extensions in theirs. */
function ordered(
  given: Fields,
  order: readonly string[],
  writings: Readonly<Record<string, Writing>>,
  how: XmlWriting,
  scope: Scope,
): string {
  const standard = order.filter((key) => given[key] !== undefined && key !== 'extension');
  const own = Object.entries(given).filter(([key]) => !order.includes(key) && !key.startsWith('@'));
  return [
    ...standard.map((key) => (writings[key] ?? text)(key, given[key], how, scope)),
    ...own.map(([key, value]) => extensionXml(key, value, scope)),
  ].join('');
}

/** A field of somebody's own, at any depth: lists as repeated elements, what stands under an @ as attributes. */
function extensionXml(key: string, value: unknown, scope: Scope): string {
  if (Array.isArray(value)) return value.map((one) => extensionXml(key, one, scope)).join('');
  const [name, declaration] = scope.nameOf(key);
  const inner = scope.inner();
  if (!isObject(value)) return `<${name}${declaration}>${escaped(value)}</${name}>`;
  const declared = inner.declare(value['@context']);
  const given = Object.entries(value).filter(([one]) => one !== '@context' && one !== '@value');
  const own = given.filter(([one]) => one.startsWith('@'));
  const attributesOf = own.map(([one, content]) => attribute(one.slice(1), content, inner)).join('');
  const children = given
    .filter(([one]) => !one.startsWith('@'))
    .map(([one, content]) => extensionXml(one, content, inner));
  const content = value['@value'] === undefined ? '' : escaped(value['@value']);
  return `<${name}${declaration}${declared}${attributesOf}>${content}${children.join('')}</${name}>`;
}

function attribute(key: string, value: unknown, scope: Scope): string {
  const content = escaped(isObject(value) || Array.isArray(value) ? JSON.stringify(value) : value);
  if (!key.includes(':')) return ` ${xmlName(key)}="${content}"`;
  const [name, declaration] = scope.nameOf(key);
  return `${declaration} ${name}="${content}"`;
}

function element(name: string, declared: string, content: readonly string[]): string {
  return `<${name}${declared}>${content.join('')}</${name}>`;
}

function leaf(name: string, value: unknown): string {
  return `<${name}>${escaped(value)}</${name}>`;
}

/** Words of GS1's web vocabulary are URIs in XML. */
function sensorWord(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.includes(':')) return value;
  if (key === 'type' || key === 'exception') return `gs1:${value}`;
  return key === 'component' ? `cbv:${value.startsWith('Comp-') ? '' : 'Comp-'}${value}` : value;
}

function many(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function escaped(value: unknown): string {
  if (value === null || value === undefined) return '';
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** What no name of XML may hold is written as ISO 9075-14 has it: `_x0020_`. */
function xmlName(given: string): string {
  const name = given.replace(/[^\p{L}\p{N}_.-]/gu, (sign) => coded(sign));
  const [first = '_'] = name;
  return /^[\p{L}_]/u.test(name) ? name : `${coded(first)}${name.slice(first.length)}`;
}

function coded(sign: string): string {
  return `_x${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
