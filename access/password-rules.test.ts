import { expect, test } from 'vitest';
import { PASSWORD_RULES, requirePassword } from './password-rules.ts';

const check = (password: string, name = 'paula') => requirePassword(password, name, PASSWORD_RULES);

test.each([
  'correct horse battery staple',
  'Zq7#mPvt',
  'pâté de foie',
  'paula likes trains',
  'isotherm watches medicine',
  '73 kestrels',
  '4829105736620174',
  '温度計を見張る人',
])('a new password may be %s', async (password) => {
  await expect(check(password)).resolves.toBeUndefined();
});

test.each([
  ['x', /of 1 characters: allowed are 8 characters to 1024 bytes/],
  ['', /of 0 characters/],
  ['Zq7#mPv', /of 7 characters/],
  // Eight bytes, four characters.
  ['éééé', /of 4 characters/],
  ['y'.repeat(1_025), /allowed are 8 characters to 1024 bytes/],
  ['zzzzzzzzzz', /one character repeated/],
  ['password', /commonest/],
  ['PassWord1', /commonest/],
  ['iloveyou', /commonest/],
  ['qwertyuiop', /commonest/],
  ['paula2026!', /user's name/],
  ['Isotherm-1', /user's name, the product's/],
  ['19780412', /digits alone/],
])('a new password may not be %s', async (password, said) => {
  await expect(check(password)).rejects.toMatchObject({ code: 'PASSWORD_BAD', message: expect.stringMatching(said) });
});

test('what is said of a bad password does not repeat it', async () => {
  for (const password of ['hunter', 'password1', 'paula12345']) {
    await expect(check(password)).rejects.not.toMatchObject({ message: expect.stringContaining(password) });
  }
});
