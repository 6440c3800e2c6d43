import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HELP_OF_SCREENS } from '../../web/src/frame/help-of-screens.ts';
import { helpDoor } from './help-door.ts';
import { HelpPages } from './help-pages.ts';

const pages = new HelpPages();
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer(express().use('/help', helpDoor(pages))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/help`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('every link within the help leads to a page that is there, to its place on it, and every picture is served', async () => {
  const all = await pages.all();
  const wrong: string[] = [];
  for (const { name, html } of all) {
    for (const [, href = ''] of html.matchAll(/href="([^"]+)"/g)) {
      if (href.startsWith('https:') || href === '/help/#decisions') continue;
      const [path = '', anchor] = href.split('#');
      const target = path === '' ? name : path.replace('/help/', '');
      const page = all.find((one) => one.name === target);
      if (page === undefined || (anchor !== undefined && !page.anchors.has(anchor))) wrong.push(`${name}: ${href}`);
    }
    for (const [, src = ''] of html.matchAll(/src="\/help\/([^"]+)"/g))
      if ((await pages.picture(src)) === null) wrong.push(`${name}: ${src}`);
  }
  expect(wrong).toEqual([]);
});

test('each screen has a page of the help, and it is there', async () => {
  const wrong: string[] = [];
  for (const [screen, target] of HELP_OF_SCREENS) {
    const [name = '', anchor] = target.split('#');
    const page = await pages.page(name);
    if (page === null || (anchor !== undefined && !page.anchors.has(anchor))) wrong.push(`${screen}: ${target}`);
  }
  expect(wrong).toEqual([]);
});

test('what is searched for is found by its words, the pages whose headings have them first', async () => {
  expect((await pages.search('second factor'))[0]?.name).toBe('people');
  expect(await pages.search('xyzzy plugh')).toEqual([]);
  const answer = await fetch(`${url}?q=${encodeURIComponent('<script>alert(1)</script>')}`);
  const html = await answer.text();
  expect(html).not.toContain('<script>');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('HTML in a document is text, and a page that is not there says where to look', async () => {
  expect(
    (await pages.all())
      .filter(({ html }) => /<(?:script|iframe)|(?:href|src)="(?!https:\/\/|\/|#)|<[^>]+\son\w+=/i.test(html))
      .map(({ name }) => name),
  ).toEqual([]);
  const lost = await fetch(`${url}/routing-people`);
  expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining('/help/')]);
  for (const path of [
    '/..%2f..%2fpackage.json',
    '/..%2fREADME',
    '/decisions/..%2f..%2f..%2fetc%2fpasswd',
    '/first-hour/..%2F..%2Fx.png',
  ])
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  const picture = await fetch(`${url}/first-hour/2-set-up.png`);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
});

test('the image of the product has the documents', () => {
  const ignored = readFileSync(join(import.meta.dirname, '../../../.dockerignore'), 'utf8').split('\n');
  expect(ignored).toContain('!docs');
});
