import { InputError } from '../../domain/index.ts';
import type { PageQuery } from '../api/index.ts';

/** A page of a list that is in memory whole, by id. @throws {InputError} CURSOR_INVALID */
export function pageOf<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  { limit, cursor }: PageQuery,
): { items: T[]; nextCursor: string | null } {
  const after = cursor === undefined ? null : decoded(cursor);
  const rest = all
    .map((item) => ({ id: idOf(item), item }))
    .filter(({ id }) => after === null || id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    rest.length > limit && last !== undefined ? Buffer.from(`>${last.id}`).toString('base64url') : null;
  return { items: items.map(({ item }) => item), nextCursor };
}

/**
 * A page of a list that stands in a table, by falling id.
 * @param more the rows asked for with {@link beforeOf} and a limit of one more
 */
export function newestPage<T extends { readonly id: number }>(
  more: readonly T[],
  limit: number,
): { items: T[]; nextCursor: string | null } {
  const items = more.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = more.length > limit && last ? Buffer.from(`>${last.id}`).toString('base64url') : null;
  return { items, nextCursor };
}

/** @throws {InputError} CURSOR_INVALID */
export function beforeOf(cursor: string | undefined): { readonly before?: number } {
  if (cursor === undefined) return {};
  const before = Number(decoded(cursor).slice(0, 16));
  if (!Number.isSafeInteger(before)) throw new InputError('CURSOR_INVALID', 'cursor: not one this list has given');
  return { before };
}

function decoded(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('>')) throw new InputError('CURSOR_INVALID', 'cursor: not one this list has given');
  return text.slice(1);
}
