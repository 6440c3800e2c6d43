import { InputError } from '../../domain/index.ts';

/** More than documents of the size that is taken hold; a bound against those made to exhaust a reader. */
const MOST_VALUES = 1_000_000;
/** Deeper nesting than any document needs; a bound against those made to exhaust a reader. */
const DEEPEST = 100;

/**
 * Parses JSON that says everything once: a key repeated in one object is refused, since readers disagree about which
 * of the values counts.
 *
 * @throws {InputError} EPCIS_JSON with what is wrong and where
 */
export function parseStrictJson(text: string): unknown {
  let parsed: unknown;
  checkOnce(text);
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('EPCIS_JSON', `not JSON: ${reason}`, {}, cause);
  }
  return parsed;
}

/** Walks strings and brackets; what is not JSON at all is left to the parser to name. */
function checkOnce(text: string): void {
  /** Keys of the open objects; null for open arrays. */
  const open: (Set<string> | null)[] = [];
  /** Where the last string begins and ends; a key is one only if a colon follows, and values may be megabytes long. */
  let from = -1;
  let to = -1;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20) continue;
    if (code === QUOTE) {
      from = at;
      to = endOfString(text, at);
      at = to;
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      open.push(code === OPEN_BRACE ? new Set() : null);
      if (open.length > DEEPEST) throw new InputError('EPCIS_JSON', `nested deeper than ${DEEPEST} levels`);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) open.pop();
    else if (code === COMMA) {
      values += 1;
      if (values > MOST_VALUES) throw new InputError('EPCIS_JSON', `more than ${MOST_VALUES} values`);
    } else if (code === COLON && from >= 0) {
      const keys = open.at(-1);
      const key = keyOf(text.slice(from, to + 1));
      if (keys?.has(key)) throw new InputError('EPCIS_JSON', `key "${key}" stands twice in one object`);
      keys?.add(key);
    }
    from = -1;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Where the quote is that closes a string; the end of the text where none does. No expression: strings have no bound. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** Two spellings of one key are one key. */
function keyOf(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    // A bad escape: JSON.parse of the whole text refuses it with its place.
    return token;
  }
}
