import { isDeepStrictEqual } from 'node:util';
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  Parser,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isMapping } from './yaml-file.ts';

export interface ChangedYaml {
  readonly text: string;
  /** Comments that stood in what went, as they were written: `# until May`. */
  readonly lost: readonly string[];
}

/**
 * Changes a map as people wrote it: the lines of what is changed are other, all else stays to the letter, comments with it.
 * What comes out says the same as before but for the change, or nothing comes out.
 *
 * @param patch a JSON Merge Patch (RFC 7396): null takes a key out
 * @returns null where only the text itself can be changed: an alias repeats what would be changed, say
 * @throws {YamlFault} for what is no YAML
 */
export function changeYaml(text: string, patch: Readonly<Record<string, unknown>>): ChangedYaml | null {
  const { contents, plain } = read(text);
  const wanted = patched(plain ?? {}, patch) as Record<string, unknown>;
  const changed = isMap(contents)
    ? spliced(text, changesOf(text, contents, patch))
    : `${text.trim() === '' ? ended(text) : ''}${linesOf(wanted, 0)}`;
  if (!isDeepStrictEqual(plainOrNull(changed), wanted)) return null;
  return { text: changed, lost: lostComments(text, changed) };
}

/** What a text says, or an empty map of none. @throws {YamlFault} for what is no YAML */
export function readYaml(text: string): unknown {
  return read(text).plain;
}

/** A text that is no YAML, and why. */
export class YamlFault extends Error {}

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function spliced(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text: fresh }) => `${whole.slice(0, from)}${fresh}${whole.slice(to)}`, text);
}

/** What to change in a map that stands on lines of its own. */
function changesOf(text: string, map: YAMLMap, patch: Readonly<Record<string, unknown>>): Splice[] {
  const fresh: [string, unknown][] = [];
  const splices: Splice[] = [];
  for (const [key, value] of Object.entries(patch)) {
    const pair = map.items.find((one) => isScalar(one.key) && String(one.key.value) === key);
    if (pair !== undefined) splices.push(...changeOf(text, pair, value));
    else if (value !== null) fresh.push([key, patched({}, value)]);
  }
  if (fresh.length === 0) return splices;
  const [first, last] = [map.items[0], map.items.at(-1)];
  if (first === undefined || last === undefined) return splices;
  const at = lineEnd(text, endOf(last));
  const lines = linesOf(Object.fromEntries(fresh), indentOf(text, first));
  return [...splices, { from: at, to: at, text: at === text.length && !text.endsWith('\n') ? `\n${lines}` : lines }];
}

function changeOf(text: string, pair: Pair, patch: unknown): Splice[] {
  if (patch === null) return [{ ...linesAround(text, startOf(pair), endOf(pair)), text: '' }];
  const { value } = pair;
  const before = plainNode(value);
  const after = patched(before, patch);
  if (isDeepStrictEqual(before, after)) return [];
  const isOnLines = !isNode(value) || isAlias(value) || isScalar(value) ? false : value.flow !== true;
  if (isMap(value) && isOnLines && isMapping(patch) && !isEmpty(after)) return changesOf(text, value, patch);
  if (isSeq(value) && isOnLines && Array.isArray(after)) {
    const splices = itemsChanged(text, value, after);
    if (splices !== null) return splices;
  }
  const from = text.indexOf(':', keyEnd(pair)) + 1;
  return [{ from, to: endOf(pair), text: valueText(after, indentOf(text, pair)) }];
}

/** Items of a list, a line each, that go and come; null where those that stay come in another order. */
function itemsChanged(text: string, { items }: YAMLSeq, after: readonly unknown[]): Splice[] | null {
  const before = items.map(plainNode);
  const stays = before.map((one) => after.some((other) => isDeepStrictEqual(one, other)));
  const kept = before.filter((_, i) => stays[i]);
  const last = items.at(-1);
  if (kept.length === 0 || !isNode(last) || !isDeepStrictEqual(kept, after.slice(0, kept.length))) return null;
  const places = items.map((item) => {
    const start = isNode(item) ? (item.range?.[0] ?? 0) : 0;
    return {
      ...linesAround(text, start, nodeEnd(item)),
      indent: text.slice(text.lastIndexOf('\n', start) + 1).search(/\S/),
    };
  });
  const gone = places.filter((_, i) => !stays[i]).map(({ from, to }) => ({ from, to, text: '' }));
  const dash = ' '.repeat(places[0]?.indent ?? 0);
  const fresh = after.slice(kept.length).map((one) => `${dash}- ${flowText(one)}\n`);
  const at = lineEnd(text, nodeEnd(last));
  const isOpen = at === text.length && !text.endsWith('\n');
  return fresh.length === 0 ? gone : [...gone, { from: at, to: at, text: `${isOpen ? '\n' : ''}${fresh.join('')}` }];
}

/** Whole lines, with the comments right above, which speak of them. */
function linesAround(text: string, start: number, end: number): { from: number; to: number } {
  let from = text.lastIndexOf('\n', start - 1) + 1;
  for (;;) {
    const above = text.lastIndexOf('\n', from - 2) + 1;
    if (from === 0 || !/^\s*#/.test(text.slice(above, from))) return { from, to: lineEnd(text, end) };
    from = above;
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function startOf({ key }: Pair): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}

function keyEnd({ key }: Pair): number {
  return isNode(key) ? (key.range?.[1] ?? 0) : 0;
}

function endOf(pair: Pair): number {
  return Math.max(keyEnd(pair) + 1, nodeEnd(pair.value));
}

/** Where what a node says ends: before the comment behind it, and before the end of its last line. */
function nodeEnd(node: unknown): number {
  if (isMap(node) && node.flow !== true) return Math.max(0, ...node.items.slice(-1).map(endOf));
  if (isSeq(node) && node.flow !== true) return Math.max(0, ...node.items.slice(-1).map(nodeEnd));
  if (!isNode(node)) return 0;
  const [, end = 0] = node.range ?? [];
  // A text in lines (`|`) ends with the end of its last one.
  return isScalar(node) && /^BLOCK/.test(node.type ?? '') ? end - 1 : end;
}

function indentOf(text: string, pair: Pair): number {
  const start = startOf(pair);
  return start - (text.lastIndexOf('\n', start - 1) + 1);
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A map, a line a key; what it holds on lines below where it is a map of maps or a list of more than names. */
function linesOf(map: Readonly<Record<string, unknown>>, indent: number, depth = indent / 2): string {
  return Object.entries(map)
    .map(([key, value]) => {
      const isLong = isMapping(value) && !isEmpty(value) && depth < 2;
      const text = isLong ? `\n${linesOf(value, indent + 2, depth + 1).trimEnd()}` : valueText(value, indent);
      return `${' '.repeat(indent)}${flowText(key)}:${text}\n`;
    })
    .join('');
}

/** What stands behind the colon of a key. */
function valueText(value: unknown, indent: number): string {
  if (!Array.isArray(value) || !value.some(isMapping)) return ` ${flowText(value)}`;
  return value.map((one) => `\n${' '.repeat(indent + 2)}- ${flowText(one)}`).join('');
}

/** On one line; times, dates, numbers and all that YAML might read as something else in quotes. */
function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isMapping(value)) {
    const pairs = Object.entries(value).map(([key, one]) => `${flowText(key)}: ${flowText(one)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  const isPlain = typeof value !== 'string' || (/^[A-Za-z][\w/-]*$/.test(value) && !RESERVED.test(value));
  return isPlain ? String(value) : JSON.stringify(value);
}

/** RFC 7396. */
export function patched(value: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result = new Map(isMapping(value) ? Object.entries(value) : []);
  for (const [key, one] of Object.entries(patch)) {
    if (one === null) result.delete(key);
    else result.set(key, patched(result.get(key), one));
  }
  return Object.fromEntries(result);
}

function isEmpty(value: unknown): boolean {
  return isMapping(value) && Object.keys(value).length === 0;
}

function read(text: string): { readonly contents: unknown; readonly plain: unknown } {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw new YamlFault(fault.message);
  return { contents: document.contents, plain: document.toJS({ maxAliasCount: 100 }) as unknown };
}

function plainOrNull(text: string): unknown {
  try {
    return read(text).plain;
  } catch {
    return null;
  }
}

function plainNode(node: unknown): unknown {
  return isNode(node) && !isAlias(node) ? node.toJSON() : undefined;
}

/** Comments that stood in one text and stand in the other no more. */
function lostComments(before: string, after: string): readonly string[] {
  const left = commentsOf(after);
  return commentsOf(before).filter((comment) => {
    const at = left.indexOf(comment);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function commentsOf(text: string): string[] {
  const found: string[] = [];
  const look = (token: unknown): void => {
    if (Array.isArray(token)) for (const one of token) look(one);
    else if (isMapping(token)) {
      if (token.type === 'comment' && typeof token.source === 'string') found.push(token.source.trim());
      for (const value of Object.values(token)) if (typeof value === 'object') look(value);
    }
  };
  for (const token of new Parser().parse(text)) look(token);
  return found;
}
