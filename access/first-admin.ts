import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Actor, type AuditTrail, ConflictError, type Origin, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { requireName } from './names.ts';
import { hashPassword, PASSWORD_COST, type PasswordCost } from './password.ts';
import { PASSWORD_RULES, type PasswordRules, requirePassword } from './password-rules.ts';
import { record } from './recorded.ts';
import { sha256 } from './secret.ts';
import type { User } from './users.ts';

export interface FirstAdminOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly passwordRules?: PasswordRules;
  readonly passwordCost?: PasswordCost;
}

/** Crockford's base 32: no I, L, O or U, so that what is read off a terminal is typed right. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 25 characters of 5 bits: 125 random bits. */
const CHARACTERS = 25;
const GROUP = 5;

/**
 * An installation without a user, and the one-time code that its terminal shows: whoever has it becomes the first
 * admin, once. The code is kept as a hash, in memory; a restart makes another one.
 */
export class FirstAdmin {
  readonly #options: FirstAdminOptions;
  #hash: Buffer | null = null;
  #isThere = false;

  constructor(options: FirstAdminOptions) {
    this.#options = options;
  }

  /** Whether there is no user yet. Once there was one, it is not asked again until a restart. */
  async isAwaited(): Promise<boolean> {
    if (this.#isThere) return false;
    const { rows } = await this.#options.database.query<{ any: boolean }>('SELECT EXISTS (SELECT FROM users) AS any');
    this.#isThere = rows[0]?.any ?? false;
    if (this.#isThere) this.#hash = null;
    return !this.#isThere;
  }

  /** A new code for the terminal; one made before holds no more. */
  newCode(): string {
    const code = [...randomBytes(CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
    this.#hash = sha256(code);
    return code.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? code;
  }

  /** In constant time; however it is spaced, in capitals or not, and with O for 0, I and L for 1. */
  isCode(given: string): boolean {
    if (this.#hash === null) return false;
    const plain = given
      .normalize('NFKC')
      .toUpperCase()
      .replaceAll(/[^0-9A-Z]/g, '')
      .replaceAll('O', '0')
      .replaceAll(/[IL]/g, '1');
    return timingSafeEqual(sha256(plain), this.#hash);
  }

  /**
   * Of two who come at once, one. The code has been checked.
   * @throws {InputError} ACCOUNT_NAME_BAD, PASSWORD_BAD: the code holds on @throws {ConflictError} SETUP_DONE
   */
  async create(name: string, password: string, origin: Origin): Promise<User> {
    const { database, time, passwordRules = PASSWORD_RULES, passwordCost = PASSWORD_COST } = this.#options;
    requireName('user', name);
    await requirePassword(password, name, passwordRules);
    const hash = await hashPassword(password, passwordCost);
    const user = await database.transaction(async (client) => {
      // Whoever else makes a user at this moment is before or after this.
      await client.query('LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE');
      const { rows } = await client.query<User>(
        `INSERT INTO users (name, role, password_hash, created_at) SELECT $1, 'admin', $2, $3
         WHERE NOT EXISTS (SELECT FROM users) RETURNING id, name, role`,
        [name, hash, timestamp(time.now())],
      );
      const first = rows[0];
      if (first === undefined) return null;
      const actor: Actor = { id: `user:${first.id}`, name, kind: 'user' };
      const act = { id: first.id, name, role: first.role, by: 'set-up code' };
      await record(
        this.#options,
        client,
        { actor, origin },
        {
          action: 'user.create',
          subject: `user:${name}`,
          new: act,
        },
      );
      return first;
    });
    this.#hash = null;
    this.#isThere = true;
    if (user === null) throw setUpDone();
    return user;
  }
}

export function setUpDone(): ConflictError {
  return new ConflictError('SETUP_DONE', 'there is a user already: sign in; further people are added by an admin');
}
