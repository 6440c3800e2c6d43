import { InputError } from '../domain/index.ts';

const NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** @throws {InputError} ACCOUNT_NAME_BAD */
export function requireName(what: 'user' | 'token' | 'role', name: string): void {
  if (!NAME.test(name)) {
    const message = `${what} name "${name}": allowed are 1 to 64 of A-Z a-z 0-9 . _ @ -`;
    throw new InputError('ACCOUNT_NAME_BAD', message, { errors: [{ path: 'name', message }] });
  }
}
