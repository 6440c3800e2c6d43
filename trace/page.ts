import { InputError } from '../domain/index.ts';
import type { Page } from '../storage/index.ts';

/** What lists take besides their own filters. */
export interface PageRequest {
  /** Default 50, at most 1,000. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

const DEFAULT_LIMIT = 50;
const MOST = 1_000;

export function limitOf({ limit = DEFAULT_LIMIT }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new InputError('LIMIT_BAD', `limit ${limit}: allowed is 1 to ${MOST}`);
}

/**
 * The sort key after which a list goes on: a number and an id; null for the first page.
 * @throws {InputError} CURSOR_BAD where the id is not as `id` allows
 */
export function afterOf(
  { cursor }: PageRequest,
  id: RegExp = /^.+$/,
): { readonly at: number; readonly id: string } | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const cut = text.indexOf(' ');
  const at = Number(text.slice(0, cut));
  if (cut < 1 || !Number.isSafeInteger(at) || !id.test(text.slice(cut + 1))) {
    throw new InputError('CURSOR_BAD', `cursor "${cursor.slice(0, 64)}": allowed is a nextCursor of the same list`);
  }
  return { at, id: text.slice(cut + 1) };
}

/** Cuts what was read one past the limit to the page. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => { readonly at: number; readonly id: string },
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, nextCursor: null };
  const { at, id } = keyOf(last);
  return { items, nextCursor: Buffer.from(`${at} ${id}`).toString('base64url') };
}
