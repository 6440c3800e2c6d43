import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstAfter, pageById } from './paging.ts';

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

test('the first names after one are those that sorting all of them gives', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'B', '-', '1'), maxLength: 3 });
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 60 }),
      name,
      fc.integer({ min: 1, max: 8 }),
      (names, after, count) => {
        const sorted = names.filter((one) => one > after).sort((a, b) => (a < b ? -1 : 1));
        expect(firstAfter(names, after, count)).toEqual(sorted.slice(0, count));
      },
    ),
    { numRuns: 200 },
  );
});
