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

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/gs;

/** Walks the tokens; what is not JSON at all is left to the parser to name. */
function checkOnce(text: string): void {
  /** Keys of the open objects; null for open arrays. */
  const open: (Set<string> | null)[] = [];
  let last: string | null = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > DEEPEST) throw new InputError('EPCIS_JSON', `nested deeper than ${DEEPEST} levels`);
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && last !== null) {
      const keys = open.at(-1);
      const key = keyOf(last);
      if (keys?.has(key)) throw new InputError('EPCIS_JSON', `key "${key}" stands twice in one object`);
      keys?.add(key);
    }
    last = token.startsWith('"') ? token : null;
  }
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
