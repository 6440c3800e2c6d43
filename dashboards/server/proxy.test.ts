import { afterAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

/** The tests connect from loopback: there the proxy is. */
const behindProxy = await Installation.start({ trustProxy: ['loopback'], monitorToken: 'a-secret-for-monitors' });
const open = await Installation.start();
afterAll(async () => {
  await behindProxy.stop();
  await open.stop();
});

function signIn(house: Installation, username: string, password: string, forwardedFor: string) {
  return fetch(`${house.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    body: JSON.stringify({ username, password }),
  });
}

async function addressesOf(house: Installation, user: string): Promise<(string | null)[]> {
  const { items } = await house.accounts.audit.list({ subject: `user:${user}`, action: 'session.open', limit: 10 });
  return items.map(({ origin }) => origin.address);
}

describe('X-Forwarded-For', () => {
  // All behind one proxy waited for whoever guessed.
  test('from a proxy that is trusted says who tries: one who guesses holds up nobody else', async () => {
    const guesses = Array.from({ length: 10 }, () => signIn(behindProxy, 'quality', 'guess', '203.0.113.9'));
    const began = Date.now();
    expect((await signIn(behindProxy, 'quality', 'demo', '203.0.113.10')).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(3_000);
    expect(await addressesOf(behindProxy, 'quality')).toEqual(['203.0.113.10']);
    await Promise.all(guesses);
  });

  test('of the sender’s own making, before the proxy’s, is passed over', async () => {
    expect((await signIn(behindProxy, 'dock', 'demo', '198.51.100.1, 203.0.113.11')).status).toBe(200);
    expect(await addressesOf(behindProxy, 'dock')).toEqual(['203.0.113.11']);
  });

  // A new address for each guess was a way around every delay.
  test('from anybody else is passed over', async () => {
    expect((await signIn(open, 'dock', 'demo', '203.0.113.12')).status).toBe(200);
    expect(await addressesOf(open, 'dock')).toEqual(['127.0.0.1']);
  });
});

test('a partner’s token opens nothing of how the installation is doing', async () => {
  await behindProxy.ask('admin', 'PUT', '/partners/acme', { name: 'Acme' });
  const { body } = await behindProxy.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme-erp' });
  const asked = async (path: string, token: string) =>
    fetch(`${behindProxy.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const theirs = (body as { token: string }).token;
  const ours = await behindProxy.token('operations');
  for (const path of ['/metrics', '/openapi.json'])
    expect([path, (await asked(path, theirs)).status, (await asked(path, ours)).status]).toEqual([path, 401, 200]);
  expect(await (await asked('/readyz', theirs)).json()).toEqual({ ready: true });
});

test('X-Forwarded-Proto of a trusted proxy makes the cookie secure', async () => {
  for (const [house, isSecure] of [
    [behindProxy, true],
    [open, false],
  ] as const) {
    const answer = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
      body: JSON.stringify({ username: 'dock', password: 'demo' }),
    });
    expect(answer.headers.get('set-cookie')?.includes('; Secure')).toBe(isSecure);
    expect(answer.headers.has('strict-transport-security')).toBe(isSecure);
  }
});

describe('what is for those who run the installation', () => {
  const ask = async (house: Installation, path: string, authorization?: string) => {
    const response = await fetch(
      `${house.url}${path}`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
    return { status: response.status, text: await response.text() };
  };

  test('needs the monitor token or a sign-in once there is one; ready or not is said to everybody', async () => {
    const token = await behindProxy.token('dock');
    for (const path of ['/metrics', '/openapi.json']) {
      expect(await ask(behindProxy, path)).toMatchObject({
        status: 401,
        text: expect.stringContaining('MONITOR_TOKEN'),
      });
      expect((await ask(behindProxy, path, 'Bearer wrong')).status).toBe(401);
      expect((await ask(behindProxy, path, 'Bearer a-secret-for-monitors')).status).toBe(200);
      expect((await ask(behindProxy, path, `Bearer ${token}`)).status).toBe(200);
      expect((await ask(open, path)).status).toBe(200);
    }
    expect(await ask(behindProxy, '/readyz')).toEqual({ status: 200, text: '{"ready":true}' });
    expect((await ask(behindProxy, '/readyz', 'Bearer a-secret-for-monitors')).text).toContain('"troubles"');
    expect((await ask(open, '/readyz')).text).toContain('"troubles"');
    expect((await ask(behindProxy, '/healthz')).status).toBe(200);
  });
});
