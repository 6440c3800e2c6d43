import { scryptSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { ManualTime, permissionsOf } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';
import { hashPassword, matchesPassword } from './password.ts';
import { DEMO_PASSWORD_RULES } from './password-rules.ts';

const database = await testDatabase();
const TEN = Date.parse('2026-11-22T10:00:00Z');
const HOUR = 3_600_000;
/** Weak on purpose: these tests are not about how long a guess takes. */
const passwordCost = { memoryKib: 8, passes: 1, lanes: 1 };

function accountsAt(time: ManualTime): Accounts {
  return new Accounts({ database, time, passwordCost, passwordRules: DEMO_PASSWORD_RULES });
}

describe('accounts', () => {
  it('know when there is nobody yet; a program is nobody', async () => {
    const fresh = new Accounts({ database: await testDatabase(), time: new ManualTime(TEN), passwordCost });
    expect(await fresh.firstAdmin.isAwaited()).toBe(true);
    await fresh.tokens.create({ name: 'erp', role: 'logistics' });
    expect(await fresh.firstAdmin.isAwaited()).toBe(true);
    await fresh.users.create({ name: 'ana', role: 'dock', password: 'a few odd words' });
    expect(await fresh.firstAdmin.isAwaited()).toBe(false);
  });

  it('let a person in by password, and nobody by another one', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    const user = await accounts.users.create({ name: 'ana', role: 'quality', password: 'pâté' });
    expect(user).toEqual({ id: expect.any(Number), name: 'ana', role: 'quality' });
    // The same letters typed as base letter and accent.
    expect(await accounts.users.verifyPassword('ana', 'pâté'.normalize('NFD'))).toEqual(user);
    expect(await accounts.users.verifyPassword('ana', 'pate')).toBeNull();
    expect(await accounts.users.verifyPassword('Ana', 'pâté')).toBeNull();
    expect(await accounts.users.verifyPassword('nobody', 'pâté')).toBeNull();
  });

  it('refuse a name that is taken, a bad one, and an empty password', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    await accounts.users.create({ name: 'ben', role: 'dock', password: 'x' });
    const create = (name: string, password: string) => accounts.users.create({ name, role: 'admin', password });
    await expect(create('ben', 'y')).rejects.toMatchObject({ code: 'USER_EXISTS' });
    await expect(create('b n', 'y')).rejects.toMatchObject({ code: 'ACCOUNT_NAME_BAD' });
    await expect(create('eve', '')).rejects.toMatchObject({ code: 'PASSWORD_BAD' });
  });

  it('keep a session until it expires or is ended, and end them all with a new password', async () => {
    const time = new ManualTime(TEN);
    const accounts = accountsAt(time);
    const user = await accounts.users.create({ name: 'cleo', role: 'operations', password: 'x' });
    const one = await accounts.sessions.open(user);
    const two = await accounts.sessions.open(user);
    expect(await accounts.sessions.find(one.secret)).toEqual({
      ...{
        id: one.id,
        user,
        permissions: permissionsOf('operations'),
        lacksFactor: false,
        sites: 'all',
        expiresAt: TEN + 12 * HOUR,
      },
    });
    await accounts.sessions.end(user, one.id);
    expect(await accounts.sessions.find(one.secret)).toBeNull();
    await time.advance(12 * HOUR - 1);
    expect(await accounts.sessions.find(two.secret)).not.toBeNull();
    await time.advance(1);
    expect(await accounts.sessions.find(two.secret)).toBeNull();
    const three = await accounts.sessions.open(user);
    await accounts.users.change('cleo', { password: 'y' });
    expect(await accounts.sessions.find(three.secret)).toBeNull();
    expect(await accounts.users.verifyPassword('cleo', 'y')).toEqual(user);
  });

  it('know an API token by its hash alone, and when it was last used', async () => {
    const time = new ManualTime(TEN);
    const accounts = accountsAt(time);
    const token = await accounts.tokens.create({ name: 'mes', role: 'logistics' });
    expect(token).toMatch(/^iso_[A-Za-z0-9_-]{43}$/);
    const mes = {
      name: 'mes',
      role: 'logistics',
      scope: null,
      sites: 'all',
      createdAt: TEN,
      createdBy: 'Isotherm',
      door: null,
      partner: null,
      expiresAt: null,
    };
    expect(await accounts.tokens.list()).toEqual([{ ...mes, lastUsedAt: null }]);
    expect(await accounts.tokens.verify(token)).toEqual({
      id: expect.any(Number),
      name: 'mes',
      role: 'logistics',
      permissions: permissionsOf('logistics'),
      scope: null,
      sites: 'all',
      door: null,
      partner: null,
      expiresAt: null,
    });
    expect(await accounts.tokens.verify(`${token}x`)).toBeNull();
    expect(await accounts.tokens.list()).toEqual([{ ...mes, lastUsedAt: TEN }]);
    await time.advance(60_000);
    await accounts.tokens.verify(token);
    expect(await accounts.tokens.list()).toEqual([{ ...mes, lastUsedAt: TEN + 60_000 }]);
    const dump = await database.query('SELECT tokens::text AS row FROM tokens');
    expect(JSON.stringify(dump.rows)).not.toContain(token.slice(4));
    await accounts.tokens.revoke('mes');
    expect(await accounts.tokens.verify(token)).toBeNull();
  });
});

describe('credentials of devices', () => {
  it('hold until they are rotated, and the old password ends at once', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    const first = await accounts.credentials.create('dock-3');
    expect(await accounts.credentials.verify('dock-3', first)).not.toBeNull();
    const second = await accounts.credentials.rotate('dock-3');
    expect(await accounts.credentials.verify('dock-3', first)).toBeNull();
    expect(await accounts.credentials.verify('dock-3', second)).not.toBeNull();
    await expect(accounts.credentials.create('dock-3')).rejects.toMatchObject({
      code: 'CREDENTIAL_EXISTS',
    });
    await expect(accounts.credentials.rotate('none')).rejects.toMatchObject({ code: 'CREDENTIAL_UNKNOWN' });
  });

  it('that another process rotated are good at once when new, and bad within four seconds when old, even where no word arrives', async () => {
    const time = new ManualTime(TEN);
    const [here, elsewhere] = [accountsAt(time), accountsAt(time)];
    const old = await here.credentials.create('logger-9');
    await here.credentials.verify('logger-9', old);
    const fresh = await elsewhere.credentials.rotate('logger-9');
    expect(await here.credentials.verify('logger-9', old)).not.toBeNull();
    await time.advance(4_000);
    expect(await here.credentials.verify('logger-9', old)).toBeNull();
    expect(await here.credentials.verify('logger-9', fresh)).not.toBeNull();
  });
});

describe('a password hash', () => {
  it('carries its cost, is salted, and matches nothing where it is damaged', async () => {
    const hash = await hashPassword('demo');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await matchesPassword('demo', hash)).toBe(true);
    expect(await hashPassword('demo', passwordCost)).not.toBe(await hashPassword('demo', passwordCost));
    expect(await matchesPassword('demo', hash.slice(0, 20))).toBe(false);
  });

  it('of an older kind is still right, and is replaced at the next sign-in', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    await accounts.users.create({ name: 'vera', role: 'dock', password: 'another one' });
    // Of 'demo', as it was made before argon2id.
    const salt = Buffer.from('0123456789abcdef');
    const key = scryptSync('demo', salt, 32, { N: 16, r: 8, p: 1 });
    const old = `$scrypt$ln=4,r=8,p=1$${salt.toString('base64')}$${key.toString('base64')}`;
    await database.query('UPDATE users SET password_hash = $1 WHERE name = $2', [old, 'vera']);
    const stored = async () => (await database.query("SELECT password_hash FROM users WHERE name = 'vera'")).rows;
    expect(await accounts.users.verifyPassword('vera', 'demi')).toBeNull();
    expect(await stored()).toEqual([{ password_hash: old }]);
    expect(await accounts.users.verifyPassword('vera', 'demo')).toMatchObject({ name: 'vera' });
    expect(await stored()).toEqual([{ password_hash: expect.stringMatching(/^\$argon2id\$/) }]);
    expect(await accounts.users.verifyPassword('vera', 'demo')).toMatchObject({ name: 'vera' });
  });
});

describe('access that is taken away', () => {
  const by = {
    actor: { id: 'user:1', name: 'ada', kind: 'user' },
    origin: { via: 'http', address: '10.0.0.1' },
  } as const;

  async function fresh() {
    const time = new ManualTime(TEN);
    const own = await testDatabase();
    const accounts = new Accounts({ database: own, time, passwordCost, passwordRules: DEMO_PASSWORD_RULES });
    await accounts.users.create({ name: 'ada', role: 'admin', password: 'x' });
    return { accounts, time, database: own };
  }

  it('leaves an entry each, with who did it and what was before', async () => {
    const { accounts } = await fresh();
    const { users, tokens, credentials, audit } = accounts;
    await users.create({ name: 'quinn', role: 'quality', password: 'x' }, by);
    await users.change('quinn', { role: 'operations', name: 'quentin' }, by);
    await users.change('quentin', { isDisabled: true }, by);
    await users.delete('quentin', by);
    await tokens.create({ name: 'erp', role: 'logistics' }, by);
    await tokens.revoke('erp', by);
    await credentials.create('gw-1', { kind: 'gateway', speaksFor: ['dock-1'] }, by);
    await credentials.rotate('gw-1', by);
    await credentials.change('gw-1', { speaksFor: [] }, by);
    await credentials.revoke('gw-1', by);
    const { items } = await audit.list({ actor: 'user:1', limit: 100 });
    expect(items.map(({ action, subject }) => `${action} ${subject}`).toReversed()).toEqual([
      ...['user.create user:quinn', 'user.rename user:quinn', 'user.rename user:quentin', 'user.role user:quinn'],
      ...['user.disable user:quentin', 'user.delete user:quentin', 'token.create token:erp', 'token.revoke token:erp'],
      ...['credential.create credential:gw-1', 'credential.rotate credential:gw-1'],
      ...['credential.change credential:gw-1', 'credential.revoke credential:gw-1'],
    ]);
    expect(items.find(({ action }) => action === 'user.role')).toMatchObject({
      ...{ actor: by.actor, origin: by.origin, at: TEN },
      ...{ old: { role: 'quality' }, new: { role: 'operations' } },
    });
    expect(JSON.stringify(items)).not.toMatch(/iso_|argon2|password_hash/);
  });

  it('is never that of the last admin', async () => {
    const { users } = (await fresh()).accounts;
    await users.create({ name: 'bob', role: 'admin', password: 'x' });
    // Each would have taken the other for the one who stays.
    const tries = await Promise.allSettled([users.delete('ada'), users.change('bob', { isDisabled: true })]);
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [left] = (await users.list()).filter(({ isDisabled }) => !isDisabled);
    const name = left?.name ?? '';
    for (const change of [{ isDisabled: true }, { role: 'dock' }] as const) {
      await expect(users.change(name, change)).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    }
    await expect(users.delete(name)).rejects.toMatchObject({ code: 'LAST_ADMIN' });
  });

  it('keeps the id of a user who is renamed, and gives it to nobody else', async () => {
    const { users } = (await fresh()).accounts;
    const { id } = await users.create({ name: 'quinn', role: 'quality', password: 'x' });
    expect(await users.change('quinn', { name: 'quentin' })).toMatchObject({ id, name: 'quentin' });
    await users.delete('quentin');
    expect((await users.create({ name: 'quinn', role: 'quality', password: 'x' })).id).not.toBe(id);
  });

  it('ends what a disabled user had, and the password until the user is let in again', async () => {
    const { users, sessions } = (await fresh()).accounts;
    const user = await users.create({ name: 'quinn', role: 'quality', password: 'x' });
    const { secret } = await sessions.open(user);
    await users.change('quinn', { isDisabled: true });
    expect(await sessions.find(secret)).toBeNull();
    expect(await users.verifyPassword('quinn', 'x')).toBeNull();
    await users.change('quinn', { isDisabled: false });
    expect(await users.verifyPassword('quinn', 'x')).toMatchObject({ name: 'quinn' });
    expect(await sessions.find(secret)).toBeNull();
  });

  it('ends by itself where it was given for a time', async () => {
    const { accounts, time } = await fresh();
    const token = await accounts.tokens.create({ name: 'audit', role: 'quality', lifetimeMs: HOUR });
    await time.advance(HOUR - 1);
    expect(await accounts.tokens.verify(token)).toMatchObject({ name: 'audit', expiresAt: TEN + HOUR });
    await time.advance(1);
    expect(await accounts.tokens.verify(token)).toBeNull();
    expect(await accounts.tokens.list()).toMatchObject([{ name: 'audit', expiresAt: TEN + HOUR }]);
  });

  it('ends with a session that nobody uses', async () => {
    const { accounts, time, database: own } = await fresh();
    const short = new Accounts({ database: own, time, passwordCost, idleMs: 2 * HOUR });
    const user = { id: (await accounts.users.get('ada')).id, name: 'ada', role: 'admin' } as const;
    const { secret } = await short.sessions.open(user, by, 'Firefox');
    await time.advance(HOUR);
    expect(await short.sessions.find(secret)).not.toBeNull();
    await time.advance(HOUR + 1);
    expect(await short.sessions.of(user.id)).toMatchObject([{ agent: 'Firefox', address: '10.0.0.1' }]);
    await time.advance(HOUR);
    expect(await short.sessions.find(secret)).toBeNull();
    expect(await short.sessions.of(user.id)).toEqual([]);
  });

  it('goes on while a page is open with it, to the end of the working day', async () => {
    const { accounts, time, database: own } = await fresh();
    const short = new Accounts({ database: own, time, passwordCost, idleMs: 2 * HOUR });
    const user = { id: (await accounts.users.get('ada')).id, name: 'ada', role: 'admin' } as const;
    const { id, secret } = await short.sessions.open(user, by);
    for (let hour = 0; hour < 11; hour++) {
      await time.advance(HOUR);
      await short.sessions.keepUsed([id]);
    }
    expect(await short.sessions.find(secret)).not.toBeNull();
    await time.advance(HOUR);
    expect(await short.sessions.find(secret)).toBeNull();
  });

  it('is refused sign-ins too: the first at once, then a number a minute, names that nobody has together', async () => {
    const { accounts, time } = await fresh();
    const from = { via: 'http', address: '10.0.0.9' } as const;
    for (let guess = 0; guess < 5; guess++) await accounts.signIns.refused('ada', from);
    // As typed into the wrong field.
    for (const name of ['hunter2', 'correct horse']) await accounts.signIns.refused(name, from);
    await time.advance(60_000);
    const refused = async () =>
      (await accounts.audit.list({ action: 'session.refuse', limit: 100 })).items
        .map(({ subject, new: said }) => `${subject} ${JSON.stringify(said)}`)
        .toSorted();
    await vi.waitFor(async () =>
      expect(await refused()).toEqual([
        ...['user:(unknown) {"tries":1}', 'user:(unknown) {"tries":1}'],
        ...['user:ada {"tries":1}', 'user:ada {"tries":4}'],
      ]),
    );
    accounts.signIns.stop();
  });
});
