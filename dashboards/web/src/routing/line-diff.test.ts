import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from './line-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));

test('without what is new a diff is the earlier text, without what is gone the later', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after);
      const without = (kind: 'gone' | 'new') => diff.filter((line) => line.kind !== kind).map((line) => line.text);
      expect(without('new').join('\n')).toBe(before);
      expect(without('gone').join('\n')).toBe(after);
    }),
  );
});

test('a line that was put in is the only one that is new', () => {
  expect(lineDiff('a\nb\nc', 'a\nb\nx\nc').filter(({ kind }) => kind !== 'same')).toEqual([{ kind: 'new', text: 'x' }]);
});
