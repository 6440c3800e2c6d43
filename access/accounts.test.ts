import { describe, expect, it } from 'vitest';
import { ManualTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';
import { hashPassword, matchesPassword } from './password.ts';

const database = await testDatabase();
const TEN = Date.parse('2026-11-22T10:00:00Z');
const HOUR = 3_600_000;
/** Weak on purpose: these tests are not about how long a guess takes. */
const passwordCost = { logN: 4, r: 8, p: 1 };

function accountsAt(time: ManualTime): Accounts {
  return new Accounts({ database, time, passwordCost });
}

describe('accounts', () => {
  it('know when there is nobody yet', async () => {
    const fresh = new Accounts({ database: await testDatabase(), time: new ManualTime(TEN), passwordCost });
    expect(await fresh.hasAnyAccount()).toBe(false);
    await fresh.createToken({ name: 'erp', role: 'logistics' });
    expect(await fresh.hasAnyAccount()).toBe(true);
  });

  it('let a person in by password, and nobody by another one', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    const user = await accounts.createUser({ name: 'ana', role: 'quality', password: 'pâté' });
    expect(user).toEqual({ id: expect.any(Number), name: 'ana', role: 'quality' });
    // The same letters typed as base letter and accent.
    expect(await accounts.verifyPassword('ana', 'pâté'.normalize('NFD'))).toEqual(user);
    expect(await accounts.verifyPassword('ana', 'pate')).toBeNull();
    expect(await accounts.verifyPassword('Ana', 'pâté')).toBeNull();
    expect(await accounts.verifyPassword('nobody', 'pâté')).toBeNull();
  });

  it('refuse a name that is taken, a bad one, and an empty password', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    await accounts.createUser({ name: 'ben', role: 'dock', password: 'x' });
    const create = (name: string, password: string) => accounts.createUser({ name, role: 'admin', password });
    await expect(create('ben', 'y')).rejects.toMatchObject({ code: 'USER_EXISTS' });
    await expect(create('b n', 'y')).rejects.toMatchObject({ code: 'ACCOUNT_NAME_BAD' });
    await expect(create('eve', '')).rejects.toMatchObject({ code: 'PASSWORD_BAD' });
  });

  it('keep a session until it expires or is ended, and end them all with a new password', async () => {
    const time = new ManualTime(TEN);
    const accounts = accountsAt(time);
    const user = await accounts.createUser({ name: 'cleo', role: 'operations', password: 'x' });
    const one = await accounts.openSession(user);
    const two = await accounts.openSession(user);
    expect(await accounts.session(one.secret)).toEqual({ user, expiresAt: TEN + 12 * HOUR });
    await accounts.endSession(one.secret);
    expect(await accounts.session(one.secret)).toBeNull();
    await time.advance(12 * HOUR - 1);
    expect(await accounts.session(two.secret)).not.toBeNull();
    await time.advance(1);
    expect(await accounts.session(two.secret)).toBeNull();
    const three = await accounts.openSession(user);
    await accounts.setPassword('cleo', 'y');
    expect(await accounts.session(three.secret)).toBeNull();
    expect(await accounts.verifyPassword('cleo', 'y')).toEqual(user);
  });

  it('know an API token by its hash alone, and when it was last used', async () => {
    const time = new ManualTime(TEN);
    const accounts = accountsAt(time);
    const token = await accounts.createToken({ name: 'mes', role: 'logistics' });
    expect(token).toMatch(/^iso_[A-Za-z0-9_-]{43}$/);
    const mes = { name: 'mes', role: 'logistics', createdAt: TEN };
    expect(await accounts.tokens()).toEqual([{ ...mes, lastUsedAt: null }]);
    expect(await accounts.verifyToken(token)).toEqual({ name: 'mes', role: 'logistics' });
    expect(await accounts.verifyToken(`${token}x`)).toBeNull();
    expect(await accounts.tokens()).toEqual([{ ...mes, lastUsedAt: TEN }]);
    await time.advance(60_000);
    await accounts.verifyToken(token);
    expect(await accounts.tokens()).toEqual([{ ...mes, lastUsedAt: TEN + 60_000 }]);
    const dump = await database.query('SELECT tokens::text AS row FROM tokens');
    expect(JSON.stringify(dump.rows)).not.toContain(token.slice(4));
    await accounts.revokeToken('mes');
    expect(await accounts.verifyToken(token)).toBeNull();
  });
});

describe('credentials of devices', () => {
  it('hold until they are rotated, and the old password ends at once', async () => {
    const accounts = accountsAt(new ManualTime(TEN));
    const first = await accounts.createCredential('dock-3');
    expect(await accounts.verifyCredential('dock-3', first)).toBe(true);
    const second = await accounts.rotateCredential('dock-3');
    expect(await accounts.verifyCredential('dock-3', first)).toBe(false);
    expect(await accounts.verifyCredential('dock-3', second)).toBe(true);
    await expect(accounts.createCredential('dock-3')).rejects.toMatchObject({
      code: 'CREDENTIAL_EXISTS',
    });
    await expect(accounts.rotateCredential('none')).rejects.toMatchObject({ code: 'CREDENTIAL_UNKNOWN' });
  });

  it('that another process rotated are good at once when new, and bad within half a minute when old', async () => {
    const time = new ManualTime(TEN);
    const [here, elsewhere] = [accountsAt(time), accountsAt(time)];
    const old = await here.createCredential('logger-9');
    await here.verifyCredential('logger-9', old);
    const fresh = await elsewhere.rotateCredential('logger-9');
    expect(await here.verifyCredential('logger-9', old)).toBe(true);
    await time.advance(30_000);
    expect(await here.verifyCredential('logger-9', old)).toBe(false);
    expect(await here.verifyCredential('logger-9', fresh)).toBe(true);
  });
});

describe('a password hash', () => {
  it('carries its cost, is salted, and matches nothing where it is damaged', async () => {
    const hash = await hashPassword('demo');
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect(await matchesPassword('demo', hash)).toBe(true);
    expect(await hashPassword('demo', passwordCost)).not.toBe(await hashPassword('demo', passwordCost));
    expect(await matchesPassword('demo', hash.slice(0, 20))).toBe(false);
  });
});
