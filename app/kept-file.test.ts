import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepFile } from './kept-file.ts';

const directory = await mkdtemp(join(tmpdir(), 'isotherm-kept-'));
afterAll(() => rm(directory, { recursive: true }));

// They wrote one file ".new" and moved it away from under each other.
test('of several that keep something in one file at a time each puts the whole of its own there', async () => {
  const file = join(directory, 'heads', 'head.json');
  const texts = Array.from({ length: 40 }, (_, n) => `${n} `.repeat(n * 50 + 1));
  await Promise.all(texts.map((text) => keepFile(file, text)));
  expect(texts).toContain(await readFile(file, 'utf8'));
  expect(await readdir(join(directory, 'heads'))).toEqual(['head.json']);
});
