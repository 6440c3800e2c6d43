import { say } from '../text/say.ts';

/** Who answers for a product, or for all of a company. */
export interface DirectoryGiven {
  /** GTIN of 14 digits, or GS1 Company Prefix. */
  readonly key: string;
  readonly who: { readonly partner: string } | { readonly responder: string };
}

/**
 * A line such as `0614141,examplumab` or `80614141123458;https://vrs.example/verify`.
 * @throws {Error} in words for people
 */
export function directoryLine(line: string): DirectoryGiven {
  const [key = '', who = '', ...more] = line
    .replaceAll('"', '')
    .split(/[,;\t]/)
    .map((part) => part.trim());
  // An empty last column is what a spreadsheet leaves; an address may hold a comma.
  const given = [who, ...more].filter((part) => part !== '').join(',');
  if (key === '' || given === '') throw new Error(say('directory.line.bad'));
  return { key, who: /^https?:/i.test(given) ? { responder: given } : { partner: given } };
}

/**
 * The lines of a file: CSV with or without names of columns, or JSON as `GET /verification-directory` gives it.
 * @throws {Error} in words for people
 */
export function directoryLines(text: string): string {
  const bare = text.replace(/^\uFEFF/, '');
  if (!/^\s*[[{]/.test(bare)) return bare.replace(/^\s*"?key"?[,;\t][^\n]*\r?\n/i, '').trim();
  const given: unknown = jsonOf(bare);
  const items = Array.isArray(given) ? given : (given as { items?: unknown }).items;
  if (!Array.isArray(items)) throw new Error(say('directory.file.bad'));
  return items.map((item: unknown) => lineOf(item)).join('\n');
}

function lineOf(item: unknown): string {
  const { key, partner, responder } = (item ?? {}) as Readonly<Record<string, unknown>>;
  return [key, partner ?? responder].map((part) => (typeof part === 'string' ? part : '')).join(',');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(say('directory.file.bad'));
  }
}
