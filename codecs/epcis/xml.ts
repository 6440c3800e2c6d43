import { SaxesParser, type SaxesTagNS } from 'saxes';
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

/** An element whose end has not come yet. */
interface Open extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Deeper than any document needs; a bound against those made to exhaust a reader. */
const DEEPEST = 100;
/** More than documents of the size that is taken hold. */
const MOST_ELEMENTS = 500_000;
/** At one place. */
const MOST_NAMESPACES = 100;

/** Nothing inside that could expand, nothing outside that could be fetched. */
const NAMED_ALONE = /^\s*[\w.:-]{1,100}\s*$/;

const NONE: ReadonlyMap<string, string> = new Map();

/**
 * Parses XML 1.0 with namespaces. A document type that is more than a name is refused, so there are no entities but the five of the standard and
 * characters by number: nothing expands, nothing is fetched.
 *
 * @throws {InputError} EPCIS_XML with the line
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: Open[] = [];
  const roots: XmlElement[] = [];
  let elements = 0;
  const fail = (reason: string) => new InputError('EPCIS_XML', `line ${parser.line}: ${reason}`, { line: parser.line });
  parser.on('error', (error) => {
    const last = open.at(-1);
    const unclosed = last === undefined ? '' : `; open: <${last.name}> of line ${last.line}`;
    throw fail(`${error.message.replace(/^[\d:undefined]+:\s*/, '').replace(/\.$/, '')}${unclosed}`);
  });
  parser.on('doctype', (given) => {
    // GS1's own samples name one and say nothing in it.
    if (!NAMED_ALONE.test(given)) throw fail('a document type is not accepted, but for its name alone');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements > MOST_ELEMENTS) throw fail(`more than ${MOST_ELEMENTS} elements`);
    if (open.length >= DEEPEST) throw fail(`nested deeper than ${DEEPEST} levels`);
    const element = elementOf(tag, open.at(-1)?.namespaces ?? NONE, parser.line);
    if (element.namespaces.size > MOST_NAMESPACES) {
      throw fail(`more than ${MOST_NAMESPACES} namespaces in <${tag.name}>`);
    }
    (open.at(-1)?.children ?? roots).push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  const add = (piece: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close();
  const [root] = roots;
  if (root === undefined) throw fail('no element');
  return root;
}

function elementOf(tag: SaxesTagNS, around: ReadonlyMap<string, string>, line: number): Open {
  const attributes = new Map<string, string>();
  for (const { name, value } of Object.values(tag.attributes)) {
    if (!/^xmlns(:|$)/.test(name)) attributes.set(name, value);
  }
  const declared = Object.entries(tag.ns);
  return {
    ...{ name: tag.name, local: tag.local, namespace: tag.uri === '' ? null : tag.uri, attributes, line },
    namespaces: declared.length === 0 ? around : new Map([...around, ...declared]),
    ...{ children: [], text: '' },
  };
}
