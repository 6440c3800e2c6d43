import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start({ isSecure: true });
});
afterAll(() => house.stop());

async function ask(method: string, path: string, body?: object) {
  const asked = request(`${house.url}${path}`, {
    method,
    rejectUnauthorized: false,
    headers: { 'content-type': 'application/json' },
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

test('with a certificate the server speaks HTTPS, says that it will go on to, and its cookie goes over it alone', async () => {
  const health = await ask('GET', '/healthz');
  expect([health.status, health.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
  const session = await ask('POST', '/api/v1/session', { username: 'dock', password: 'demo' });
  expect(session.status).toBe(200);
  expect(session.headers['set-cookie']?.[0]).toMatch(/^isotherm_session=[^;]+;.*; Secure; SameSite=Lax|Secure/);
});

test('plain HTTP on its port is no answer', async () => {
  await expect(fetch(house.url.replace('https:', 'http:'))).rejects.toThrow();
});
