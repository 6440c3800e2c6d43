import { expect, test } from 'vitest';
import { BY_PLATFORM, ManualTime } from '../domain/index.ts';
import { PostgresAuditTrail } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';
import { DEMO_PASSWORD_RULES } from './password-rules.ts';

const database = await testDatabase();
const { users, tokens, sessions } = new Accounts({
  ...{ database, time: new ManualTime(Date.parse('2026-11-22T10:00:00Z')), passwordRules: DEMO_PASSWORD_RULES },
  passwordCost: { memoryKib: 8, passes: 1, lanes: 1 },
});
const audit = new PostgresAuditTrail({ database });

test('a user sees every site until bound to some, and whoever is signed in is asked anew when that changes', async () => {
  const user = await users.create({ name: 'lena', role: 'dock', password: 'x' });
  expect(await users.get('lena')).toMatchObject({ sites: 'all' });
  const { secret } = await sessions.open(user);
  await users.change('lena', { sites: ['site:lyon', 'site:berlin', 'site:lyon'] }, BY_PLATFORM);
  expect(await users.get('lena')).toMatchObject({ sites: ['site:berlin', 'site:lyon'] });
  expect(await sessions.find(secret)).toMatchObject({ sites: ['site:berlin', 'site:lyon'] });
  const { rows } = await database.query('SELECT what FROM access_changes WHERE what = $1', [`user:${user.id}`]);
  expect(rows).toHaveLength(1);
  await users.change('lena', { role: 'logistics' });
  expect(await users.get('lena')).toMatchObject({ role: 'logistics', sites: ['site:berlin', 'site:lyon'] });
  await users.change('lena', { sites: 'all' });
  expect(await sessions.find(secret)).toMatchObject({ sites: 'all' });
  const { items } = await audit.list({ subject: 'user:lena', action: 'user.sites', limit: 10 });
  expect(items.map(({ old, new: now }) => [old, now])).toEqual([
    [{ sites: ['site:berlin', 'site:lyon'] }, { sites: 'all' }],
    [{ sites: 'all' }, { sites: ['site:berlin', 'site:lyon'] }],
  ]);
});

test('a token is bound when it is made', async () => {
  const token = await tokens.create({ name: 'erp-lyon', role: 'logistics', sites: ['site:lyon'] });
  expect(await tokens.verify(token)).toMatchObject({ role: 'logistics', sites: ['site:lyon'] });
  expect(await tokens.get('erp-lyon')).toMatchObject({ sites: ['site:lyon'] });
});

test('who manages access cannot be bound to sites, whichever comes first', async () => {
  const refusal = { code: 'ROLE_NEEDS_ALL_SITES', message: expect.stringContaining('site:lyon') };
  const bound = { role: 'admin', sites: ['site:lyon'] } as const;
  await expect(users.create({ name: 'ada', password: 'x', ...bound })).rejects.toMatchObject(refusal);
  await expect(tokens.create({ name: 'ada', ...bound })).rejects.toMatchObject(refusal);
  await users.create({ name: 'root', role: 'admin', password: 'x' });
  await users.create({ name: 'root2', role: 'admin', password: 'x' });
  await expect(users.change('root', { sites: ['site:lyon'] })).rejects.toMatchObject(refusal);
  await users.create({ name: 'leo', role: 'dock', password: 'x', sites: ['site:lyon'] });
  await expect(users.change('leo', { role: 'admin' })).rejects.toMatchObject(refusal);
  expect(await users.get('leo')).toMatchObject({ role: 'dock', sites: ['site:lyon'] });
  await users.change('leo', { role: 'admin', sites: 'all' });
});

test.each([[[]], [['lyon']], [['room:lyon/cold-1']], [['site:']], [['site:lyon', 'all']]])(
  '%j are no sites to be bound to',
  async (sites) => {
    await expect(users.create({ name: 'nora', role: 'dock', password: 'x', sites })).rejects.toMatchObject({
      code: 'SITES_BAD',
    });
  },
);
