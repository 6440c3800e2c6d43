import { InputError } from '../../domain/index.ts';

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
  let last: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') continue;
    if (char === '"') {
      const end = endOfString(text, at);
      // Values may be megabytes long, and a key is one only if a colon follows.
      last = text.slice(at, end + 1);
      at = end;
      continue;
    }
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > DEEPEST) throw new InputError('EPCIS_JSON', `nested deeper than ${DEEPEST} levels`);
    } else if (char === '}' || char === ']') open.pop();
    else if (char === ':' && last !== null) {
      const keys = open.at(-1);
      const key = keyOf(last);
      if (keys?.has(key)) throw new InputError('EPCIS_JSON', `key "${key}" stands twice in one object`);
      keys?.add(key);
    }
    last = null;
  }
}

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
  try {
    return JSON.parse(token) as string;
  } catch {
    // A bad escape: JSON.parse of the whole text refuses it with its place.
    return token;
  }
}
