import { BUSINESS_STEPS, DISPOSITIONS, ERROR_REASONS, SOURCE_TYPES, TRANSACTION_TYPES } from './vocabulary.ts';
import { isStandard, type XmlElement } from './xml.ts';

type Json = string | number | boolean | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

/** How the content of an element of the standard stands in JSON-LD; elements of other namespaces are extensions. */
type Reading = (element: XmlElement) => Json | undefined;

const text: Reading = (element) => element.text.trim();
const number: Reading = (element) => (isNil(element) ? undefined : numberOf(element.text));
const list =
  (of: string, reading: Reading): Reading =>
  (element) =>
    element.children.filter(({ local }) => local === of).flatMap((child) => reading(child) ?? []);
/** A word of the CBV leaves its namespace behind, as in JSON-LD. */
const word =
  (namespace: string, known: ReadonlySet<string>): Reading =>
  (element) =>
    wordOf(element.text.trim(), namespace, known);
/** `<bizTransaction type="...">...</bizTransaction>` */
const typed =
  (key: string, namespace: string, known: ReadonlySet<string>): Reading =>
  (element) => {
    const type = element.attributes.get('type');
    return { ...(type !== undefined && { type: wordOf(type, namespace, known) }), [key]: element.text.trim() };
  };
const object =
  (readings: Readonly<Record<string, Reading>>): Reading =>
  (element) =>
    fieldsOf(element, readings);

const quantity = object({ epcClass: text, quantity: number, uom: text });
const place = object({ id: text });
const errorDeclaration = object({
  declarationTime: text,
  reason: word('er', ERROR_REASONS),
  correctiveEventIDs: list('correctiveEventID', text),
});
const disposition = word('disp', DISPOSITIONS);

const NUMBERS = new Set(['value', 'minValue', 'maxValue', 'meanValue', 'sDev', 'percRank', 'percValue']);

/** Sensor metadata and reports are attributes in XML. */
const attributes: Reading = (element) => {
  const fields: Fields = {};
  for (const [key, value] of element.attributes) {
    const isBoolean = key === 'booleanValue' && /^(true|false|0|1)$/.test(value);
    fields[key] = isBoolean
      ? value === 'true' || value === '1'
      : NUMBERS.has(key)
        ? numberOf(value)
        : shortened(key, value);
  }
  return fields;
};

const EVENT: Readonly<Record<string, Reading>> = {
  eventTime: text,
  recordTime: text,
  eventTimeZoneOffset: text,
  eventID: text,
  errorDeclaration,
  certificationInfo: text,
  epcList: list('epc', text),
  parentID: text,
  childEPCs: list('epc', text),
  inputEPCList: list('epc', text),
  outputEPCList: list('epc', text),
  quantityList: list('quantityElement', quantity),
  childQuantityList: list('quantityElement', quantity),
  inputQuantityList: list('quantityElement', quantity),
  outputQuantityList: list('quantityElement', quantity),
  transformationID: text,
  action: text,
  bizStep: word('bizstep', BUSINESS_STEPS),
  disposition,
  persistentDisposition: object({
    set: (element) => [disposition(element) ?? ''],
    unset: (element) => [disposition(element) ?? ''],
  }),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list('bizTransaction', typed('bizTransaction', 'btt', TRANSACTION_TYPES)),
  sourceList: list('source', typed('source', 'sdt', SOURCE_TYPES)),
  destinationList: list('destination', typed('destination', 'sdt', SOURCE_TYPES)),
  sensorElementList: list(
    'sensorElement',
    object({ sensorMetadata: attributes, sensorReport: (element) => [attributes(element) ?? ''] }),
  ),
  ilmd: (element) => extensionsOf(element.children),
};

/** Wrappers that EPCIS 1.1 and 1.2 put around what was added later; JSON-LD has none. */
const WRAPPERS = new Set(['extension', 'baseExtension']);

/** An event element as JSON-LD has the same event. What the standard does not know keeps its name, and is refused later. */
export function eventFromXml(element: XmlElement): unknown {
  if (element.local === 'QuantityEvent') return quantityEvent(element);
  return { type: element.local, ...fieldsOf(element, EVENT) };
}

/**
 * A QuantityEvent says that so many of a class were there: an ObjectEvent OBSERVE without EPCs and with one quantity, as
 * EPCIS 1.1, section 7.4.4, has it since.
 */
function quantityEvent(element: XmlElement): unknown {
  const { epcClass, quantity: count, ...fields } = fieldsOf(element, { ...EVENT, epcClass: text, quantity: number });
  const entry = { ...(epcClass !== undefined && { epcClass }), ...(count !== undefined && { quantity: count }) };
  return { type: 'ObjectEvent', action: 'OBSERVE', ...fields, quantityList: [entry] };
}

function fieldsOf(element: XmlElement, readings: Readonly<Record<string, Reading>>): Fields {
  const fields: Fields = {};
  const extensions: XmlElement[] = [];
  for (const child of unwrapped(element)) {
    if (!isStandard(child.namespace)) {
      extensions.push(child);
      continue;
    }
    const reading = readings[child.local];
    const value = reading === undefined ? text(child) : reading(child);
    if (value === undefined) continue;
    const before = fields[child.local];
    // Repeated elements make a list: sensor reports, dispositions set and unset.
    fields[child.local] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return { ...fields, ...extensionsOf(extensions) };
}

function unwrapped(element: XmlElement): XmlElement[] {
  return element.children.flatMap((child) =>
    isStandard(child.namespace) && WRAPPERS.has(child.local) ? unwrapped(child) : [child],
  );
}

/** Elements of other namespaces by their name; repeated ones as a list; attributes of theirs as fields. */
export function extensionsOf(elements: readonly XmlElement[]): Fields {
  const fields: Fields = {};
  for (const element of elements) {
    const own = [...element.attributes].filter(([key]) => !key.startsWith('xsi:'));
    const inner = extensionsOf(element.children);
    const isPlain = element.children.length === 0 && own.length === 0;
    const attributesOf = Object.fromEntries(own.map(([key, value]) => [`@${key}`, value]));
    const content = element.text.trim();
    const value: Json = isPlain ? content : { ...attributesOf, ...inner, ...(content !== '' && { '@value': content }) };
    const before = fields[element.name];
    fields[element.name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}

function isNil(element: XmlElement): boolean {
  return element.attributes.get('xsi:nil') === 'true' && element.text.trim() === '';
}

/** What is no number (`Number` takes `0x10` and `Infinity`) stays text, for the check to refuse as it was given. */
function numberOf(given: string): Json {
  const isDecimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(given.trim());
  return isDecimal ? Number(given.trim()) : given;
}

function wordOf(given: string, namespace: string, known: ReadonlySet<string>): string {
  const [, urn, web] =
    new RegExp(`^(?:urn:epcglobal:cbv:${namespace}:(.+)|https://ref\\.gs1\\.org/cbv/[A-Z]+-(.+))$`).exec(given) ?? [];
  const bare = urn ?? web;
  return bare !== undefined && known.has(bare) ? bare : given;
}

/** `gs1:Temperature` and GS1's web vocabulary as the bare word. */
function shortened(key: string, value: string): string {
  if (key !== 'type' && key !== 'exception' && key !== 'component') return value;
  return value.replace(/^(gs1:|cbv:|epcis:|https:\/\/gs1\.org\/voc\/)/, '');
}
