import { afterAll, describe, expect, test, vi } from 'vitest';
import { ManualTime, silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';
import { DEMO_PASSWORD_RULES } from './password-rules.ts';
import { Revocations } from './revocations.ts';

const database = await testDatabase();
const passwordCost = { memoryKib: 8, passes: 1, lanes: 1 };
const options = { database, time: systemTime, passwordRules: DEMO_PASSWORD_RULES, passwordCost };
/** Where it is taken away: another process, as far as anything here can tell. */
const elsewhere = new Accounts(options);
const here = new Accounts(options);
await here.start();
afterAll(() => here.stop());

const within = { timeout: 30_000, interval: 20 };

describe('what was open ends within five seconds in every process', () => {
  test('of a user who is disabled, deleted, given another role or password; not of one who is renamed', async () => {
    await elsewhere.users.create({ name: 'ada', role: 'admin', password: 'x' });
    for (const change of [{ isDisabled: true }, { role: 'dock' }, { password: 'y' }] as const) {
      const { id } = await elsewhere.users.create({ name: 'quinn', role: 'quality', password: 'x' });
      const end = vi.fn();
      here.revocations.hold([`user:${id}`], end);
      await elsewhere.users.change('quinn', change);
      await vi.waitFor(() => expect(end).toHaveBeenCalledOnce(), within);
      const again = vi.fn();
      here.revocations.hold([`user:${id}`], again);
      await elsewhere.users.change('quinn', { name: 'quentin' });
      expect(again).not.toHaveBeenCalled();
      await elsewhere.users.delete('quentin');
      await vi.waitFor(() => expect(again).toHaveBeenCalledOnce(), within);
    }
  });

  test('of a token, a session, a credential', async () => {
    const token = await elsewhere.tokens.create({ name: 'erp', role: 'logistics' });
    const holder = await here.tokens.verify(token);
    const user = await elsewhere.users.create({ name: 'sam', role: 'dock', password: 'x' });
    const session = await elsewhere.sessions.open(user);
    await elsewhere.credentials.create('logger-1');
    const [ofToken, ofSession, ofCredential] = [vi.fn(), vi.fn(), vi.fn()];
    here.revocations.hold([`token:${holder?.id ?? 0}`], ofToken);
    here.revocations.hold([`user:${user.id}`, `session:${session.id}`], ofSession);
    await vi.waitFor(() => expect(here.spokenFor.speaksFor('logger-1', 'other')).toBe('yes'), within);
    here.revocations.hold(['credential:logger-1'], ofCredential);
    await elsewhere.tokens.revoke('erp');
    await elsewhere.sessions.end(user, session.id);
    await elsewhere.credentials.rotate('logger-1');
    await vi.waitFor(() => {
      for (const end of [ofToken, ofSession, ofCredential]) expect(end).toHaveBeenCalledOnce();
    }, within);
  });

  // 29 seconds, before.
  test('the old password of a rotated device is refused', async () => {
    const old = await elsewhere.credentials.create('logger-2');
    expect(await here.credentials.verify('logger-2', old)).toEqual({ id: 'logger-2', kind: null });
    const fresh = await elsewhere.credentials.rotate('logger-2');
    await vi.waitFor(async () => expect(await here.credentials.verify('logger-2', old)).toBeNull(), within);
    expect(await here.credentials.verify('logger-2', fresh)).not.toBeNull();
  });

  test('given up, nothing ends', async () => {
    const { id } = await elsewhere.users.create({ name: 'tom', role: 'dock', password: 'x' });
    const end = vi.fn();
    here.revocations.hold([`user:${id}`], end)();
    const last = vi.fn();
    here.revocations.hold([`user:${id}`], last);
    await elsewhere.users.delete('tom');
    await vi.waitFor(() => expect(last).toHaveBeenCalledOnce(), within);
    expect(end).not.toHaveBeenCalled();
  });
});

test('a wake-up that is lost costs two seconds', async () => {
  const time = new ManualTime(0);
  const deaf = await openDatabase({ url: database.url, logger: silentLogger, time: systemTime, maxConnections: 2 });
  // Notifications never arrive.
  const unheard = Object.assign(Object.create(deaf), { listen: async () => ({ stop: async () => {} }) });
  const revocations = new Revocations({ database: unheard, time, logger: silentLogger });
  await revocations.start();
  const end = vi.fn();
  revocations.hold(['credential:logger-9'], end);
  await elsewhere.credentials.create('logger-9');
  expect(end).not.toHaveBeenCalled();
  await time.advance(2_000);
  await vi.waitFor(() => expect(end).toHaveBeenCalledOnce(), within);
  await revocations.stop();
  await deaf.close();
});
