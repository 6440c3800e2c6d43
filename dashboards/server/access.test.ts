import { once } from 'node:events';
import { io } from 'socket.io-client';
import { afterAll, describe, expect, test } from 'vitest';
import { PERMISSIONS, permissionsOf, ROLES, type Role } from '../../domain/index.ts';
import { OPERATIONS, type Operation } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const ALL = OPERATIONS;
const OUTSIDE = [
  ...(['nobody', 'an expired token', 'a revoked token', 'a deleted user', 'a disabled user'] as const),
  'the token of a partner' as const,
  ...(['a device', 'a gateway', 'a device by its password alone', 'a device that was revoked'] as const),
];
type Who = Role | (typeof OUTSIDE)[number];
const WHO: readonly Who[] = [...ROLES, ...OUTSIDE];

async function cookieOf(username: string, password: string): Promise<string> {
  const response = await fetch(`${house.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** The headers that somebody shows. */
async function headersOf(who: Who): Promise<Record<string, string>> {
  const { users, tokens } = house.accounts;
  switch (who) {
    case 'nobody':
      return {};
    case 'a device':
    case 'a gateway':
    case 'a device by its password alone':
    case 'a device that was revoked':
      return { authorization: await credentialOf(who) };
    case 'an expired token': {
      const token = await tokens.create({ name: 'expired', role: 'admin', lifetimeMs: 1 });
      return { authorization: `Bearer ${token}` };
    }
    case 'the token of a partner': {
      await house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme' });
      const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme-erp' });
      return { authorization: `Bearer ${(body as { token: string }).token}` };
    }
    case 'a revoked token': {
      const token = await tokens.create({ name: 'revoked', role: 'admin' });
      await tokens.revoke('revoked');
      return { authorization: `Bearer ${token}` };
    }
    case 'a deleted user':
    case 'a disabled user': {
      const name = who.replaceAll(' ', '-');
      await users.create({ name, role: 'admin', password: 'demo' });
      const cookie = await cookieOf(name, 'demo');
      if (who === 'a deleted user') await users.delete(name);
      else await users.change(name, { isDisabled: true });
      return { cookie };
    }
    default:
      return { cookie: await cookieOf(who, 'demo') };
  }
}

/** As docs/http-readings.md says that one is shown. */
async function credentialOf(who: Who): Promise<string> {
  const id = who.replaceAll(' ', '-');
  const password = await house.accounts.credentials.create(id, { kind: who === 'a gateway' ? 'gateway' : 'device' });
  if (who === 'a device by its password alone') return `Bearer ${password}`;
  if (who === 'a device that was revoked') await house.accounts.credentials.revoke(id);
  return who === 'a gateway' ? `Token ${id}:${password}` : `Basic ${btoa(`${id}:${password}`)}`;
}

function expectedOf({ permission, path }: Operation, who: Who): 'let in' | 401 | 403 {
  if (permission === 'anyone') return 'let in';
  // Who brings answers of phones shows the secret that was agreed with him, and nothing else opens that door.
  if (path === '/webhooks/sms') return 401;
  // What it may ask, it may ask of itself alone: here it asks of another.
  if (who === 'the token of a partner') return 403;
  // A machine comes with a token, a signature or its own credential: no person's session opens its door. And what it
  // shows there opens no other.
  if (permission === 'sender') return who === 'a device' || who === 'a gateway' ? 'let in' : 401;
  const role = ROLES.find((one) => one === who);
  if (role === undefined) return 401;
  return permission === 'signed in' || permissionsOf(role).has(permission) ? 'let in' : 403;
}

describe('every route lets in exactly whom the table of permissions names', () => {
  test('and asks for a permission that the table has', () => {
    const known: readonly string[] = [...PERMISSIONS, 'signed in', 'anyone', 'sender'];
    expect(ALL.filter(({ permission }) => !known.includes(permission))).toEqual([]);
  });

  test.each(WHO)('%s', async (who) => {
    const headers = await headersOf(who);
    const answers: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    // Signing out last: it ends what the others are asked with.
    const inOrder = ALL.toSorted((a, b) => Number(isSignOut(a)) - Number(isSignOut(b)));
    for (const operation of inOrder) {
      const { method, base = '/api/v1', path } = operation;
      const name = `${method.toUpperCase()} ${base}${path}`;
      const response = await fetch(`${house.url}${base}${path.replace(/:\w+/g, 'none')}`, {
        method,
        headers: { ...headers, ...(method === 'get' ? {} : { 'content-type': 'application/json' }) },
        ...(method === 'get' || method === 'delete' ? {} : { body: '{}' }),
      });
      const { code } = (await response.json().catch(() => ({}))) as { code?: string };
      // Whoever is let in is told what is wrong with an empty request, or that there is no such thing.
      const isLetIn = response.status !== 401 && response.status !== 403;
      answers[name] = isLetIn || code === 'CREDENTIALS_WRONG' ? 'let in' : response.status;
      expected[name] = expectedOf(operation, who);
      if (response.status >= 500) answers[name] = `${response.status} ${code}`;
    }
    expect(answers).toEqual(expected);
    for (const { id } of await house.accounts.credentials.list({ limit: 10 }))
      await house.accounts.credentials.revoke(id);
  });
});

function isSignOut({ method, path }: Operation): boolean {
  return method === 'delete' && path === '/session';
}

test('the credential of a device signs nobody in at the page', async () => {
  const { credentials } = house.accounts;
  const password = await credentials.create('logger-7', { kind: 'device' });
  expect(await house.ask(null, 'POST', '/session', { username: 'logger-7', password })).toMatchObject({
    ...{ status: 401, body: { code: 'CREDENTIALS_WRONG' } },
  });
  await credentials.revoke('logger-7');
});

describe('users, tokens and credentials over HTTP', () => {
  const admin = (method: string, path: string, body?: unknown) => house.ask('admin', method, path, body);

  test('a user is made, changed and deleted; lists show no secret', async () => {
    const made = await admin('POST', '/users', { name: 'paula', role: 'quality', password: 'a few odd words' });
    expect(made).toMatchObject({ status: 201, body: { name: 'paula', role: 'quality', disabled: false } });
    expect((await admin('POST', '/users', { name: 'paula', role: 'dock', password: 'x' })).status).toBe(409);
    expect((await admin('POST', '/users', { name: 'p', role: 'king', password: 'x' })).status).toBe(400);
    expect(await admin('PUT', '/users/paula', { role: 'dock', disabled: true })).toMatchObject({
      ...{ status: 200, body: { name: 'paula', role: 'dock', disabled: true } },
    });
    const list = await admin('GET', '/users?limit=1000');
    expect(Object.keys((list.body as { items: object[] }).items[0] ?? {})).toEqual([
      ...['name', 'role', 'sites', 'disabled', 'secondFactor', 'createdAt'],
    ]);
    expect((await admin('DELETE', '/users/paula')).status).toBe(204);
    expect(await admin('DELETE', '/users/paula')).toMatchObject({ status: 404, body: { code: 'USER_UNKNOWN' } });
    expect(await admin('DELETE', '/users/admin')).toMatchObject({ status: 409, body: { code: 'LAST_ADMIN' } });
  });

  test('a token is shown once, with its end and its last use, and is out when it is revoked', async () => {
    const made = await admin('POST', '/tokens', { name: 'erp', role: 'logistics', expires: '90d' });
    const { token, expiresAt, createdAt } = made.body as Record<string, string>;
    expect(made.status).toBe(201);
    expect(Date.parse(expiresAt ?? '') - Date.parse(createdAt ?? '')).toBe(90 * 86_400_000);
    const asErp = () => fetch(`${house.url}/api/v1/devices`, { headers: { authorization: `Bearer ${token}` } });
    expect((await asErp()).status).toBe(200);
    const list = JSON.stringify((await admin('GET', '/tokens?limit=1000')).body);
    expect(list).not.toContain('iso_');
    expect(list).toMatch(/"name":"erp",[^}]*"lastUsedAt":"20/);
    expect((await admin('POST', '/tokens', { name: 'bad', role: 'dock', expires: 'soon' })).status).toBe(400);
    expect((await admin('DELETE', '/tokens/erp')).status).toBe(204);
    expect((await asErp()).status).toBe(401);
    expect((await admin('DELETE', '/tokens/erp')).status).toBe(404);
  });

  test('credentials are made, listed page by page, rotated, given a list and revoked', async () => {
    for (const id of ['a-1', 'a-2', 'a-3']) {
      const made = await admin('POST', '/credentials', { id, kind: 'gateway', speaksFor: [`reader-${id}`] });
      expect(made).toMatchObject({
        status: 201,
        body: { id, username: id, password: expect.stringMatching(/.{20,}/) },
      });
    }
    const first = await admin('GET', '/credentials?limit=2');
    const { items, nextCursor } = first.body as { items: { id: string }[]; nextCursor: string };
    expect(items.map(({ id }) => id)).toEqual(['a-1', 'a-2']);
    expect(await admin('GET', `/credentials?limit=2&cursor=${nextCursor}`)).toMatchObject({
      body: { items: [{ id: 'a-3', kind: 'gateway', speaksFor: ['reader-a-3'], waiting: [] }], nextCursor: null },
    });
    expect((await admin('GET', '/credentials?cursor=nonsense')).status).toBe(400);
    expect((await admin('POST', '/credentials/a-1/rotate')).status).toBe(200);
    expect(await admin('PUT', '/credentials/a-1', { speaksFor: ['reader-9', 'a-2'] })).toMatchObject({
      ...{ status: 422, body: { code: 'SOURCE_SIGNS_IN' } },
    });
    expect(await admin('POST', '/credentials/a-1/confirm', { sources: ['probe-1'] })).toMatchObject({
      ...{ status: 200, body: { speaksFor: ['probe-1', 'reader-a-1'] } },
    });
    expect(await admin('POST', '/credentials/a-1/refuse', { sources: ['probe-1'] })).toMatchObject({
      ...{ status: 200, body: { speaksFor: ['reader-a-1'] } },
    });
    for (const id of ['a-1', 'a-2', 'a-3']) expect((await admin('DELETE', `/credentials/${id}`)).status).toBe(204);
    expect((await admin('POST', '/credentials/a-1/rotate')).status).toBe(404);
  });
});

describe('one sees to oneself', () => {
  async function asked(cookie: string, method: string, path: string, body?: object) {
    const response = await fetch(`${house.url}/api/v1${path}`, {
      method,
      headers: { cookie, 'user-agent': 'Test', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json().catch(() => null)) as never };
  }

  test('to the own password: the old one is asked for, and every other session ends', async () => {
    await house.accounts.users.create({ name: 'olga', role: 'dock', password: 'first' });
    const [here, there] = [await cookieOf('olga', 'first'), await cookieOf('olga', 'first')];
    expect((await asked(here, 'PUT', '/session/password', { old: 'wrong', new: 'second' })).status).toBe(401);
    expect((await asked(here, 'PUT', '/session/password', { old: 'first', new: 'second' })).status).toBe(204);
    expect((await asked(here, 'GET', '/session')).status).toBe(200);
    expect((await asked(there, 'GET', '/session')).status).toBe(401);
    await cookieOf('olga', 'second');
  });

  test('to the own sessions, and to nobody else’s', async () => {
    await house.accounts.users.create({ name: 'otto', role: 'dock', password: 'demo' });
    const [here, there, other] = [
      await cookieOf('otto', 'demo'),
      await cookieOf('otto', 'demo'),
      await cookieOf('dock', 'demo'),
    ];
    const { items } = (await asked(here, 'GET', '/sessions')).body as { items: { id: string; isThis: boolean }[] };
    expect(items.map(({ isThis }) => isThis)).toEqual([false, true]);
    const second = items[0]?.id;
    expect((await asked(other, 'DELETE', `/sessions/${second}`)).status).toBe(404);
    expect((await asked(there, 'GET', '/session')).status).toBe(200);
    expect((await asked(here, 'DELETE', `/sessions/${second}`)).status).toBe(204);
    expect((await asked(there, 'GET', '/session')).status).toBe(401);
  });

  test('a token has neither', async () => {
    for (const [method, path, body] of [
      ['GET', '/sessions', undefined],
      ['PUT', '/session/password', { old: 'x', new: 'y' }],
    ] as const) {
      const answer = await house.ask('admin', method, path, body);
      expect(answer).toMatchObject({ status: 403, body: { code: 'TOKEN_HAS_NO_SESSION' } });
    }
  });
});

// Whoever guessed at a name locked its owner out, minute after minute.
test('the right password is let in after wrong tries, from the same address too', async () => {
  await house.accounts.users.create({ name: 'vic', role: 'dock', password: 'right' });
  const tries = Array.from({ length: 7 }, () =>
    fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'vic', password: 'wrong' }),
    }),
  );
  expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 401));
  await cookieOf('vic', 'right');
});

describe('an open socket', () => {
  async function opened(auth: object, headers: Record<string, string> = {}) {
    const socket = io(`${house.url}/live`, {
      ...{ auth, extraHeaders: headers, transports: ['websocket'], forceNew: true, reconnection: false },
    });
    await once(socket as unknown as NodeJS.EventEmitter, 'connect');
    const ended = once(socket as unknown as NodeJS.EventEmitter, 'disconnect', { signal: AbortSignal.timeout(30_000) });
    return { socket, ended };
  }

  // It went on for ever.
  test('of a token that is revoked, a user who is disabled or deleted, or a session that signs out, ends within five seconds', async () => {
    const { users, tokens } = house.accounts;
    const token = await tokens.create({ name: 'watcher', role: 'dock' });
    const byToken = await opened({ token });
    await users.create({ name: 'uma', role: 'dock', password: 'demo' });
    const byUser = await opened({}, { cookie: await cookieOf('uma', 'demo') });
    await users.create({ name: 'udo', role: 'dock', password: 'demo' });
    const byDeleted = await opened({}, { cookie: await cookieOf('udo', 'demo') });
    const cookie = await cookieOf('dock', 'demo');
    const bySession = await opened({}, { cookie });
    await house.ask('admin', 'DELETE', '/tokens/watcher');
    await byToken.ended;
    await house.ask('admin', 'DELETE', '/users/udo');
    await byDeleted.ended;
    await house.ask('admin', 'PUT', '/users/uma', { disabled: true });
    await byUser.ended;
    expect(bySession.socket.connected).toBe(true);
    await fetch(`${house.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    await bySession.ended;
  });

  test('of nobody, or in a namespace that is not ours, is closed within seconds', async () => {
    const began = Date.now();
    const stranger = io(house.url, { transports: ['websocket'], forceNew: true, reconnection: false });
    const [refused] = await once(stranger as unknown as NodeJS.EventEmitter, 'connect_error');
    expect(refused).toMatchObject({ message: 'NAMESPACE_UNKNOWN' });
    // Never says which namespace it wants.
    const silent = new WebSocket(`${house.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    await once(silent as unknown as NodeJS.EventEmitter, 'close', { signal: AbortSignal.timeout(20_000) });
    expect(Date.now() - began).toBeLessThan(15_000);
    stranger.close();
  });
});

test('a page of another site is told that its origin is refused, not its role', async () => {
  const response = await fetch(`${house.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://elsewhere.example' },
    body: '{}',
  });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    code: 'ORIGIN_NOT_ALLOWED',
    detail: expect.stringMatching(/^a page of https:\/\/elsewhere\.example may not send requests here/),
    title: expect.not.stringMatching(/role/i),
  });
});
