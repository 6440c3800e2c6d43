import { Secret, TOTP } from 'otpauth';
import { io } from 'socket.io-client';
import { afterAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const PASSWORD = 'a few odd words';

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
  readonly cookie: string;
}

async function ask(method: string, path: string, body?: unknown, cookie = ''): Promise<Answer> {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const set = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { status: response.status, code: answer.code as string | undefined, body: answer, cookie: set };
}

const signIn = (username: string, code?: string, password = PASSWORD) =>
  ask('POST', '/session', { username, password, ...(code !== undefined && { code }) });

/** What the app shows, some steps of 30 s from now. */
function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** A user with an app, whose code of the step before is used up. */
async function withApp(name: string, role = 'quality') {
  await house.accounts.users.create({ name, role, password: PASSWORD });
  const { cookie } = await signIn(name);
  const begun = await ask('POST', '/session/totp', { password: PASSWORD }, cookie);
  expect(begun).toMatchObject({ status: 200, body: { uri: expect.stringMatching(/^otpauth:\/\/totp\/Isotherm:/) } });
  const secret = begun.body.secret as string;
  const confirmed = await ask('POST', '/session/totp/confirm', { code: codeOf(secret, -1) }, cookie);
  expect(confirmed.status).toBe(200);
  return { secret, cookie, recovery: confirmed.body.recoveryCodes as string[] };
}

async function entriesOf(name: string): Promise<string[]> {
  const { items } = await house.accounts.audit.list({ subject: `user:${name}`, limit: 100 });
  return items.map(({ action }) => action).toReversed();
}

describe('an authenticator app', () => {
  test('is set up with the password and confirmed by a code; other sessions end; then the password alone opens nothing', async () => {
    await house.accounts.users.create({ name: 'ana', role: 'quality', password: PASSWORD });
    const { cookie } = await signIn('ana');
    const other = (await signIn('ana')).cookie;
    expect(await ask('POST', '/session/totp', { password: 'wrong' }, cookie)).toMatchObject({
      code: 'CREDENTIALS_WRONG',
    });
    const { secret } = (await ask('POST', '/session/totp', { password: PASSWORD }, cookie)).body;
    // Not confirmed: nothing is asked for yet.
    expect((await signIn('ana')).status).toBe(200);
    expect(await ask('POST', '/session/totp/confirm', { code: '000000' }, cookie)).toMatchObject({
      ...{ status: 401, code: 'SECOND_FACTOR_WRONG' },
    });
    const code = codeOf(String(secret), -1);
    const { body } = await ask('POST', '/session/totp/confirm', { code }, cookie);
    expect(body.recoveryCodes).toHaveLength(10);
    expect((await ask('GET', '/session', undefined, cookie)).status).toBe(200);
    expect((await ask('GET', '/session', undefined, other)).status).toBe(401);
    expect(await signIn('ana')).toMatchObject({ status: 401, code: 'SECOND_FACTOR_NEEDED', cookie: '' });
    // With a blank in it, as apps show it.
    const shown = codeOf(String(secret)).replace(/^(...)/, '$1 ');
    expect((await signIn('ana', shown)).status).toBe(200);
    expect(await ask('GET', '/session/factors', undefined, cookie)).toMatchObject({
      body: { required: false, app: { since: expect.stringMatching(/^20/) }, recoveryCodes: 10 },
    });
    expect(await ask('POST', '/session/totp', { password: PASSWORD }, cookie)).toMatchObject({
      ...{ status: 409, code: 'SECOND_FACTOR_EXISTS' },
    });
    expect(await entriesOf('ana')).toEqual(expect.arrayContaining(['factor.set-up', 'session.open', 'session.refuse']));
  });

  test('a code is taken once: neither again, nor an older one, nor twice at once', async () => {
    const { secret } = await withApp('ben');
    const code = codeOf(secret);
    const both = await Promise.all([signIn('ben', code), signIn('ben', code)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    for (const stale of [code, codeOf(secret, -1)]) {
      expect(await signIn('ben', stale)).toMatchObject({ status: 401, code: 'SECOND_FACTOR_WRONG', cookie: '' });
    }
    expect((await signIn('ben', codeOf(secret, 1))).status).toBe(200);
  });

  test('of another user, or far from the time, is wrong; so is a right code with a wrong password', async () => {
    const cleo = await withApp('cleo');
    const dan = await withApp('dan');
    expect(await signIn('cleo', codeOf(dan.secret))).toMatchObject({ code: 'SECOND_FACTOR_WRONG' });
    expect(await signIn('cleo', codeOf(cleo.secret, 4))).toMatchObject({ code: 'SECOND_FACTOR_WRONG' });
    expect(await signIn('cleo', codeOf(cleo.secret), 'wrong')).toMatchObject({ code: 'CREDENTIALS_WRONG' });
    // That try told nothing and used nothing up.
    expect((await signIn('cleo', codeOf(cleo.secret))).status).toBe(200);
  });

  test('its secret is sealed: neither it nor a recovery code stands in the database', async () => {
    const { secret, recovery } = await withApp('eve');
    const rows = await house.database.query(
      'SELECT user_factors::text AS row FROM user_factors UNION ALL SELECT recovery_codes::text FROM recovery_codes',
    );
    const text = JSON.stringify(rows.rows);
    for (const plain of [secret, ...recovery, ...recovery.map((code) => code.replaceAll('-', ''))]) {
      expect(text).not.toContain(plain);
    }
    const entries = await house.accounts.audit.list({ limit: 1_000 });
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  test('is removed with a code, and then the password is enough', async () => {
    const { secret, cookie } = await withApp('finn');
    expect(await ask('POST', '/session/totp/remove', { code: '123456' }, cookie)).toMatchObject({ status: 401 });
    expect((await ask('POST', '/session/totp/remove', { code: codeOf(secret) }, cookie)).status).toBe(204);
    expect((await signIn('finn')).status).toBe(200);
    expect(await entriesOf('finn')).toContain('factor.remove');
  });

  test('is of no use to who is disabled or deleted', async () => {
    const { secret, recovery } = await withApp('gina');
    await house.accounts.users.change('gina', { isDisabled: true });
    expect(await signIn('gina', codeOf(secret))).toMatchObject({ status: 401, code: 'CREDENTIALS_WRONG' });
    await house.accounts.users.delete('gina');
    expect(await signIn('gina', recovery[0])).toMatchObject({ status: 401, code: 'CREDENTIALS_WRONG' });
    const { rows } = await house.database.query(
      'SELECT FROM recovery_codes WHERE user_id NOT IN (SELECT id FROM users)',
    );
    expect(rows).toEqual([]);
  });

  test('a token of a program has none', async () => {
    expect(await house.ask('quality', 'GET', '/session/factors')).toMatchObject({
      ...{ status: 403, body: { code: 'TOKEN_HAS_NO_SESSION' } },
    });
  });
});

describe('a recovery code', () => {
  test('lets in once, however it is typed, and is counted down', async () => {
    const { recovery, cookie } = await withApp('hana');
    const [first = '', second = ''] = recovery;
    expect((await signIn('hana', first)).status).toBe(200);
    expect(await signIn('hana', first)).toMatchObject({ status: 401, code: 'SECOND_FACTOR_WRONG' });
    expect((await signIn('hana', second.replaceAll('-', ' ').toLowerCase())).status).toBe(200);
    expect((await ask('GET', '/session/factors', undefined, cookie)).body.recoveryCodes).toBe(8);
    expect(await entriesOf('hana')).toContain('factor.recover');
  });

  test('of before is void once there are new ones', async () => {
    const { recovery, cookie, secret } = await withApp('ivo');
    const renewed = await ask('POST', '/session/totp/recovery-codes', { code: codeOf(secret) }, cookie);
    const fresh = renewed.body.recoveryCodes as string[];
    expect((await signIn('ivo', recovery[3])).status).toBe(401);
    expect((await signIn('ivo', fresh[3])).status).toBe(200);
  });
});

describe('guessing codes', () => {
  test('is stopped for the account, from wherever it is tried; a right password between takes nothing back', async () => {
    const { secret, recovery } = await withApp('jo');
    const { factors, users } = house.accounts;
    const owner = await users.get('jo');
    for (let guess = 0; guess < 10; guess++) {
      expect(await factors.verify(owner, '000000')).toMatchObject({ isRight: false, waitMs: null });
    }
    const refused = await factors.verify(owner, codeOf(secret));
    expect(refused).toMatchObject({ isRight: false, waitMs: expect.toSatisfy((ms) => ms > 25_000 && ms <= 30_000) });
    expect(await signIn('jo', codeOf(secret))).toMatchObject({ status: 429, code: 'SIGN_IN_THROTTLED' });
    await house.database.query('UPDATE user_factors SET failures = 100, next_try_at = NULL WHERE user_id = $1', [
      owner.id,
    ]);
    expect(await signIn('jo', codeOf(secret))).toMatchObject({ status: 401, code: 'SECOND_FACTOR_LOCKED' });
    expect((await signIn('jo', recovery[0])).status).toBe(200);
    expect((await signIn('jo', codeOf(secret))).status).toBe(200);
  });

  test('is slowed as guessing passwords is, also where each wrong code follows a right password', async () => {
    await withApp('kim');
    const began = Date.now();
    for (let guess = 0; guess < 7; guess++) {
      await signIn('kim', '000000');
      expect(await signIn('kim')).toMatchObject({ code: 'SECOND_FACTOR_NEEDED' });
    }
    expect(Date.now() - began).toBeGreaterThan(500);
  });
});

describe('a second factor that a role asks for', () => {
  test('is set up before anything else is allowed; then all is, and it cannot be removed', async () => {
    await house.accounts.roles.put('signer', { permissions: ['records.read'], requiresFactor: true });
    await house.accounts.users.create({ name: 'lea', role: 'signer', password: PASSWORD });
    const signedIn = await signIn('lea');
    expect(signedIn).toMatchObject({ status: 200, body: { user: { lacksSecondFactor: true, permissions: [] } } });
    const { cookie } = signedIn;
    expect(await ask('GET', '/shipments', undefined, cookie)).toMatchObject({
      status: 403,
      code: 'SECOND_FACTOR_REQUIRED',
    });
    const socket = io(`${house.url}/live`, {
      extraHeaders: { cookie },
      transports: ['websocket'],
      reconnection: false,
    });
    const refused = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(refused.message).toBe('SIGNED_OUT');
    const { secret } = (await ask('POST', '/session/totp', { password: PASSWORD }, cookie)).body;
    await ask('POST', '/session/totp/confirm', { code: codeOf(String(secret), -1) }, cookie);
    expect((await ask('GET', '/shipments', undefined, cookie)).status).toBe(200);
    expect(await ask('GET', '/session', undefined, cookie)).toMatchObject({
      body: { user: { permissions: ['records.read'] } },
    });
    expect(await ask('POST', '/session/totp/remove', { code: codeOf(String(secret)) }, cookie)).toMatchObject({
      ...{ status: 409, code: 'SECOND_FACTOR_REQUIRED_BY_ROLE' },
    });
  });

  test('holds for who is signed in already, from the moment the role asks', async () => {
    await house.accounts.roles.put('later', { permissions: ['records.read'] });
    await house.accounts.users.create({ name: 'mia', role: 'later', password: PASSWORD });
    const { cookie } = await signIn('mia');
    expect((await ask('GET', '/shipments', undefined, cookie)).status).toBe(200);
    await house.ask('admin', 'PUT', '/roles/later', { requiresSecondFactor: true });
    expect(await ask('GET', '/shipments', undefined, cookie)).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED' });
  });
});

test('an administrator resets the factor of somebody who has lost it: sessions end, and the password is enough again', async () => {
  const { cookie, recovery } = await withApp('noa');
  const shown = async () =>
    (
      (await house.ask('admin', 'GET', '/users?limit=1000')).body as {
        items: { name: string; secondFactor: boolean }[];
      }
    ).items.find(({ name }) => name === 'noa')?.secondFactor;
  expect(await shown()).toBe(true);
  expect((await house.ask('quality', 'POST', '/users/noa/reset-factor')).status).toBe(403);
  expect((await house.ask('admin', 'POST', '/users/nobody/reset-factor')).status).toBe(404);
  expect((await house.ask('admin', 'POST', '/users/noa/reset-factor')).status).toBe(204);
  expect((await ask('GET', '/session', undefined, cookie)).status).toBe(401);
  expect((await signIn('noa')).status).toBe(200);
  expect(await shown()).toBe(false);
  expect(recovery).toHaveLength(10);
  expect(await entriesOf('noa')).toContain('factor.reset');
});

// Who has only a passkey signs in by password to a session that may set up a factor: one more, or none.
describe('somebody who has a passkey alone, where the role asks for a second factor', () => {
  test('makes no other factor and removes none by the password', async () => {
    await house.accounts.users.create({ name: 'pia', role: 'quality', password: PASSWORD });
    await house.database.query(
      `INSERT INTO passkeys (id, user_id, name, public_key, counter, transports, is_backed_up, created_at)
       SELECT 'pia-1', id, 'phone', '\\x00', 0, '{}', false, now() FROM users WHERE name = 'pia'`,
    );
    await house.ask('admin', 'PUT', '/roles/quality', { requiresSecondFactor: true });
    try {
      const { cookie, body } = await signIn('pia');
      expect(body).toMatchObject({ user: { lacksSecondFactor: true } });
      for (const [method, path, given] of [
        ['POST', '/session/totp', { password: PASSWORD }],
        ['POST', '/session/totp/confirm', { code: '123456' }],
        ['POST', '/session/passkeys/options', { password: PASSWORD }],
        ['PUT', '/session/passkeys/pia-1', { name: 'mine' }],
        ['DELETE', '/session/passkeys/pia-1', undefined],
      ] as const) {
        expect({ path, ...(await ask(method, path, given, cookie)) }).toMatchObject({
          ...{ path, status: 403, code: 'SECOND_FACTOR_REQUIRED' },
        });
      }
    } finally {
      await house.ask('admin', 'PUT', '/roles/quality', { requiresSecondFactor: false });
    }
  });
});
