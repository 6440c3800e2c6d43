import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../domain/index.ts';
import { cursorOf, type Page, pageOf, readCursor } from './page.ts';

test('a list goes on after the last item of the page before, to its end', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 })),
      fc.integer({ min: 1, max: 5 }),
      (given, limit) => {
        const ids = given.filter((id) => !/\p{Cc}/u.test(id)).sort();
        const seen: string[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
          const [at, after]: readonly [number, string] = cursor === '' ? [0, ''] : readCursor(cursor, ['time', 'text']);
          const rows: string[] = ids.filter((id) => id > after).slice(0, limit + 1);
          const page: Page<string> = pageOf(rows, limit, (id) => [at, id]);
          seen.push(...page.items);
          cursor = page.nextCursor;
        }
        expect(seen).toEqual(ids);
      },
    ),
  );
});

// A cursor made up with 8e15 for a column of 4 bytes was an error of PostgreSQL, and so an error of ours.
test.each([
  ['nothing', ''],
  ['no base64', '§§'],
  ['no JSON', Buffer.from('12 a').toString('base64url')],
  ['an object', Buffer.from('{"0":1}').toString('base64url')],
  ['of another list', cursorOf([1])],
  ['with more', cursorOf([1, 2, 'a', 'b'])],
  ['a number that is none', Buffer.from('[1e999,2,"a"]').toString('base64url')],
  ['a part of a number', cursorOf([1.5, 2, 'a'])],
  ['a number no column holds', cursorOf([1, 8_000_000_000_000_000, 'a'])],
  ['a time no date holds', cursorOf([8_640_000_000_000_001, 2, 'a'])],
  ['a text that cannot be kept', cursorOf([1, 2, 'a\u0000'])],
  ['a text as a number', cursorOf(['1', 2, 'a'])],
])('a cursor that no list has given is refused: %s', (_, cursor) => {
  expect(() => readCursor(cursor, ['time', 'int', 'text'])).toThrow(
    expect.objectContaining({ code: 'CURSOR_INVALID' }) as InputError,
  );
  expect(() => readCursor(cursor, ['time', 'int', 'text'])).toThrow(InputError);
});
