import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { ensurePage } from './page-build.ts';

test('the page is built when it is needed, loads nothing from elsewhere, and every script carries the nonce', async () => {
  const directory = await ensurePage({ logger: silentLogger });
  const index = await readFile(join(directory, 'index.html'), 'utf8');
  expect(index).not.toMatch(/(src|href)="https?:/);
  const loading = index.match(/<(script|link rel="(stylesheet|modulepreload)")[^>]*>/g) ?? [];
  expect(loading.length).toBeGreaterThan(2);
  expect(loading.filter((tag) => !tag.includes('nonce="__CSP_NONCE__"'))).toEqual([]);
  const sheets = (await readdir(join(directory, 'assets'))).filter((name) => name.endsWith('.css'));
  for (const sheet of sheets)
    expect(await readFile(join(directory, 'assets', sheet), 'utf8')).not.toMatch(/url\(["']?https?:/);

  const first = [...index.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => join(directory, path ?? ''));
  const bytes = await Promise.all(first.map(async (path) => gzipSync(await readFile(path)).length));
  // 300 KB is what a first load may take; 34 KB of it are the page's words without those of administration (docs/decisions/0155).
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(281_000);
});
