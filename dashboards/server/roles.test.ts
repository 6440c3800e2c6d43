import { once } from 'node:events';
import { afterAll, describe, expect, test } from 'vitest';
import { PERMISSIONS, permissionsOf } from '../../domain/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const admin = (method: string, path: string, body?: unknown) => house.ask('admin', method, path, body);

async function statusOf(token: string, method: string, path: string, body?: unknown): Promise<number> {
  return (await answerOf(token, method, path, body)).status;
}

async function answerOf(token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { code, detail } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  return { status: response.status, code, detail };
}

describe('a role that an installation makes for itself', () => {
  test('is a named set of permissions, and whoever has it may exactly those', async () => {
    const made = await admin('PUT', '/roles/auditor', {
      about: 'comes once a year',
      permissions: ['audit.read', 'records.read', 'originals.read'],
    });
    expect(made).toMatchObject({
      status: 200,
      body: {
        ...{ name: 'auditor', about: 'comes once a year', builtIn: false, requiresSecondFactor: false },
        ...{ permissions: ['records.read', 'originals.read', 'audit.read'], users: 0, tokens: 0 },
      },
    });
    await admin('POST', '/users', { name: 'aude', role: 'auditor', password: 'a few odd words' });
    const signedIn = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'aude', password: 'a few odd words' }),
    });
    expect(await signedIn.json()).toMatchObject({
      user: { name: 'aude', role: 'auditor', permissions: ['records.read', 'originals.read', 'audit.read'] },
    });
    const token = ((await admin('POST', '/tokens', { name: 'aude-1', role: 'auditor' })).body as { token: string })
      .token;
    expect(await statusOf(token, 'GET', '/audit')).toBe(200);
    expect(await statusOf(token, 'GET', '/shipments')).toBe(200);
    expect(await answerOf(token, 'GET', '/users')).toMatchObject({ status: 403, code: 'ROLE_NOT_ALLOWED' });
    expect(await answerOf(token, 'PUT', '/rules/x', {})).toMatchObject({
      ...{
        status: 403,
        detail: 'the role auditor may not do this; allowed: quality, admin, and roles made with rules.change',
      },
    });
  });

  test('that is changed holds within five seconds: requests at once, an open socket ends and finds the new one', async () => {
    await admin('PUT', '/roles/packer', { permissions: ['records.read', 'unit.count'] });
    const token = await house.accounts.tokens.create({ name: 'packer-1', role: 'packer' });
    expect(await statusOf(token, 'GET', '/devices')).toBe(200);
    const socket = await house.watchWith(token, 'alerts');
    const ended = once(socket as unknown as NodeJS.EventEmitter, 'disconnect', { signal: AbortSignal.timeout(30_000) });
    await admin('PUT', '/roles/packer', { permissions: ['unit.count'] });
    await ended;
    expect(await statusOf(token, 'GET', '/devices')).toBe(403);
  });

  test('stays while anybody has it, and is gone for good when nobody has', async () => {
    await admin('PUT', '/roles/night', { permissions: ['records.read'] });
    await admin('POST', '/users', { name: 'nina', role: 'night', password: 'a few odd words' });
    expect(await admin('DELETE', '/roles/night')).toMatchObject({
      ...{ status: 409, body: { code: 'ROLE_IN_USE', current: { users: 1, tokens: 0 } } },
    });
    await admin('PUT', '/users/nina', { role: 'dock' });
    const token = await house.accounts.tokens.create({ name: 'night-1', role: 'night' });
    expect((await admin('DELETE', '/roles/night')).status).toBe(409);
    await admin('DELETE', '/tokens/night-1');
    expect(await statusOf(token, 'GET', '/devices')).toBe(401);
    expect((await admin('DELETE', '/roles/night')).status).toBe(204);
    expect(await admin('DELETE', '/roles/night')).toMatchObject({ status: 404, body: { code: 'ROLE_UNKNOWN' } });
    expect(await admin('POST', '/users', { name: 'nora', role: 'night', password: 'a few odd words' })).toMatchObject({
      ...{ status: 400, body: { code: 'ROLE_UNKNOWN', errors: [{ path: 'role' }] } },
    });
  });

  test('is refused without a permission, with one that there is not, and under a name that cannot be', async () => {
    expect(await admin('PUT', '/roles/empty', { permissions: [] })).toMatchObject({
      status: 422,
      body: { code: 'ROLE_EMPTY' },
    });
    expect(await admin('PUT', '/roles/empty', {})).toMatchObject({ status: 422, body: { code: 'ROLE_EMPTY' } });
    expect(await admin('PUT', '/roles/odd', { permissions: ['everything.do'] })).toMatchObject({
      ...{ status: 400, body: { code: 'BODY_INVALID' } },
    });
    expect(await admin('PUT', `/roles/${encodeURIComponent('a b')}`, { permissions: ['records.read'] })).toMatchObject({
      ...{ status: 422, body: { code: 'ACCOUNT_NAME_BAD' } },
    });
    expect(await admin('PUT', '/roles/typo', { permission: ['records.read'] })).toMatchObject({ status: 400 });
  });
});

describe('the built-in roles', () => {
  test('are listed first with what the table says, and can be neither changed nor deleted', async () => {
    const { items } = (await admin('GET', '/roles')).body as { items: { name: string; permissions: string[] }[] };
    expect(items.slice(0, 5).map(({ name }) => name)).toEqual(['logistics', 'quality', 'dock', 'operations', 'admin']);
    expect(items[1]?.permissions).toEqual([...permissionsOf('quality')]);
    expect(items[4]?.permissions).toEqual(PERMISSIONS);
    for (const body of [{ permissions: ['records.read'] }, { about: 'mine' }]) {
      expect(await admin('PUT', '/roles/dock', body)).toMatchObject({ status: 409, body: { code: 'ROLE_FIXED' } });
    }
    expect(await admin('DELETE', '/roles/dock')).toMatchObject({ status: 409, body: { code: 'ROLE_FIXED' } });
  });
});

describe('nobody gives what he has not', () => {
  test('neither by user, role nor token; and nobody above him is touched', async () => {
    await admin('PUT', '/roles/doorman', { permissions: ['access.manage', 'records.read', 'unit.count'] });
    await admin('POST', '/users', { name: 'rex', role: 'quality', password: 'a few odd words' });
    await admin('POST', '/users', { name: 'dora', role: 'doorman', password: 'a few odd words' });
    const own = await house.accounts.tokens.create({ name: 'doorman-1', role: 'doorman' });
    // An admin's token that was narrowed to managing access would else make itself an admin.
    const narrowed = await house.accounts.tokens.create({ name: 'narrow-1', role: 'admin', scope: ['access.manage'] });
    await house.accounts.tokens.create({ name: 'integration', role: 'quality' });
    const tries = [
      ['POST', '/users', { name: 'eve', role: 'admin', password: 'a few odd words' }],
      ['PUT', '/users/dora', { role: 'quality' }],
      ['PUT', '/users/rex', { password: 'taken over by me' }],
      ['PUT', '/users/rex', { disabled: true }],
      ['DELETE', '/users/rex', undefined],
      ['DELETE', '/tokens/integration', undefined],
      ['POST', '/tokens', { name: 'eve', role: 'admin' }],
      ['POST', '/tokens', { name: 'eve', role: 'admin', scope: ['rules.change'] }],
      ['PUT', '/roles/mine', { permissions: ['rules.change'] }],
      ['PUT', '/roles/admin', { requiresSecondFactor: true }],
    ] as const;
    for (const token of [own, narrowed]) {
      for (const [method, path, body] of tries) {
        expect({ path, body, ...(await answerOf(token, method, path, body)) }).toMatchObject({
          ...{ status: 403, code: 'PERMISSION_NOT_YOURS' },
        });
      }
    }
    // What is within his own he may give.
    expect(await statusOf(own, 'PUT', '/roles/counter', { permissions: ['unit.count'] })).toBe(200);
    expect(await statusOf(own, 'POST', '/tokens', { name: 'c-1', role: 'admin', scope: ['unit.count'] })).toBe(201);
    expect(await statusOf(own, 'DELETE', '/roles/counter')).toBe(204);
  });

  test('and the last admin stays, whatever roles there are', async () => {
    await admin('PUT', '/roles/second', { permissions: [...PERMISSIONS] });
    await admin('POST', '/users', { name: 'sue', role: 'second', password: 'a few odd words' });
    expect(await admin('PUT', '/users/admin', { role: 'second' })).toMatchObject({ body: { code: 'LAST_ADMIN' } });
  });
});

describe('a token with a scope', () => {
  test('may what its scope names and its role may, and shows it in the list', async () => {
    const made = await admin('POST', '/tokens', {
      ...{ name: 'mes', role: 'logistics', scope: ['records.read', 'shipment.announce'], expires: '1d' },
    });
    expect(made).toMatchObject({ status: 201, body: { scope: ['records.read', 'shipment.announce'] } });
    const { token } = made.body as { token: string };
    expect(await statusOf(token, 'GET', '/shipments')).toBe(200);
    expect(await answerOf(token, 'POST', '/devices', { id: 'x', kind: 'logger', name: 'x' })).toMatchObject({
      status: 403,
      detail:
        'the token mes, narrowed to some of the role logistics, may not do this; allowed: logistics, operations, admin, and roles made with device.register',
    });
    const { items } = (await admin('GET', '/tokens?limit=1000')).body as { items: { name: string; scope: unknown }[] };
    expect(items.find(({ name }) => name === 'mes')).toMatchObject({
      ...{ scope: ['records.read', 'shipment.announce'], lastUsedAt: expect.stringMatching(/^20/) },
    });
    expect(items.find(({ name }) => name === 'test-admin')).toMatchObject({ scope: null });
  });

  test('never widens its role, not even when the role changes later', async () => {
    for (const scope of [['rules.change'], []]) {
      const refused = await admin('POST', '/tokens', { name: 'wide', role: 'dock', scope });
      expect([400, 422]).toContain(refused.status);
    }
    await admin('PUT', '/roles/clerk', { permissions: ['records.read', 'audit.read'] });
    const token = await house.accounts.tokens.create({ name: 'clerk-1', role: 'clerk', scope: ['audit.read'] });
    expect(await statusOf(token, 'GET', '/audit')).toBe(200);
    await admin('PUT', '/roles/clerk', { permissions: ['records.read', 'rules.change'] });
    expect(await statusOf(token, 'GET', '/audit')).toBe(403);
    expect(await statusOf(token, 'GET', '/shipments')).toBe(403);
  });
});
