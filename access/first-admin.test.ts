import { expect, test } from 'vitest';
import { ManualTime } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { Accounts } from './accounts.ts';

const ORIGIN = { via: 'http', address: '192.0.2.7' } as const;

async function fresh(): Promise<Accounts> {
  const passwordCost = { memoryKib: 8, passes: 1, lanes: 1 };
  return new Accounts({ database: await testDatabase(), time: new ManualTime(0), passwordCost });
}

test('the code is read off a terminal: small letters, blanks, O for 0 and I or L for 1 are the same', async () => {
  const { firstAdmin } = await fresh();
  expect(firstAdmin.isCode('')).toBe(false);
  const code = firstAdmin.newCode();
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
  const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
  for (const same of [code, typed, ` ${code} `]) expect(firstAdmin.isCode(same)).toBe(true);
  const wrong = code.startsWith('7') ? `8${code.slice(1)}` : `7${code.slice(1)}`;
  for (const other of [wrong, code.slice(1), `${code}7`, '']) expect(firstAdmin.isCode(other)).toBe(false);
});

test('a code made anew ends the one before', async () => {
  const { firstAdmin } = await fresh();
  const first = firstAdmin.newCode();
  firstAdmin.newCode();
  expect(firstAdmin.isCode(first)).toBe(false);
});

test('of many who become the first admin at once, one does, and its entry names it', async () => {
  const { firstAdmin, users, audit } = await fresh();
  const code = firstAdmin.newCode();
  const tries = Array.from({ length: 8 }, (_, index) =>
    firstAdmin.create(`admin-${index}`, 'a few odd words', ORIGIN).then(
      () => 'made',
      (error: { code: string }) => error.code,
    ),
  );
  const outcomes = await Promise.all(tries);
  expect(outcomes.toSorted()).toEqual([...Array(7).fill('SETUP_DONE'), 'made']);
  const [only, ...more] = await users.list();
  expect(more).toEqual([]);
  expect(only).toMatchObject({ role: 'admin', isDisabled: false });
  const { items } = await audit.list({ action: 'user.create', limit: 10 });
  const actor = { id: `user:${only?.id}`, name: only?.name, kind: 'user' };
  expect(items).toMatchObject([{ actor, origin: ORIGIN, subject: `user:${only?.name}`, new: { by: 'set-up code' } }]);
  expect(firstAdmin.isCode(code)).toBe(false);
});

test('a user made at the command line ends set-up, and the code with it', async () => {
  const { firstAdmin, users } = await fresh();
  const code = firstAdmin.newCode();
  await users.create({ name: 'ada', role: 'admin', password: 'a few odd words' });
  expect(await firstAdmin.isAwaited()).toBe(false);
  expect(firstAdmin.isCode(code)).toBe(false);
  await expect(firstAdmin.create('eve', 'other odd words', ORIGIN)).rejects.toMatchObject({ code: 'SETUP_DONE' });
});

test('a password that is refused leaves the code as it was', async () => {
  const { firstAdmin } = await fresh();
  const code = firstAdmin.newCode();
  await expect(firstAdmin.create('ada', 'password1', ORIGIN)).rejects.toMatchObject({ code: 'PASSWORD_BAD' });
  expect(firstAdmin.isCode(code)).toBe(true);
});
