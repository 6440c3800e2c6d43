import { expect, test } from 'vitest';
import { blocksAround } from './row-blocks.ts';

test('every row in view is drawn, with so many to spare, and what is drawn changes once in a block', () => {
  const count = 97;
  for (const [around, block] of [
    [8, 4],
    [8, 16],
    [0, 1],
  ] as const) {
    const drawn = new Set<string>();
    for (let startIndex = 0; startIndex < count; startIndex++) {
      const endIndex = Math.min(count - 1, startIndex + 9);
      const rows = blocksAround({ startIndex, endIndex, count }, { around, block });
      const [first = count, last = -1] = [rows[0], rows.at(-1)];
      expect(rows).toHaveLength(last - first + 1);
      expect(first).toBeLessThanOrEqual(Math.max(0, startIndex - around));
      expect(last).toBeGreaterThanOrEqual(Math.min(count - 1, endIndex + around));
      expect(rows.length).toBeLessThanOrEqual(endIndex - startIndex + 1 + 2 * around + 2 * block);
      drawn.add(rows.join());
    }
    expect(drawn.size).toBeLessThanOrEqual(2 * Math.ceil(count / block) + 1);
  }
  expect(blocksAround({ startIndex: 0, endIndex: 0, count: 0 }, { around: 8, block: 4 })).toEqual([]);
});
