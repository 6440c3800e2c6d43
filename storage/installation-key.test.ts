import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnavailableError } from '../domain/index.ts';
import { InstallationKey } from './installation-key.ts';

const key = InstallationKey.random();

test('what is sealed for a place opens for that place, and no two sealings are alike', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (place, secret) => {
      const sealed = key.seal(place, secret);
      expect(key.open(place, sealed)).toBe(secret);
      expect(key.seal(place, secret)).not.toBe(sealed);
      expect(sealed).toMatch(new RegExp(`^1:${key.id}:[\\w-]+$`));
    }),
  );
});

test('a sealed secret that was moved to another row, changed in any place, or cut does not open', () => {
  const sealed = key.seal('user_factors.secret/7', 'JBSWY3DPEHPK3PXP');
  const head = `1:${key.id}:`;
  const body = Buffer.from(sealed.slice(head.length), 'base64url');
  expect(() => key.open('user_factors.secret/8', sealed)).toThrow(
    /^the secret user_factors\.secret\/8 cannot be opened/,
  );
  for (let at = 0; at < body.length; at++) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => key.open('user_factors.secret/7', head + changed.toString('base64url'))).toThrow(UnavailableError);
    const cut = head + body.subarray(0, at).toString('base64url');
    expect(() => key.open('user_factors.secret/7', cut)).toThrow(UnavailableError);
  }
  for (const odd of ['', '1:', 'JBSWY3DPEHPK3PXP', sealed.replace(/^1/, '2')]) {
    expect(() => key.open('user_factors.secret/7', odd)).toThrow(UnavailableError);
  }
});

test('another key says which one it was sealed with, and nothing of the secret', () => {
  const other = InstallationKey.random();
  const sealed = key.seal('x', 'JBSWY3DPEHPK3PXP');
  expect(() => other.open('x', sealed)).toThrow(
    expect.objectContaining({
      code: 'SECRET_SEALED',
      message: expect.stringMatching(
        new RegExp(`with the installation key ${other.id}: it was sealed with the key ${key.id}`),
      ),
    }),
  );
});
