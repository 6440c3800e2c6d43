import { expect, test } from 'vitest';
import { pageById } from './paging.ts';

const places = ['site:a', 'site:b', 'site:c', 'site:d', 'site:e'];

test('pages follow each other without a gap or a repeat, by id', () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = pageById(places.toReversed(), (id) => id, { limit: 2, cursor });
    seen.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(places);
});

test('a cursor from elsewhere is refused', () => {
  expect(() => pageById(places, (id) => id, { limit: 2, cursor: 'c2l0ZTph' })).toThrow(
    'cursor: not one this list has given',
  );
});
