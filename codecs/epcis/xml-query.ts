import { InputError } from '../../domain/index.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** What a client asks in XML: over SOAP 1.1 or 1.2, or as an EPCISQueryDocument (EPCIS 1.2 and 2.0, section 11.2). */
export interface XmlQueryRequest {
  readonly form: XmlQueryForm;
  readonly operation: string;
  /** Texts of its elements: `queryName`, `dest`, `subscriptionID`. */
  readonly fields: ReadonlyMap<string, string>;
  /** Of a subscription: when it is told, by the names of the standard; what stands in `schedule` apart. */
  readonly controls: ReadonlyMap<string, string>;
  readonly schedule: ReadonlyMap<string, string> | null;
  /** Of a poll, by name. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

/** How the answer is wrapped. */
export interface XmlQueryForm {
  readonly envelope: 'SOAP 1.1' | 'SOAP 1.2' | 'document';
  readonly version: '1.2' | '2.0';
}

const SOAP: Readonly<Record<string, 'SOAP 1.1' | 'SOAP 1.2'>> = {
  'http://schemas.xmlsoap.org/soap/envelope/': 'SOAP 1.1',
  'http://www.w3.org/2003/05/soap-envelope': 'SOAP 1.2',
};
const QUERY = /^urn:epcglobal:epcis-query:xsd:([12])$/;

/** What came, as far as it says in what form it is to be answered. */
export interface OpenedXmlQuery {
  readonly form: XmlQueryForm;
  /** Blocks of the header that have to be understood: none is here. */
  readonly mandatory: readonly string[];
  readonly body: readonly XmlElement[];
}

/** @throws {InputError} EPCIS_XML, EPCIS_REQUEST: it is in none of the forms */
export function openXmlQuery(text: string): OpenedXmlQuery {
  const root = parseXml(text);
  const envelope = root.local === 'Envelope' ? SOAP[root.namespace ?? ''] : isDocument(root) ? 'document' : undefined;
  if (envelope === undefined) throw bad(root.name, 'a SOAP envelope or an EPCISQueryDocument');
  const inner = root.children.find(({ local }) => local === (envelope === 'document' ? 'EPCISBody' : 'Body'));
  const body = inner?.children ?? [];
  const named = QUERY.exec(body[0]?.namespace ?? root.namespace ?? '')?.[1];
  return { form: { envelope, version: named === '2' ? '2.0' : '1.2' }, mandatory: mandatoryIn(root), body };
}

/**
 * Blocks of a SOAP header that are for whoever answers and must be understood (SOAP 1.1, section 4.2.3; 1.2 part 1, 5.2.3),
 * such as a signature of WS-Security. What may be passed over is.
 */
function mandatoryIn(envelope: XmlElement): readonly string[] {
  const header = envelope.children.find(
    ({ local, namespace }) => local === 'Header' && SOAP[namespace ?? ''] !== undefined,
  );
  const blocks = header?.children ?? [];
  return blocks
    .filter((block) => isOurs(block) && /^(1|true)$/.test(soapAttribute(block, 'mustUnderstand') ?? ''))
    .map(({ name }) => name);
}

/** For the next one who gets it, or the last one, and not for somebody on the way. */
function isOurs(block: XmlElement): boolean {
  const role = soapAttribute(block, 'actor') ?? soapAttribute(block, 'role') ?? '';
  return role === '' || /\/(next|ultimateReceiver)$/.test(role);
}

function soapAttribute({ attributes, namespaces }: XmlElement, local: string): string | null {
  for (const [name, value] of attributes) {
    const [prefix = '', rest] = name.split(':');
    if (rest === local && SOAP[namespaces.get(prefix) ?? ''] !== undefined) return value.trim();
  }
  return null;
}

/** @throws {InputError} EPCIS_NOT_UNDERSTOOD */
export function requireUnderstood(mandatory: readonly string[]): void {
  const [block] = mandatory;
  if (block === undefined) return;
  const allowed = 'nothing in the header that has to be understood';
  throw new InputError('EPCIS_NOT_UNDERSTOOD', `the header ${block.slice(0, 100)} given; allowed: ${allowed}`);
}

/** @throws {InputError} EPCIS_REQUEST, EPCIS_PARAMETER, EPCIS_NOT_UNDERSTOOD */
export function readXmlQuery({ form, mandatory, body }: OpenedXmlQuery): XmlQueryRequest {
  requireUnderstood(mandatory);
  const [asked, ...others] = body;
  if (asked === undefined || others.length > 0 || !QUERY.test(asked.namespace ?? '')) {
    throw bad(asked?.name ?? 'nothing', 'one element of urn:epcglobal:epcis-query:xsd:1 or :2 in the body');
  }
  const parameters = new Map<string, readonly string[]>();
  const names = new Set<string>();
  const params = asked.children.find(({ local }) => local === 'params')?.children ?? [];
  for (const param of params) {
    const name = childText(param, 'name');
    const value = param.children.find(({ local }) => local === 'value');
    if (name === null || value === undefined) throw bad(param.name, 'a param with a name and a value');
    if (names.has(name)) throw new InputError('EPCIS_PARAMETER', `${name}: given twice; allowed: once`);
    names.add(name);
    // Its value is void and not looked at (EPCIS 1.2, section 8.2.7.1).
    const values = name.startsWith('EXISTS_') ? ['true'] : valuesOf(value);
    // EPCIS 2.0, section 8.2.5: what has no value counts as left out.
    if (values.length > 0) parameters.set(name, values);
  }
  const controls = asked.children.find(({ local }) => local === 'controls');
  const schedule = controls?.children.find(({ local }) => local === 'schedule');
  return {
    ...{ form, operation: asked.local, fields: textsIn(asked), parameters },
    ...{ controls: textsIn(controls), schedule: schedule === undefined ? null : textsIn(schedule) },
  };
}

/** Texts of its elements, by name; what is empty counts as left out. */
function textsIn(element: XmlElement | undefined): ReadonlyMap<string, string> {
  const leaves = (element?.children ?? []).filter(({ children }) => children.length === 0);
  const texts = leaves.map(({ local, text }) => [local, text.trim()] as const);
  return new Map(texts.filter(([, text]) => text !== ''));
}

/** A document that is captured, alone or in a SOAP envelope. */
export interface OpenedXmlCapture {
  /** null: alone. */
  readonly form: XmlQueryForm | null;
  readonly mandatory: readonly string[];
  readonly document: XmlElement;
}

/** @throws {InputError} EPCIS_XML, EPCIS_REQUEST: an envelope without one document */
export function openXmlCapture(text: string): OpenedXmlCapture {
  const root = parseXml(text);
  const envelope = root.local === 'Envelope' ? SOAP[root.namespace ?? ''] : undefined;
  if (envelope === undefined) return { form: null, mandatory: [], document: root };
  const given = root.children.find(({ local }) => local === 'Body')?.children ?? [];
  // Some put it into an element of the operation's name.
  const inner = given.length === 1 && given[0]?.local === 'Capture' ? given[0].children : given;
  const [document] = inner;
  if (document === undefined || inner.length !== 1) {
    throw bad(`${inner.length} elements in the body`, 'one EPCISDocument or EPCISMasterDataDocument');
  }
  const version = document.namespace?.endsWith(':2') === true ? '2.0' : '1.2';
  return { form: { envelope, version }, mandatory: mandatoryIn(root), document };
}

/** An answer in the form that was asked in. @param content XML under the prefix `epcisq`; @param declared attributes that declare prefixes */
export function xmlAnswer(
  { envelope, version }: XmlQueryForm,
  content: string,
  { declared = '', creationDate }: { readonly declared?: string; readonly creationDate: string },
): string {
  const epcisq = `xmlns:epcisq="urn:epcglobal:epcis-query:xsd:${version === '1.2' ? 1 : 2}"${declared}`;
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (envelope === 'document') {
    const attributes = `${epcisq} schemaVersion="${version}" creationDate="${creationDate}"`;
    return `${head}<epcisq:EPCISQueryDocument ${attributes}><EPCISBody>${content}</EPCISBody></epcisq:EPCISQueryDocument>\n`;
  }
  return `${head}<soapenv:Envelope xmlns:soapenv="${namespaceOf(envelope)}" ${epcisq}><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>\n`;
}

/** Of SOAP 1.1 and of 1.2. */
const FAULT_CODES = {
  ours: ['Server', 'Receiver'],
  theirs: ['Client', 'Sender'],
  header: ['MustUnderstand', 'MustUnderstand'],
} as const;

/** An exception of the standard, in a fault of SOAP where it was asked over SOAP. */
export function xmlException(
  form: XmlQueryForm,
  exception: string,
  {
    reason,
    fault,
    creationDate,
  }: { readonly reason: string; readonly fault: 'ours' | 'theirs' | 'header'; readonly creationDate: string },
): string {
  const text = escapedText(reason);
  const severity = exception === 'ImplementationException' ? '<severity>ERROR</severity>' : '';
  const content = `<epcisq:${exception}><reason>${text}</reason>${severity}</epcisq:${exception}>`;
  if (form.envelope === 'document') return xmlAnswer(form, content, { creationDate });
  const [old, now] = FAULT_CODES[fault];
  // What is wrong with the header has no detail, which is of the body.
  const [detail, Detail] =
    fault === 'header' ? ['', ''] : [`<detail>${content}</detail>`, `<soapenv:Detail>${content}</soapenv:Detail>`];
  const said =
    form.envelope === 'SOAP 1.1'
      ? `<faultcode>soapenv:${old}</faultcode><faultstring>${text}</faultstring>${detail}`
      : `<soapenv:Code><soapenv:Value>soapenv:${now}</soapenv:Value></soapenv:Code>` +
        `<soapenv:Reason><soapenv:Text xml:lang="en">${text}</soapenv:Text></soapenv:Reason>${Detail}`;
  return xmlAnswer(form, `<soapenv:Fault>${said}</soapenv:Fault>`, { creationDate });
}

/** `<epcisq:GetQueryNamesResult>` and its like: texts, or one text. */
export function xmlResult(operation: string, given: string | readonly string[]): string {
  const name = `epcisq:${operation}Result`;
  const content =
    typeof given === 'string'
      ? escapedText(given)
      : given.map((one) => `<string>${escapedText(one)}</string>`).join('');
  return `<${name}>${content}</${name}>`;
}

export function escapedText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A vocabulary as an answer lists it. */
interface Vocabulary {
  readonly type: string;
  readonly elements: readonly {
    readonly id: string;
    readonly attributes: ReadonlyMap<string, readonly string[]>;
    readonly children: readonly string[];
  }[];
}

/** `QueryResults` of a SimpleMasterDataQuery. */
export function vocabularyXml(queryName: string, vocabularies: readonly Vocabulary[]): string {
  const list = vocabularies.map(({ type, elements }) => {
    const each = elements.map(({ id, attributes, children }) => {
      const own = [...attributes].flatMap(([name, values]) =>
        values.map((value) => `<attribute id="${escapedText(name)}">${escapedText(value)}</attribute>`),
      );
      const ids = children.map((child) => `<id>${escapedText(child)}</id>`).join('');
      const below = ids === '' ? '' : `<children>${ids}</children>`;
      return `<VocabularyElement id="${escapedText(id)}">${own.join('')}${below}</VocabularyElement>`;
    });
    return `<Vocabulary type="${type}"><VocabularyElementList>${each.join('')}</VocabularyElementList></Vocabulary>`;
  });
  const body = `<resultsBody><VocabularyList>${list.join('')}</VocabularyList></resultsBody>`;
  return `<epcisq:QueryResults><queryName>${escapedText(queryName)}</queryName>${body}</epcisq:QueryResults>`;
}

function isDocument({ local, namespace }: XmlElement): boolean {
  return local === 'EPCISQueryDocument' && QUERY.test(namespace ?? '');
}

/** One text, or a list of `<string>` or, as some clients write it, `<value>`; nothing for a parameter without a value. */
function valuesOf(value: XmlElement): string[] {
  if (value.children.length > 0) return value.children.map(({ text }) => text.trim());
  const text = value.text.trim();
  return text === '' ? [] : [text];
}

function childText(element: XmlElement, local: string): string | null {
  const child = element.children.find((one) => one.local === local);
  return child === undefined ? null : child.text.trim();
}

function namespaceOf(envelope: 'SOAP 1.1' | 'SOAP 1.2'): string {
  return Object.keys(SOAP).find((namespace) => SOAP[namespace] === envelope) ?? '';
}

function bad(given: string, allowed: string): InputError {
  return new InputError('EPCIS_REQUEST', `${given.slice(0, 100)} given; allowed: ${allowed}`);
}
