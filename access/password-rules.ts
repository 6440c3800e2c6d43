import { InputError } from '../domain/index.ts';
import { normalized } from './password.ts';

/**
 * What a new password must be (NIST SP 800-63B, 3.1.1.2): long enough, and none that is tried first. No composition is
 * asked for, and no password ever has to be changed for its age.
 */
export interface PasswordRules {
  /** In characters (code points, after NFKC). */
  readonly leastLength: number;
  /** Whether passwords that are known from leaks, the user's own name and the product's are refused. */
  readonly refusesCommon: boolean;
}

export const PASSWORD_RULES: PasswordRules = { leastLength: 8, refusesCommon: true };

/** The demo's sign-ins are public, and on loopback only. */
export const DEMO_PASSWORD_RULES: PasswordRules = { leastLength: 1, refusesCommon: false };

export const MOST_PASSWORD_BYTES = 1024;

/** @throws {InputError} PASSWORD_BAD, which never repeats the password */
export async function requirePassword(password: string, userName: string, rules: PasswordRules): Promise<void> {
  const bytes = Buffer.byteLength(password);
  const length = [...normalized(password)].length;
  if (length < rules.leastLength || bytes > MOST_PASSWORD_BYTES) {
    throw bad(`of ${length} characters: allowed are ${rules.leastLength} characters to ${MOST_PASSWORD_BYTES} bytes`);
  }
  if (!rules.refusesCommon) return;
  const plain = normalized(password).toLowerCase();
  if (new Set(plain).size === 1) throw bad('is one character repeated: allowed is any text that is not');
  // With digits and signs hung on: paula2026!
  const stem = plain.replace(/[\d\p{P}\p{S}\s]+$/u, '');
  if ([userName.toLowerCase(), 'isotherm', ''].includes(stem) && !/^[\d\p{P}\p{S}\s]{16,}$/u.test(plain)) {
    throw bad("is the user's name, the product's, or digits alone: allowed is what nobody tries first");
  }
  if ((await commonPasswords()).has(plain)) {
    throw bad('is among the commonest of leaked passwords: allowed is what nobody tries first, such as a few words');
  }
}

let common: Promise<ReadonlySet<string>> | undefined;

/** Read once, and only where a password is set: it is some megabytes. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].filter(({ length }) => length >= 8)),
  );
  return common;
}

function bad(what: string): InputError {
  return new InputError('PASSWORD_BAD', `password ${what}`, { errors: [{ path: 'password', message: what }] });
}
