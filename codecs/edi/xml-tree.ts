import { SaxesParser } from 'saxes';
import { InputError } from '../../domain/index.ts';

/** An element as a mapping reads it: its text, or an object with its children by name, several of one name in an array. */
export type XmlTree = string | { readonly [name: string]: XmlTree | readonly XmlTree[] };

interface Open {
  readonly name: string;
  readonly line: number;
  /** No prototype: an element may be called as its parts are. */
  readonly children: Record<string, XmlTree | XmlTree[]>;
  text: string;
}

const DEEPEST = 100;
const MOST_ELEMENTS = 1_000_000;

/**
 * XML as plain objects, `IDOC.E1EDL20.VBELN`: what systems export, IDocs among it. Names without their prefix; attributes as
 * `@NAME` beside the children. A document type is refused: nothing expands, nothing is fetched.
 * @throws {InputError} XML_INVALID with the line
 */
export function xmlTree(text: string): { readonly [root: string]: XmlTree | readonly XmlTree[] } {
  const parser = new SaxesParser({ xmlns: false });
  const root: Open = { name: '', line: 1, children: Object.create(null), text: '' };
  const open: Open[] = [root];
  let elements = 0;
  const fail = (reason: string) =>
    new InputError('XML_INVALID', `line ${parser.line}: ${reason}`, { line: parser.line });
  parser.on('error', (error) => {
    const last = open.at(-1);
    const unclosed = last === undefined || last === root ? '' : `; open: <${last.name}> of line ${last.line}`;
    throw fail(`${error.message.replace(/^[\d:undefined]+:\s*/, '').replace(/\.$/, '')}${unclosed}`);
  });
  parser.on('doctype', () => {
    throw fail('a document type is not accepted');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++elements > MOST_ELEMENTS) throw fail(`more than ${MOST_ELEMENTS} elements`);
    if (open.length > DEEPEST) throw fail(`nested deeper than ${DEEPEST} levels`);
    const children: Open['children'] = Object.create(null);
    for (const [key, given] of Object.entries(attributes)) {
      // SEGMENT="1" of each segment of an IDoc says nothing.
      if (!/^xmlns(?::|$)/.test(key) && key !== 'SEGMENT') children[`@${local(key)}`] = given;
    }
    open.push({ name: local(name), line: parser.line, children, text: '' });
  });
  parser.on('closetag', () => {
    const closed = open.pop();
    const around = open.at(-1);
    if (closed === undefined || around === undefined) return;
    const isLeaf = Object.keys(closed.children).length === 0;
    const text = closed.text.trim();
    const tree: XmlTree = isLeaf ? text : text === '' ? closed.children : { ...closed.children, '#': text };
    const before = around.children[closed.name];
    if (before === undefined) around.children[closed.name] = tree;
    else if (Array.isArray(before)) before.push(tree);
    else around.children[closed.name] = [before, tree];
  });
  const add = (piece: string) => {
    const around = open.at(-1);
    if (around !== undefined) around.text += piece;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close();
  return root.children;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
