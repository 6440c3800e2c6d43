import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { ensurePage } from './page-build.ts';
import { loadPage, pageHandler } from './server/page.ts';

// A script that stood in the page ran by a nonce: whatever got into the page beside it might have run too.
test('the page has no script that stands in it, and its policy takes scripts from its own files alone', async () => {
  const pageDir = await ensurePage({ logger: silentLogger });
  const built = await readFile(join(pageDir, 'index.html'), 'utf8');
  const scripts = [...built.matchAll(/<script\b([^>]*)>([^<]*)<\/script>/g)];
  expect(scripts.length).toBeGreaterThan(1);
  for (const [, attributes = '', text] of scripts) expect([/\bsrc="\//.test(attributes), text]).toEqual([true, '']);
  expect(built).not.toMatch(/\son[a-z]+=|javascript:/i);
  const server = createServer(express().use(pageHandler(await loadPage(pageDir)))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = (await fetch(`${url}/`)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/);
  for (const [, attributes = ''] of scripts) {
    const file = await fetch(`${url}${/src="([^"]+)"/.exec(attributes)?.[1]}`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  }
  const [main] = scripts.map(([, attributes = '']) => /src="([^"]+)"/.exec(attributes)?.[1]).slice(-1);
  const encoding = async (accepted: string) =>
    (await fetch(`${url}${main}`, { headers: { 'accept-encoding': accepted } })).headers.get('content-encoding');
  expect(await encoding('gzip')).toBe('gzip');
  // Packed when it was first asked for; until then it goes as gzip.
  await expect.poll(() => encoding('gzip, br'), { timeout: 30_000 }).toBe('br');
  expect(await encoding('gzip')).toBe('gzip');
  server.closeAllConnections();
  server.close();
});
