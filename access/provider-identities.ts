import { type AuditTrail, BY_PLATFORM, InputError, type Origination, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import type { Vouched } from './open-id.ts';
import { record } from './recorded.ts';
import { newSecret } from './secret.ts';
import type { User, Users } from './users.ts';

export interface ProviderIdentitiesOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly users: Users;
}

/** Who users are at an OpenID provider. A name says nothing: only issuer and subject make somebody the same person. */
export class ProviderIdentities {
  readonly #options: ProviderIdentitiesOptions;
  readonly #database: Database;

  constructor(options: ProviderIdentitiesOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  /**
   * The user that a provider vouches for, made at the first time; role and sites follow the provider.
   * @throws {InputError} USER_STAYS_OUT: disabled or deleted here; ROLE_UNKNOWN, SITES_BAD, ROLE_NEEDS_ALL_SITES
   * @throws {ConflictError} USER_EXISTS: somebody else has the name; LAST_ADMIN
   */
  async userOf({ issuer, subject, name, role, sites }: Vouched, by: Origination = BY_PLATFORM): Promise<User> {
    const now = timestamp(this.#options.time.now());
    const { rows } = await this.#database.query<{ userId: number | null; name: string | null }>(
      `UPDATE user_identities SET last_used_at = $3 WHERE issuer = $1 AND subject = $2
       RETURNING user_id AS "userId", (SELECT name FROM users WHERE id = user_id) AS name`,
      [issuer, subject, now],
    );
    const known = rows[0];
    if (known !== undefined) {
      if (known.name === null) throw staysOut(name, 'was deleted here; isotherm user readmit lets the person in again');
      const user = await this.#options.users.get(known.name);
      if (user.isDisabled) throw staysOut(user.name, 'may not sign in here');
      // What has not changed is neither written nor told of.
      await this.#options.users.change(user.name, { role, sites }, by);
      return { id: user.id, name: user.name, role };
    }
    // Nobody knows this password: the person signs in by the provider, until an administrator sets one.
    return this.#options.users.create({ name, role, sites, password: newSecret() }, by, async (client, user) => {
      await client.query(
        `INSERT INTO user_identities (issuer, subject, user_id, name, created_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $5)`,
        [issuer, subject, user.id, name, now],
      );
    });
  }

  /** Whether a user is known by this subject at this provider. */
  async isOf(user: number, { issuer, subject }: Pick<Vouched, 'issuer' | 'subject'>): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      'SELECT FROM user_identities WHERE issuer = $1 AND subject = $2 AND user_id = $3',
      [issuer, subject, user],
    );
    return rowCount === 1;
  }

  /** Whether a provider vouches for this user. */
  async has(user: number): Promise<boolean> {
    const { rowCount } = await this.#database.query('SELECT FROM user_identities WHERE user_id = $1 LIMIT 1', [user]);
    return rowCount === 1;
  }

  /**
   * Lets somebody who was deleted sign in by the provider again.
   * @throws {InputError} USER_UNKNOWN: nobody of this name was deleted
   */
  async readmit(name: string, by: Origination): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('DELETE FROM user_identities WHERE user_id IS NULL AND name = $1', [
        name,
      ]);
      if (rowCount === 0)
        throw new InputError('USER_UNKNOWN', `no user ${name} of a provider was deleted here`, { name });
      await record(this.#options, client, by, { action: 'user.readmit', subject: `user:${name}` });
    });
  }
}

function staysOut(name: string, why: string): InputError {
  return new InputError('USER_STAYS_OUT', `${name} ${why}`, { name });
}
