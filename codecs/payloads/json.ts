import { InputError } from '../../domain/index.ts';

/** Deeper than anything a sensor or gateway says; what is built on recursion is safe up to here. */
const MAX_DEPTH = 32;
/** More than any sensor has; an object of 80,000 would cost everyone half a second. */
export const MAX_FIELDS = 512;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const strict = new TextDecoder('utf-8', { fatal: true });
const forgiving = new TextDecoder('utf-8');

/** A piece of a message that is no JSON: `NaN`, `05`, `{'a':1}`. Stands where the value would. */
export class NotJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  }

  toJSON(): string {
    return this.text;
  }
}

/**
 * JSON in UTF-8 from a stranger.
 * @throws {InputError} PAYLOAD_NOT_JSON where it is none, is nested deeper than 32 levels, or has an object of more than
 *   512 fields
 */
export function parseJson(payload: Uint8Array): unknown {
  requireBounds(payload);
  try {
    return JSON.parse(strict.decode(payload));
  } catch (cause) {
    throw notJson(cause);
  }
}

/**
 * As {@link parseJson}, but what is bad in it costs only itself: a value that is no JSON value, or an object that is
 * malformed, stands as a {@link NotJson} among its good neighbours. Nothing is guessed: what is between two commas is
 * what is written there. A byte order mark in front and zero bytes behind, which C programs send, are passed over.
 *
 * @throws {InputError} PAYLOAD_NOT_JSON where nothing can be made of it, or out of the bounds of parseJson
 */
export function parseJsonInPieces(payload: Uint8Array): unknown {
  requireBounds(payload);
  try {
    return JSON.parse(strict.decode(payload));
  } catch (cause) {
    const text = forgiving.decode(payload).replace(/\0+$/, '');
    const value = new Pieces(text).read();
    if (typeof value !== 'object' || value === null || value instanceof NotJson) throw notJson(cause);
    return value;
  }
}

/** The largest number of fields that one object of a JSON text has, and how deep it is nested; one look at each byte. */
export function shapeOf(bytes: Uint8Array): { readonly depth: number; readonly fields: number } {
  const fieldsAt = new Uint32Array(MAX_DEPTH + 2);
  let depth = 0;
  let deepest = 0;
  let most = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth++;
      if (depth > deepest) deepest = depth;
      if (depth <= MAX_DEPTH) fieldsAt[depth] = 0;
    } else if (byte === 0x5d || byte === 0x7d) {
      if (depth > 0) depth--;
    } else if (byte === COLON && depth <= MAX_DEPTH) {
      const fields = (fieldsAt[depth] ?? 0) + 1;
      fieldsAt[depth] = fields;
      if (fields > most) most = fields;
    }
  }
  return { depth: deepest, fields: most };
}

function requireBounds(payload: Uint8Array): void {
  const { depth, fields } = shapeOf(payload);
  if (depth > MAX_DEPTH) throw new InputError('PAYLOAD_NOT_JSON', `nested deeper than ${MAX_DEPTH} levels`);
  if (fields > MAX_FIELDS) {
    throw new InputError('PAYLOAD_NOT_JSON', `an object of ${fields} fields; allowed: ${MAX_FIELDS}`);
  }
}

function notJson(cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError('PAYLOAD_NOT_JSON', `not JSON in UTF-8: ${reason.slice(0, 200)}`, {}, cause);
}

/** A recursive descent over a text that is not JSON as a whole. The caller has bounded its depth. */
class Pieces {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  /** undefined where something stands behind the value. */
  read(): unknown {
    const value = this.#value();
    this.#skipSpace();
    return this.#at === this.#text.length ? value : undefined;
  }

  #value(): unknown {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    return this.#scalar();
  }

  #array(): unknown {
    const from = this.#at;
    const items: unknown[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value());
      this.#skipSpace();
      if (this.#take(']')) return items;
      if (this.#take(',')) continue;
      // Cut off in the middle: the elements that are whole are whole.
      if (this.#at >= this.#text.length) {
        items.push(new NotJson('(cut off here)'));
        return items;
      }
      return this.#bad(from);
    }
  }

  #object(): unknown {
    const from = this.#at;
    const fields: [string, unknown][] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take('}')) return {};
    for (;;) {
      this.#skipSpace();
      const name = this.#text[this.#at] === '"' ? this.#string() : null;
      this.#skipSpace();
      if (typeof name !== 'string' || !this.#take(':')) return this.#bad(from);
      fields.push([name, this.#value()]);
      this.#skipSpace();
      if (this.#take('}')) return Object.fromEntries(fields);
      if (!this.#take(',')) return this.#bad(from);
    }
  }

  #string(): unknown {
    const from = this.#at;
    this.#skipString();
    return parsed(this.#text.slice(from, this.#at));
  }

  /** Up to the next comma or bracket. */
  #scalar(): unknown {
    const from = this.#at;
    while (this.#at < this.#text.length && !',]}[{":'.includes(this.#text[this.#at] ?? '')) this.#at++;
    return parsed(this.#text.slice(from, this.#at).trim());
  }

  /** Passes over the rest of the object or array that began at `from`. */
  #bad(from: number): NotJson {
    this.#at = from;
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#skipString();
        continue;
      }
      this.#at++;
      if (char === '{' || char === '[') depth++;
      else if ((char === '}' || char === ']') && --depth === 0) break;
    }
    return new NotJson(this.#text.slice(from, Math.min(this.#at, from + 100)));
  }

  #skipString(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at = Math.min(this.#at + 1, this.#text.length);
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at] ?? '')) this.#at++;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return new NotJson(text);
  }
}
