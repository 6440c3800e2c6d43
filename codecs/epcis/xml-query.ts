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
  return { form: { envelope, version: named === '2' ? '2.0' : '1.2' }, body };
}

/** @throws {InputError} EPCIS_REQUEST, EPCIS_PARAMETER */
export function readXmlQuery({ form, body }: OpenedXmlQuery): XmlQueryRequest {
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
    const values = valuesOf(value);
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
  readonly document: XmlElement;
}

/** @throws {InputError} EPCIS_XML, EPCIS_REQUEST: an envelope without one document */
export function openXmlCapture(text: string): OpenedXmlCapture {
  const root = parseXml(text);
  const envelope = root.local === 'Envelope' ? SOAP[root.namespace ?? ''] : undefined;
  if (envelope === undefined) return { form: null, document: root };
  const given = root.children.find(({ local }) => local === 'Body')?.children ?? [];
  // Some put it into an element of the operation's name.
  const inner = given.length === 1 && given[0]?.local === 'Capture' ? given[0].children : given;
  const [document] = inner;
  if (document === undefined || inner.length !== 1) {
    throw bad(`${inner.length} elements in the body`, 'one EPCISDocument or EPCISMasterDataDocument');
  }
  return { form: { envelope, version: document.namespace?.endsWith(':2') === true ? '2.0' : '1.2' }, document };
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

/** An exception of the standard, in a fault of SOAP where it was asked over SOAP. */
export function xmlException(
  form: XmlQueryForm,
  exception: string,
  {
    reason,
    isOurs,
    creationDate,
  }: { readonly reason: string; readonly isOurs: boolean; readonly creationDate: string },
): string {
  const text = escapedText(reason);
  const severity = exception === 'ImplementationException' ? '<severity>ERROR</severity>' : '';
  const content = `<epcisq:${exception}><reason>${text}</reason>${severity}</epcisq:${exception}>`;
  if (form.envelope === 'document') return xmlAnswer(form, content, { creationDate });
  const fault =
    form.envelope === 'SOAP 1.1'
      ? `<faultcode>soapenv:${isOurs ? 'Server' : 'Client'}</faultcode><faultstring>${text}</faultstring><detail>${content}</detail>`
      : `<soapenv:Code><soapenv:Value>soapenv:${isOurs ? 'Receiver' : 'Sender'}</soapenv:Value></soapenv:Code>` +
        `<soapenv:Reason><soapenv:Text xml:lang="en">${text}</soapenv:Text></soapenv:Reason><soapenv:Detail>${content}</soapenv:Detail>`;
  return xmlAnswer(form, `<soapenv:Fault>${fault}</soapenv:Fault>`, { creationDate });
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
