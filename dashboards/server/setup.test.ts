import { io } from 'socket.io-client';
import { afterAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

describe('an installation without a user, that other machines reach', async () => {
  const house = await Installation.start({ isFresh: true, isReachable: true });
  afterAll(() => house.stop());
  const code = house.accounts.firstAdmin.newCode();
  const get = async (path: string, headers: Record<string, string> = {}) => fetch(`${house.url}${path}`, { headers });

  test('answers whether it is well and ready, and that it is to be set up; nothing else, not even to a token', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await get(path)).status, path).toBe(200);
    expect(await (await get('/api/v1/sign-in')).json()).toMatchObject({ needsFirstAdmin: true, session: null });
    const authorization = `Bearer ${await house.token('admin')}`;
    for (const path of [
      ...['/metrics', '/openapi.json', '/api/v1/shipments', '/api/v1/session', '/epcis/v2/events', '/api/v1/none'],
    ]) {
      const answer = await get(path, { authorization });
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 403, { code: 'SETUP_FIRST' }]);
    }
    for (const path of ['/api/v1/session', '/', '/epcis/v2/capture']) {
      const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      expect((await fetch(`${house.url}${path}`, sent)).status, path).toBe(403);
    }
  });

  test('opens no live socket', async () => {
    const socket = io(`${house.url}/live`, {
      auth: { token: await house.token('admin') },
      ...{ transports: ['websocket'], reconnection: false, forceNew: true },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect_error', () => resolve());
      socket.once('connect', () => reject(new Error('was let in')));
    });
    socket.close();
  });

  test('takes nothing without the code, slows guessing, and does not say what the code is like', async () => {
    const statuses = [];
    for (let index = 0; index < 12; index++) {
      const { status, body } = await house.ask(null, 'POST', '/setup/admin', { ...ADA, code: `GUESS-${index}` });
      statuses.push(status);
      expect(JSON.stringify(body)).not.toContain(code.slice(0, 5));
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    expect(await house.accounts.users.list()).toEqual([]);
  });

  test('makes the first admin of whoever has it, signed in, and is open from then on', async () => {
    const weak = await house.ask(null, 'POST', '/setup/admin', { ...ADA, password: 'password1', code });
    expect(weak).toMatchObject({ status: 422, body: { code: 'PASSWORD_BAD' } });
    const made = await house.ask(null, 'POST', '/setup/admin', { ...ADA, code });
    expect(made).toMatchObject({ status: 201, body: { user: { name: 'ada', role: 'admin' } } });
    const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await (await get('/api/v1/session', { cookie })).json()).toMatchObject({ user: { name: 'ada' } });
    expect((await get('/metrics')).status).toBe(200);
    expect(await (await get('/api/v1/sign-in')).json()).not.toHaveProperty('needsFirstAdmin');
    const again = await house.ask(null, 'POST', '/setup/admin', { ...ADA, name: 'eve', code });
    expect(again).toMatchObject({ status: 409, body: { code: 'SETUP_DONE' } });
  });
});

const ADA = { name: 'ada', password: 'a few odd words' };
