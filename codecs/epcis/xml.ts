import { InputError } from '../../domain/index.ts';

/** An element of an XML document; `text` is what stands directly in it, all pieces joined. */
export interface XmlElement {
  /** As written, `example:myField`. */
  readonly name: string;
  readonly local: string;
  /** null where no namespace holds. */
  readonly namespace: string | null;
  /** By name as written, namespace declarations left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Namespaces by prefix, as they hold here. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly line: number;
}

/** Whether an element is one of the standard's: most of them have no namespace, and some systems give them their root's. */
export function isStandard(namespace: string | null): boolean {
  return namespace === null || /^urn:epcglobal:epcis(-query|-masterdata)?:xsd:[12]$/.test(namespace);
}

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly namespaces: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
  readonly line: number;
}

/** Deeper than any document needs; a bound against those made to exhaust a reader. */
const DEEPEST = 100;
/** More than documents of the size that is taken hold. */
const MOST_ELEMENTS = 500_000;
/** At one place. */
const MOST_NAMESPACES = 100;
const NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Parses XML with namespaces. There is no document type, so there are no entities but the five of the standard and
 * characters by number: nothing expands, nothing is fetched.
 *
 * @throws {InputError} EPCIS_XML with the line
 */
export function parseXml(text: string): XmlElement {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const open: Open[] = [];
  let root: XmlElement | null = null;
  let at = 0;
  let line = 1;
  let elements = 0;
  const fail = (reason: string) => new InputError('EPCIS_XML', `line ${line}: ${reason}`, { line });
  const skipTo = (end: number) => {
    for (let i = at; i < end; i++) if (source.charCodeAt(i) === 10) line++;
    at = end;
  };
  const endOf = (mark: string, from: number) => {
    const found = source.indexOf(mark, from);
    if (found < 0) throw fail(`${mark} expected before the end`);
    return found;
  };
  while (at < source.length) {
    const top = open.at(-1);
    const next = source.indexOf('<', at);
    const end = next < 0 ? source.length : next;
    if (end > at) {
      const piece = source.slice(at, end);
      if (top !== undefined) top.text += decoded(piece, fail);
      else if (piece.trim() !== '') throw fail('text outside the root element');
      skipTo(end);
      continue;
    }
    if (source.startsWith('<!--', at)) skipTo(endOf('-->', at) + 3);
    else if (source.startsWith('<?', at)) skipTo(endOf('?>', at) + 2);
    else if (source.startsWith('<![CDATA[', at)) {
      const close = endOf(']]>', at);
      if (top === undefined) throw fail('text outside the root element');
      top.text += source.slice(at + 9, close);
      skipTo(close + 3);
    } else if (source.startsWith('<!', at)) throw fail('a document type is not accepted');
    else if (source.startsWith('</', at)) {
      const close = endOf('>', at);
      const name = source.slice(at + 2, close).trim();
      if (top === undefined || top.name !== name) throw fail(`</${name}> closes nothing that is open`);
      skipTo(close + 1);
      open.pop();
      const element = finished(top, fail);
      const parent = open.at(-1);
      if (parent === undefined) root = element;
      else parent.children.push(element);
    } else {
      if (top === undefined && root !== null) throw fail('a second root element');
      elements += 1;
      if (elements > MOST_ELEMENTS) throw fail(`more than ${MOST_ELEMENTS} elements`);
      if (open.length >= DEEPEST) throw fail(`nested deeper than ${DEEPEST} levels`);
      const { element, end: tagEnd, isEmpty } = startTag(source, at, top, line, fail);
      skipTo(tagEnd);
      if (!isEmpty) open.push(element);
      else if (top === undefined) root = finished(element, fail);
      else top.children.push(finished(element, fail));
    }
  }
  const left = open.at(-1);
  if (left !== undefined) throw fail(`<${left.name}> of line ${left.line} is not closed`);
  if (root === null) throw fail('no element');
  return root;
}

type Fail = (reason: string) => InputError;

function startTag(source: string, at: number, parent: Open | undefined, line: number, fail: Fail) {
  NAME.lastIndex = at + 1;
  const name = NAME.exec(source)?.[0];
  if (name === undefined) throw fail('an element name expected after <');
  const attributes = new Map<string, string>();
  const declared = new Map<string, string>();
  let end = at + 1 + name.length;
  for (;;) {
    ATTRIBUTE.lastIndex = end;
    const match = ATTRIBUTE.exec(source);
    if (match === null) break;
    const [whole, key = '', double, single] = match;
    const value = decoded(double ?? single ?? '', fail);
    if (attributes.has(key)) throw fail(`attribute ${key} stands twice in <${name}>`);
    attributes.set(key, value);
    if (key === 'xmlns') declared.set('', value);
    else if (key.startsWith('xmlns:')) declared.set(key.slice(6), value);
    end += whole.length;
  }
  const close = /\s*(\/?)>/y;
  close.lastIndex = end;
  const closing = close.exec(source);
  if (closing === null) throw fail(`<${name}> is not well formed`);
  const inherited = parent?.namespaces ?? new Map<string, string>();
  const namespaces = declared.size === 0 ? inherited : new Map([...inherited, ...declared]);
  if (namespaces.size > MOST_NAMESPACES) throw fail(`more than ${MOST_NAMESPACES} namespaces in <${name}>`);
  const element: Open = { name, attributes, namespaces, children: [], text: '', line };
  return { element, end: end + closing[0].length, isEmpty: closing[1] === '/' };
}

function finished({ name, attributes, namespaces, children, text, line }: Open, fail: Fail): XmlElement {
  const cut = name.indexOf(':');
  const prefix = cut < 0 ? '' : name.slice(0, cut);
  const namespace = namespaces.get(prefix) ?? null;
  if (prefix !== '' && namespace === null) throw fail(`prefix ${prefix} of <${name}> is not declared`);
  for (const key of [...attributes.keys()]) if (/^xmlns(:|$)/.test(key)) attributes.delete(key);
  return {
    name,
    local: name.slice(cut + 1),
    namespace: namespace === '' ? null : namespace,
    attributes,
    namespaces,
    children,
    text,
    line,
  };
}

function decoded(text: string, fail: Fail): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;\s]{1,12};)?/g, (whole, named: string | undefined) => {
    const name = named?.slice(0, -1) ?? '';
    const known = ENTITIES[name];
    if (known !== undefined) return known;
    const code = /^#x[0-9A-Fa-f]+$/.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d+$/.test(name)
        ? Number(name.slice(1))
        : -1;
    if (code < 9 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      throw fail(`entity ${whole} is not accepted`);
    return String.fromCodePoint(code);
  });
}
