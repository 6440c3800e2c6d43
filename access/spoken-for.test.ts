import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';

const database = await testDatabase();
const within = { timeout: 30_000, interval: 20 };
const running: Accounts[] = [];

/** As a process that has just started sees it. */
async function started(): Promise<Accounts> {
  const accounts = new Accounts({ database, time: systemTime });
  await accounts.start();
  running.push(accounts);
  return accounts;
}

afterEach(async () => {
  for (const accounts of running.splice(0)) await accounts.stop();
});

describe('whom a credential speaks for', () => {
  test('a device for itself and its probes, whatever a batch of it says', async () => {
    const { credentials, spokenFor } = await started();
    await credentials.create('logger-1', { kind: 'device' });
    await vi.waitFor(() => expect(spokenFor.speaksFor('logger-1', 'logger-2')).toBe('no'), within);
    expect(spokenFor.speaksFor('logger-1', 'logger-1')).toBe('yes');
    await expect(credentials.change('logger-1', { speaksFor: ['dock-1'] })).rejects.toMatchObject({
      code: 'CREDENTIAL_SPEAKS_FOR_NONE',
    });
  });

  test('a gateway for its list; what it brings for the first time waits for a person', async () => {
    const accounts = await started();
    await accounts.credentials.create('gw-1', { kind: 'gateway', speaksFor: ['dock-1'] });
    const answer = (source: string) => accounts.spokenFor.speaksFor('gw-1', source);
    await vi.waitFor(() => expect(answer('dock-1')).toBe('yes'), within);
    expect(answer('probe-7')).toBe('waiting');
    expect(answer('probe-8')).toBe('waiting');
    await accounts.spokenFor.settled();
    expect(await accounts.credentials.get('gw-1')).toMatchObject({
      speaksFor: ['dock-1'],
      waiting: ['probe-7', 'probe-8'],
    });
    await accounts.credentials.decide('gw-1', ['probe-7'], 'confirm');
    await accounts.credentials.decide('gw-1', ['probe-8'], 'refuse');
    await vi.waitFor(() => expect([answer('probe-7'), answer('probe-8')]).toEqual(['yes', 'no']), within);
    // And after a restart.
    const { spokenFor } = await started();
    await spokenFor.know('gw-1');
    expect(['dock-1', 'probe-7', 'probe-8'].map((source) => spokenFor.speaksFor('gw-1', source))).toEqual([
      ...['yes', 'yes', 'no'],
    ]);
  });

  // A logger's batch carried readings of another logger, five minutes ahead: the true ones became conflicts.
  test('nobody for a device that signs in itself, also from when it does', async () => {
    const accounts = await started();
    const { credentials, spokenFor } = accounts;
    await credentials.create('gw-2', { kind: 'gateway', speaksFor: ['late-1'] });
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-2', 'late-1')).toBe('yes'), within);
    await credentials.create('late-1', { kind: 'device' });
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-2', 'late-1')).toBe('no'), within);
    for (const refused of [
      () => credentials.decide('gw-2', ['late-1'], 'confirm'),
      () => credentials.change('gw-2', { speaksFor: ['late-1'] }),
      () => credentials.create('gw-9', { kind: 'gateway', speaksFor: ['late-1'] }),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: 'SOURCE_SIGNS_IN' });
    }
  });

  test('one without a kind, as they were before: for what nobody else speaks for, until it sends readings of its own', async () => {
    const accounts = await started();
    const { credentials, spokenFor } = accounts;
    await credentials.create('old-gw');
    await credentials.create('old-logger');
    await credentials.create('gw-3', { kind: 'gateway', speaksFor: ['dock-3'] });
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-3', 'dock-3')).toBe('yes'), within);
    expect(spokenFor.speaksFor('old-gw', 'dock-4')).toBe('yes');
    expect(spokenFor.speaksFor('old-gw', 'dock-3')).toBe('no');
    expect(spokenFor.speaksFor('old-gw', 'old-logger')).toBe('no');
    spokenFor.heardOwn('old-logger');
    expect(spokenFor.speaksFor('old-logger', 'dock-5')).toBe('no');
    expect(spokenFor.speaksFor('old-logger', 'dock-4')).toBe('no');
    await spokenFor.settled();
    expect(await credentials.get('old-gw')).toMatchObject({ kind: null, speaksFor: ['dock-4'] });
    expect(await credentials.get('old-logger')).toMatchObject({ kind: 'device', speaksFor: [] });
  });

  // The first batch of a gateway that signed in at once was refused.
  test('from its first message, though it was made elsewhere a moment ago', async () => {
    const { spokenFor } = await started();
    const elsewhere = new Accounts({ database, time: systemTime });
    await elsewhere.credentials.create('gw-6', { kind: 'gateway', speaksFor: ['dock-9'] });
    await spokenFor.know('gw-6');
    expect(spokenFor.speaksFor('gw-6', 'dock-9')).toBe('yes');
  });

  test('revoked, for nobody', async () => {
    const { credentials, spokenFor } = await started();
    await credentials.create('gw-4', { kind: 'gateway', speaksFor: ['dock-8'] });
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-4', 'dock-8')).toBe('yes'), within);
    await credentials.revoke('gw-4');
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-4', 'dock-8')).toBe('no'), within);
    await credentials.create('gw-5', { kind: 'gateway', speaksFor: ['dock-8'] });
    await vi.waitFor(() => expect(spokenFor.speaksFor('gw-5', 'dock-8')).toBe('yes'), within);
  });
});
