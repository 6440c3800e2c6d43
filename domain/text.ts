import { InputError } from './errors.ts';

/**
 * Text that comes from outside and is to be kept.
 *
 * PostgreSQL cannot keep a NUL or half a surrogate pair (UTF-8 has no form for either, and `jsonb` refuses them), and
 * an index cannot hold a value of some kilobytes. One such value, once it is durable in the log, fails every statement
 * that touches it. So it is refused where it comes in, by the field it stands in. Each door asks here.
 *
 * Three forms:
 * - `line`: a name, an id, a lot. No control characters at all.
 * - `prose`: a comment, a reason, a document. Tab and line breaks as well.
 * - `scan`: what a scanner or a partner's label holds. The separators of ISO/IEC 15434 (EOT, FS, GS, RS, US) as well.
 */
export type TextForm = 'line' | 'prose' | 'scan';

export interface TextRule {
  /** Default `line`. */
  readonly form?: TextForm;
  /** Most UTF-16 code units. */
  readonly max: number;
}

/** Longest name of a thing: an id, an EPC, a lot. An index holds it whole (a B-tree row of PostgreSQL: 2,704 bytes). */
export const LINE_MOST = 500;
/** Longest single text in a document from outside. */
export const DOCUMENT_TEXT_MOST = 100_000;
/** Deepest nesting of a document from outside: what is deeper only exhausts whoever walks it. */
export const DOCUMENT_DEPTH_MOST = 64;

/** Control characters (Unicode category Cc) that each form refuses. NUL is among them in all three. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS: Readonly<Record<TextForm, RegExp>> = {
  line: /[\x00-\x1f\x7f-\x9f]/,
  prose: /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/,
  scan: /[\x00-\x03\x05-\x08\x0b\x0c\x0e-\x1b\x7f]/,
};
const UNSTORABLE = /\x00/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is looked for

/**
 * Why a text cannot be taken.
 * @returns what is wrong and what is allowed, `a control character (U+0000) at 3; allowed: one line of text...`; null
 * where nothing is
 */
export function textFault(text: string, { form = 'line', max }: TextRule): string | null {
  if (text.length > max) return `${text.length} characters; allowed: at most ${max}`;
  if (!text.isWellFormed()) return 'half a surrogate pair, which is no character; allowed: Unicode text';
  const at = text.search(CONTROLS[form]);
  if (at < 0) return null;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `a control character (U+${code}) at ${at}; allowed: ${ALLOWED[form]}`;
}

const ALLOWED: Readonly<Record<TextForm, string>> = {
  line: 'text on one line, without control characters',
  prose: 'text with tabs and line breaks, without other control characters',
  scan: 'text with the separators of a scan, without other control characters',
};

/** Where in a document a text cannot be taken, and why. */
export interface TextFault {
  /** `units.0.children.3`; '' is the document itself. */
  readonly path: string;
  readonly reason: string;
}

/**
 * The first text of a parsed JSON document that cannot be taken, names of members included. It also refuses nesting
 * deeper than {@link DOCUMENT_DEPTH_MOST}, so that it and whoever walks the document after it may recurse.
 */
export function documentFault(document: unknown, rule: TextRule): TextFault | null {
  return faultAt(document, rule, []);
}

/** @param path where `value` stands; changed and restored while it is walked */
function faultAt(value: unknown, rule: TextRule, path: (string | number)[]): TextFault | null {
  if (typeof value === 'string') {
    const reason = textFault(value, rule);
    return reason === null ? null : { path: path.join('.'), reason };
  }
  if (typeof value !== 'object' || value === null) return null;
  if (path.length >= DOCUMENT_DEPTH_MOST) {
    return { path: path.slice(0, 3).join('.'), reason: `nested deeper than ${DOCUMENT_DEPTH_MOST} levels` };
  }
  const isArray = Array.isArray(value);
  for (const name of isArray ? value.keys() : Object.keys(value)) {
    const reason = typeof name === 'string' ? textFault(name, { ...rule, form: 'line' }) : null;
    if (reason !== null) return { path: path.join('.'), reason: `a member's name: ${reason}` };
    path.push(name);
    const fault = faultAt((value as Record<string | number, unknown>)[name], rule, path);
    if (fault !== null) return fault;
    path.pop();
  }
  return null;
}

/** @throws {InputError} TEXT_INVALID, `path: reason`, with the field in `errors` */
export function requireText(text: string, path: string, rule: TextRule): string {
  const reason = textFault(text, rule);
  if (reason !== null) throw textInvalid({ path, reason });
  return text;
}

export function textInvalid({ path, reason }: TextFault): InputError {
  const where = path === '' ? 'the document' : path;
  return new InputError('TEXT_INVALID', `${where}: ${reason}`, { errors: [{ path, message: reason }] });
}

/** A parsed JSON document as it can be kept: {@link storableText} for every text in it, names of members included. */
export function storableDocument<Document>(document: Document): Document {
  return mended(document) as Document;
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(mended);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), mended(inner)]));
}

/**
 * A text as it can be kept: what PostgreSQL has no form for becomes U+FFFD, the rest stays, cut to `max`. For what is
 * shown of something that was refused, and for facts that are in the log already; never for what is acted on.
 */
export function storableText(text: string, max = Number.POSITIVE_INFINITY): string {
  return text.slice(0, max).toWellFormed().replace(UNSTORABLE, '\uFFFD');
}

/** The same for every text inside a JSON value, names of members included. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storableText(name), storableJson(member)]));
}
