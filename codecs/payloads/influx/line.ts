/** A value as line protocol has it; a string stays one. */
export type FieldValue = number | boolean | string;

/** One point of InfluxDB line protocol (docs.influxdata.com, *Line protocol*). */
export interface Point {
  /** Of the line it begins in, from 1; comments and blank lines count. */
  readonly line: number;
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: readonly (readonly [string, FieldValue])[];
  /** As written: digits in the unit of the request; null where there is none. */
  readonly timestamp: bigint | null;
}

export interface BadLine {
  readonly line: number;
  readonly reason: string;
  /** The beginning of it. */
  readonly text: string;
}

const SHOWN = 200;

/**
 * Points of a text, and the lines that are none; a bad line costs only itself. Commas, spaces and equals signs of names
 * are escaped by a backslash; a string stands in double quotes, may go on over lines, and escapes `"` and `\`.
 */
export function parseLines(text: string): { readonly points: readonly Point[]; readonly bad: readonly BadLine[] } {
  const points: Point[] = [];
  const bad: BadLine[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const end = endOf(text, at);
    const one = text.slice(at, end).replace(/\r$/, '');
    const first = one.trimStart();
    if (first !== '' && !first.startsWith('#')) {
      const parsed = new LineReader(first).read(line);
      if ('reason' in parsed) {
        // A quote that is never closed must not swallow the lines behind it.
        const own = firstLineOf(one);
        bad.push({ line, reason: parsed.reason, text: own.slice(0, SHOWN) });
        if (own.length < one.length) {
          at += own.length + 1;
          line++;
          continue;
        }
      } else points.push(parsed);
    }
    line += countOf(one) + 1;
    at = end + 1;
  }
  return { points, bad };
}

function firstLineOf(text: string): string {
  const at = text.indexOf('\n');
  return at < 0 ? text : text.slice(0, at);
}

/** The next line end that is outside a string; a comment has no strings. */
function endOf(text: string, from: number): number {
  const next = text.indexOf('\n', from);
  const plain = next < 0 ? text.length : next;
  const quote = text.indexOf('"', from);
  if (quote < 0 || quote > plain || /^\s*#/.test(text.slice(from, plain))) return plain;
  let isString = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    // A quote opens a string only where a value begins.
    else if (char === '"' && (isString || text[at - 1] === '=')) isString = !isString;
    else if (char === '\n' && !isString) return at;
  }
  return isString ? plain : text.length;
}

function countOf(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

class LineReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(line: number): Point | { readonly reason: string } {
    const measurement = this.#name(', ');
    if (measurement === '') return { reason: 'has no measurement' };
    const tags = new Map<string, string>();
    while (this.#take(',')) {
      const key = this.#name('=, ');
      if (key === '' || !this.#take('=')) return { reason: `has a tag without a value: ${key}` };
      const value = this.#name(', ');
      if (value === '') return { reason: `has an empty tag: ${key}` };
      tags.set(key, value);
    }
    if (!this.#space()) return { reason: 'has no fields' };
    const fields: [string, FieldValue][] = [];
    do {
      const key = this.#name('=, ');
      if (key === '' || !this.#take('=')) return { reason: `has a field without a value: ${key}` };
      const value = this.#value();
      if (value === undefined) return { reason: `has no value that can be read in the field ${key}` };
      fields.push([key, value]);
    } while (this.#take(','));
    const isMore = this.#space();
    const rest = this.#text.slice(this.#at).trimEnd();
    if (rest === '') return { line, measurement, tags, fields, timestamp: null };
    if (!isMore || !/^-?\d{1,19}$/.test(rest)) return { reason: `has no whole number as time: ${rest.slice(0, 40)}` };
    return { line, measurement, tags, fields, timestamp: BigInt(rest) };
  }

  /** Up to one of `ends` that is not escaped. A backslash before anything else stands for itself. */
  #name(ends: string): string {
    let name = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      const next = this.#text[this.#at + 1] ?? '';
      if (char === '\\' && next !== '' && ',= '.includes(next)) {
        name += next;
        this.#at++;
      } else if (ends.includes(char)) break;
      else name += char;
    }
    return name;
  }

  #value(): FieldValue | undefined {
    if (this.#text[this.#at] === '"') return this.#string();
    const from = this.#at;
    while (this.#at < this.#text.length && !', '.includes(this.#text[this.#at] ?? '')) this.#at++;
    const text = this.#text.slice(from, this.#at);
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
    if (/^(?:[+-]?\d+i|\+?\d+u)$/.test(text)) return Number(text.slice(0, -1));
    if (/^(?:t|T|true|True|TRUE)$/.test(text)) return true;
    if (/^(?:f|F|false|False|FALSE)$/.test(text)) return false;
    // Some clients write them, and they cost only themselves.
    return /^[+-]?(?:nan|inf|infinity)$/i.test(text) ? text : undefined;
  }

  #string(): string | undefined {
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      const next = this.#text[this.#at + 1] ?? '';
      if (char === '"') {
        this.#at++;
        return value;
      }
      if (char === '\\' && (next === '"' || next === '\\')) {
        value += next;
        this.#at++;
      } else value += char;
    }
    return undefined;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): boolean {
    const from = this.#at;
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
    return this.#at > from;
  }
}
