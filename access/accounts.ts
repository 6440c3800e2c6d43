import { ConflictError, InputError, type Role, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { type Credential, Credentials } from './credentials.ts';
import { hashPassword, matchesPassword, PASSWORD_COST, type PasswordCost } from './password.ts';
import { newSecret, sha256 } from './secret.ts';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
}

export interface Session {
  readonly user: User;
  /** Epoch ms UTC. */
  readonly expiresAt: number;
}

export interface ApiToken {
  readonly name: string;
  readonly role: Role;
  /** Epoch ms UTC. */
  readonly createdAt: number;
  /** To the minute; null = never. */
  readonly lastUsedAt: number | null;
}

export interface AccountsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  /** Default: 12 h, a working day. */
  readonly sessionMs?: number;
  readonly passwordCost?: PasswordCost;
}

const SESSION_MS = 12 * 3_600_000;
const LAST_USED_EVERY_MS = 60_000;
const MOST_PASSWORD_BYTES = 1024;
const NAME = /^[A-Za-z0-9._@-]{1,64}$/;
const TOKEN_PREFIX = 'iso_';

/** People, their sessions, API tokens, and the credentials of devices and gateways. */
export class Accounts {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #sessionMs: number;
  readonly #cost: PasswordCost;
  readonly #credentials: Credentials;
  #nobody: Promise<string> | undefined;

  constructor(options: AccountsOptions) {
    this.#database = options.database;
    this.#time = options.time;
    this.#sessionMs = options.sessionMs ?? SESSION_MS;
    this.#cost = options.passwordCost ?? PASSWORD_COST;
    this.#credentials = new Credentials(options);
  }

  /** Whether anybody could sign in at all: before that, only this machine may be listened on. */
  async hasAnyAccount(): Promise<boolean> {
    const { rows } = await this.#database.query<{ any: boolean }>(
      'SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM tokens) AS any',
    );
    return rows[0]?.any ?? false;
  }

  /** @throws {InputError} ACCOUNT_NAME_BAD, PASSWORD_BAD @throws {ConflictError} USER_EXISTS */
  async createUser({ name, role, password }: { name: string; role: Role; password: string }): Promise<User> {
    requireName('user', name);
    requirePassword(password);
    const { rows } = await this.#database.query<User>(
      `INSERT INTO users (name, role, password_hash, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING id, name, role`,
      [name, role, await hashPassword(password, this.#cost), timestamp(this.#time.now())],
    );
    const user = rows[0];
    if (user === undefined) throw new ConflictError('USER_EXISTS', `there is a user ${name} already`, { name });
    return user;
  }

  /** Ends the user's sessions. @throws {InputError} USER_UNKNOWN, PASSWORD_BAD */
  async setPassword(name: string, password: string): Promise<void> {
    requirePassword(password);
    const hash = await hashPassword(password, this.#cost);
    await this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('UPDATE users SET password_hash = $2 WHERE name = $1', [name, hash]);
      if (rowCount === 0) throw userUnknown(name);
      await client.query('DELETE FROM sessions USING users WHERE users.id = user_id AND users.name = $1', [name]);
    });
  }

  /** With all sessions. @throws {InputError} USER_UNKNOWN */
  async deleteUser(name: string): Promise<void> {
    const { rowCount } = await this.#database.query('DELETE FROM users WHERE name = $1', [name]);
    if (rowCount === 0) throw userUnknown(name);
  }

  async users(): Promise<User[]> {
    return (await this.#database.query<User>('SELECT id, name, role FROM users ORDER BY name')).rows;
  }

  /** Null for a wrong password and for an unknown user alike, after the same work. */
  async verifyPassword(name: string, password: string): Promise<User | null> {
    if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES) return null;
    const { rows } = await this.#database.query<User & { password_hash: string }>(
      'SELECT id, name, role, password_hash FROM users WHERE name = $1',
      [name],
    );
    const user = rows[0];
    this.#nobody ??= hashPassword(newSecret(), this.#cost);
    const matches = await matchesPassword(password, user?.password_hash ?? (await this.#nobody));
    return user !== undefined && matches ? { id: user.id, name: user.name, role: user.role } : null;
  }

  /** @returns the secret for the cookie, shown this once */
  async openSession(user: User): Promise<{ secret: string; expiresAt: number }> {
    const secret = newSecret();
    const now = this.#time.now();
    const expiresAt = now + this.#sessionMs;
    await this.#database.query('DELETE FROM sessions WHERE expires_at <= $1', [timestamp(now)]);
    await this.#database.query(
      'INSERT INTO sessions (sha256, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)',
      [sha256(secret), user.id, timestamp(now), timestamp(expiresAt)],
    );
    return { secret, expiresAt };
  }

  /** Null where it has expired, was ended or never was. */
  async session(secret: string): Promise<Session | null> {
    const { rows } = await this.#database.query<User & { expires_at: number }>(
      `SELECT users.id, users.name, users.role, sessions.expires_at
       FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.sha256 = $1 AND sessions.expires_at > $2`,
      [sha256(secret), timestamp(this.#time.now())],
    );
    const row = rows[0];
    if (row === undefined) return null;
    return { user: { id: row.id, name: row.name, role: row.role }, expiresAt: row.expires_at };
  }

  async endSession(secret: string): Promise<void> {
    await this.#database.query('DELETE FROM sessions WHERE sha256 = $1', [sha256(secret)]);
  }

  /** @returns the token, shown this once @throws {InputError} ACCOUNT_NAME_BAD @throws {ConflictError} TOKEN_EXISTS */
  async createToken({ name, role }: { name: string; role: Role }): Promise<string> {
    requireName('token', name);
    const token = TOKEN_PREFIX + newSecret();
    const { rowCount } = await this.#database.query(
      'INSERT INTO tokens (name, role, sha256, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [name, role, sha256(token), timestamp(this.#time.now())],
    );
    if (rowCount === 0) throw new ConflictError('TOKEN_EXISTS', `there is a token ${name} already`, { name });
    return token;
  }

  /** Who holds this token, or null. */
  async verifyToken(
    token: string,
  ): Promise<{ readonly id: number; readonly name: string; readonly role: Role } | null> {
    if (!token.startsWith(TOKEN_PREFIX)) return null;
    const hash = sha256(token);
    const { rows } = await this.#database.query<{ id: number; name: string; role: Role; last_used_at: number | null }>(
      'SELECT id, name, role, last_used_at FROM tokens WHERE sha256 = $1',
      [hash],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const now = this.#time.now();
    if (row.last_used_at === null || row.last_used_at <= now - LAST_USED_EVERY_MS) {
      await this.#database.query('UPDATE tokens SET last_used_at = $2 WHERE sha256 = $1', [hash, timestamp(now)]);
    }
    return { id: row.id, name: row.name, role: row.role };
  }

  async tokens(): Promise<ApiToken[]> {
    const { rows } = await this.#database.query<ApiToken>(
      'SELECT name, role, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM tokens ORDER BY name',
    );
    return rows;
  }

  /** @throws {InputError} TOKEN_UNKNOWN */
  async revokeToken(name: string): Promise<void> {
    const { rowCount } = await this.#database.query('DELETE FROM tokens WHERE name = $1', [name]);
    if (rowCount === 0) throw new InputError('TOKEN_UNKNOWN', `there is no token ${name}`, { name });
  }

  /** @returns the password, shown this once @throws {ConflictError} CREDENTIAL_EXISTS */
  createCredential(id: string): Promise<string> {
    return this.#credentials.create(id);
  }

  /** @returns the new password @throws {InputError} CREDENTIAL_UNKNOWN */
  rotateCredential(id: string): Promise<string> {
    return this.#credentials.rotate(id);
  }

  /** @throws {InputError} CREDENTIAL_UNKNOWN */
  revokeCredential(id: string): Promise<void> {
    return this.#credentials.revoke(id);
  }

  /** From memory where it was right within the last 30 s. */
  verifyCredential(id: string, password: string): Promise<boolean> {
    return this.#credentials.verify(id, password);
  }

  credentials(): Promise<Credential[]> {
    return this.#credentials.list();
  }
}

function requireName(what: string, name: string): void {
  if (!NAME.test(name)) {
    throw new InputError('ACCOUNT_NAME_BAD', `${what} name "${name}": allowed are 1 to 64 of A-Z a-z 0-9 . _ @ -`);
  }
}

function requirePassword(password: string): void {
  const bytes = Buffer.byteLength(password);
  if (bytes === 0 || bytes > MOST_PASSWORD_BYTES) {
    throw new InputError('PASSWORD_BAD', `password of ${bytes} bytes: allowed are 1 to ${MOST_PASSWORD_BYTES}`);
  }
}

function userUnknown(name: string): InputError {
  return new InputError('USER_UNKNOWN', `there is no user ${name}`, { name });
}
