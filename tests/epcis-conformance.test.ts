import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ROWS = readFileSync(join(ROOT, 'docs/epcis-conformance.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [MRC]\d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, ids = '', requirement = '', here = '', shown = '']) => ({ ids, requirement, here, shown }));
const TESTS = globSync('**/*.test.ts', { cwd: ROOT, exclude: (name) => name === 'node_modules' });

/** The tests that a row names: paths, or the end of one. */
function namedIn(shown: string): string[] {
  return [...shown.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path);
}

test('each requirement stands once, with what is here of it', () => {
  expect(ROWS.length).toBeGreaterThan(80);
  for (const { ids, here } of ROWS) expect(['yes', 'part', 'no', 'not offered'], ids).toContain(here);
  const ids = ROWS.flatMap((row) => row.ids.split(', '));
  expect(ids.length).toBe(new Set(ids).size);
});

test('what is here is shown by a test that there is, or by the same as the row before; what is not says why', () => {
  let before: readonly string[] = [];
  for (const { ids, here, shown } of ROWS) {
    const tests = /^the same\b/.test(shown) ? before : namedIn(shown);
    for (const path of tests) {
      const found = existsSync(join(ROOT, path)) || TESTS.some((one) => one.endsWith(`/${path}`));
      expect([ids, path, found]).toEqual([ids, path, true]);
    }
    if (here === 'yes' && !/published samples|where an item is named/.test(shown)) {
      expect([ids, tests.length > 0]).toEqual([ids, true]);
    }
    if (here === 'part' || here === 'no') expect([ids, shown === '']).toEqual([ids, false]);
    if (tests.length > 0) before = tests;
  }
});
