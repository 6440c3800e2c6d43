import { InputError, LINE_MOST, textFault } from '../domain/index.ts';

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** What a list is sorted by, of its last item: where the next page goes on. */
export type SortKey = readonly (number | string)[];

/** What a part of a key may be: a time in epoch ms, a number that PostgreSQL keeps in 8, 4 or 2 bytes, or a text. */
export type KeyPart = 'time' | 'bigint' | 'int' | 'smallint' | 'text';

const RANGES: Readonly<Record<Exclude<KeyPart, 'text'>, readonly [number, number]>> = {
  // Years 1 to 9999: what RFC 3339 can write and PostgreSQL keep.
  time: [-62_135_596_800_000, 253_402_300_799_999],
  bigint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int: [-(2 ** 31), 2 ** 31 - 1],
  smallint: [-(2 ** 15), 2 ** 15 - 1],
};

/** The one cursor of all lists; opaque to callers. */
export function cursorOf(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** A cursor comes from outside: each part is held to what its column can be compared with. @throws {InputError} CURSOR_INVALID */
export function readCursor<const Parts extends readonly KeyPart[]>(
  cursor: string,
  parts: Parts,
): { readonly [Index in keyof Parts]: Parts[Index] extends 'text' ? string : number } {
  const key = keyIn(cursor);
  if (key.length !== parts.length || !parts.every((part, index) => isOf(part, key[index]))) throw badCursor();
  return key as { readonly [Index in keyof Parts]: Parts[Index] extends 'text' ? string : number };
}

/** After which key a list goes on; null for its first page. @throws {InputError} CURSOR_INVALID */
export function afterOf<const Parts extends readonly KeyPart[]>(
  { cursor }: { readonly cursor?: string | undefined },
  parts: Parts,
) {
  return cursor === undefined ? null : readCursor(cursor, parts);
}

/**
 * Cuts what was read one past the limit to the page.
 * @param keyOf what `readCursor` gives back for the page after an item
 */
export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => SortKey): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length <= limit || last === undefined ? null : cursorOf(keyOf(last)) };
}

function keyIn(cursor: string): readonly unknown[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key)) return key;
  } catch (cause) {
    throw badCursor(cause);
  }
  throw badCursor();
}

function isOf(part: KeyPart, value: unknown): boolean {
  if (part === 'text') return typeof value === 'string' && textFault(value, { max: LINE_MOST }) === null;
  const [least, most] = RANGES[part];
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

function badCursor(cause?: unknown): InputError {
  const message = 'cursor: not one this list has given; allowed: a nextCursor of the same list, as it was given';
  return new InputError('CURSOR_INVALID', message, { errors: [{ path: 'cursor', message }] }, cause);
}
