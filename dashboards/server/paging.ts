import { afterOf, type Page, pageOf } from '../../storage/index.ts';
import type { PageQuery } from '../api/index.ts';

/** A page of a list that is in memory whole, by id. @throws {InputError} CURSOR_INVALID */
export function pageById<T>(all: readonly T[], idOf: (item: T) => string, query: PageQuery): Page<T> {
  const [after] = afterOf(query, ['text']) ?? [null];
  const rest = all
    .map((item) => ({ id: idOf(item), item }))
    .filter(({ id }) => after === null || id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { items, nextCursor } = pageOf(rest, query.limit, ({ id }) => [id]);
  return { items: items.map(({ item }) => item), nextCursor };
}

/**
 * A page of a list that stands in a table, by falling id.
 * @param read at most `limit` rows, `before` that id
 */
export async function newestPage<T extends { readonly id: number }>(
  query: PageQuery,
  read: (request: { readonly limit: number; readonly before?: number }) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const [before] = afterOf(query, ['bigint']) ?? [];
  const rows = await read({ limit: query.limit + 1, ...(before === undefined ? {} : { before }) });
  return pageOf(rows, query.limit, ({ id }) => [id]);
}

/** The first of these after a text, in order: one look at each, whatever their order and however many. */
export function firstAfter(list: Iterable<string>, after: string, count: number): string[] {
  const first: string[] = [];
  for (const name of list) {
    if (name <= after || (first.length === count && name >= (first[count - 1] as string))) continue;
    let at = first.length;
    while (at > 0 && (first[at - 1] as string) > name) at--;
    first.splice(at, 0, name);
    if (first.length > count) first.pop();
  }
  return first;
}
