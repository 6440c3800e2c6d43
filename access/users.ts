import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import {
  type AuditTrail,
  BY_PLATFORM,
  ConflictError,
  InputError,
  type Origination,
  type Sites,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { requireName } from './names.ts';
import { hashPassword, isOutdated, matchesPassword, PASSWORD_COST, type PasswordCost } from './password.ts';
import { MOST_PASSWORD_BYTES, PASSWORD_RULES, type PasswordRules, requirePassword } from './password-rules.ts';
import { type Act, record } from './recorded.ts';
import type { Revocations } from './revocations.ts';
import { permissionsOfRole } from './roles.ts';
import { newSecret } from './secret.ts';
import { requireSites, sitesColumn, sitesOf } from './sites.ts';

/** A person who may sign in. The id outlives a rename. */
export interface User {
  readonly id: number;
  readonly name: string;
  /** The name of a role, built in or not. */
  readonly role: string;
}

/** A user as lists show one. Times are epoch ms UTC. */
export interface UserRecord extends User {
  /** Whose goods the user sees. */
  readonly sites: Sites;
  readonly isDisabled: boolean;
  /** Signing in takes more than the password. */
  readonly hasFactor: boolean;
  readonly createdAt: number;
}

export interface NewUser {
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** Default: all. */
  readonly sites?: Sites | undefined;
}

/** What is to be different about a user; absent = as it is. */
export interface UserChange {
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly sites?: Sites | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly password?: string | undefined;
}

export interface UsersOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
  readonly passwordRules?: PasswordRules;
  readonly passwordCost?: PasswordCost;
}

/** As the table has it. */
type Kept = Omit<UserRecord, 'sites'> & { readonly sites: readonly string[] | null };

interface Row extends Kept {
  readonly passwordHash: string;
}

const COLUMNS = `id, name, role, sites, disabled_at IS NOT NULL AS "isDisabled", created_at AS "createdAt",
  EXISTS (SELECT FROM user_factors WHERE user_id = users.id AND confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys WHERE user_id = users.id) AS "hasFactor"`;

/** People: who they are, what their role is, and whether they may still sign in. */
export class Users {
  readonly #options: UsersOptions;
  readonly #database: Database;
  readonly #cost: PasswordCost;
  readonly #rules: PasswordRules;
  #nobody: Promise<string> | undefined;

  constructor(options: UsersOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#cost = options.passwordCost ?? PASSWORD_COST;
    this.#rules = options.passwordRules ?? PASSWORD_RULES;
  }

  /** By name. */
  async list(): Promise<UserRecord[]> {
    return (await this.#database.query<Kept>(`SELECT ${COLUMNS} FROM users ORDER BY name`)).rows.map(recordOf);
  }

  /** @throws {InputError} USER_UNKNOWN */
  async get(name: string): Promise<UserRecord> {
    const { rows } = await this.#database.query<Kept>(`SELECT ${COLUMNS} FROM users WHERE name = $1`, [name]);
    if (rows[0] === undefined) throw unknown(name);
    return recordOf(rows[0]);
  }

  /**
   * @throws {InputError} ACCOUNT_NAME_BAD, PASSWORD_BAD, ROLE_UNKNOWN, SITES_BAD, ROLE_NEEDS_ALL_SITES
   * @throws {ConflictError} USER_EXISTS
   */
  async create(
    { name, role, password, sites: wanted = 'all' }: NewUser,
    by: Origination = BY_PLATFORM,
    also: (client: pg.ClientBase, user: User) => Promise<void> = async () => {},
  ): Promise<User> {
    requireName('user', name);
    await requirePassword(password, name, this.#rules);
    const hash = await hashPassword(password, this.#cost);
    return this.#database.transaction(async (client) => {
      const sites = requireSites(wanted, { role, permissions: await permissionsOfRole(client, role) });
      const { rows } = await client.query<User>(
        `INSERT INTO users (name, role, password_hash, created_at, sites) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING id, name, role`,
        [name, role, hash, timestamp(this.#options.time.now()), sitesColumn(sites)],
      );
      const user = rows[0];
      if (user === undefined) throw taken(name);
      await record(this.#options, client, by, {
        action: 'user.create',
        subject: `user:${name}`,
        new: { id: user.id, name, role, sites },
      });
      await also(client, user);
      return user;
    });
  }

  /**
   * All of it or nothing. Another role, other sites, a new password and disabling end what the user has open; a new password and
   * disabling end the sessions too.
   * @param spared a session that goes on: that of the user who sets an own password
   * @throws {InputError} USER_UNKNOWN, ACCOUNT_NAME_BAD, PASSWORD_BAD, ROLE_UNKNOWN, SITES_BAD, ROLE_NEEDS_ALL_SITES
   * @throws {ConflictError} USER_EXISTS, LAST_ADMIN
   */
  async change(
    name: string,
    change: UserChange,
    by: Origination = BY_PLATFORM,
    spared: number | null = null,
  ): Promise<UserRecord> {
    const { password } = change;
    if (change.name !== undefined) requireName('user', change.name);
    if (password !== undefined) await requirePassword(password, change.name ?? name, this.#rules);
    const hash = password === undefined ? null : await hashPassword(password, this.#cost);
    return this.#database.transaction(async (client) => {
      const before = await this.#locked(client, name);
      const role = change.role ?? before.role;
      const permissions = await permissionsOfRole(client, role);
      const after = {
        ...{ name: change.name ?? before.name, role },
        sites: requireSites(change.sites ?? before.sites, { role, permissions }),
        isDisabled: change.isDisabled ?? before.isDisabled,
      };
      if (after.role !== 'admin' || after.isDisabled) await this.#requireOtherAdmin(client, before);
      if (after.name !== before.name) await this.#requireFree(client, after.name);
      const disabledAt = timestamp(this.#options.time.now());
      const { rows } = await client.query<Kept>(
        `UPDATE users SET name = $2, role = $3, password_hash = coalesce($5, password_hash), sites = $7,
           disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, $6) END
         WHERE id = $1 RETURNING ${COLUMNS}`,
        [before.id, after.name, after.role, after.isDisabled, hash, disabledAt, sitesColumn(after.sites)],
      );
      const acts = changesOf(before, after, hash !== null);
      if (hash !== null || after.isDisabled) await this.#endSessions(client, before.id, spared);
      if (acts.some(({ action }) => action !== 'user.rename' && action !== 'user.enable')) {
        await this.#options.revocations.revoke(client, `user:${before.id}`);
      }
      await record(this.#options, client, by, ...acts);
      return rows[0] === undefined ? { ...before, ...after } : recordOf(rows[0]);
    });
  }

  /**
   * With all sessions. What the user decided stays in the audit trail.
   * @throws {InputError} USER_UNKNOWN @throws {ConflictError} LAST_ADMIN
   */
  async delete(name: string, by: Origination = BY_PLATFORM): Promise<void> {
    await this.#database.transaction(async (client) => {
      const before = await this.#locked(client, name);
      await this.#requireOtherAdmin(client, before);
      await this.#options.revocations.revoke(client, `user:${before.id}`);
      await client.query('DELETE FROM users WHERE id = $1', [before.id]);
      const old = { id: before.id, name, role: before.role };
      await record(this.#options, client, by, { action: 'user.delete', subject: `user:${name}`, old });
    });
  }

  /**
   * Null for a wrong password, an unknown user and a disabled one alike, after the same work. A password that was
   * hashed in an older way is hashed anew.
   */
  async verifyPassword(name: string, password: string): Promise<User | null> {
    if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES) return null;
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS}, password_hash AS "passwordHash" FROM users WHERE name = $1`,
      [name],
    );
    const user = rows[0];
    this.#nobody ??= hashPassword(newSecret(), this.#cost);
    const matches = await matchesPassword(password, user?.passwordHash ?? (await this.#nobody));
    if (user === undefined || !matches || user.isDisabled) return null;
    if (isOutdated(user.passwordHash, this.#cost)) {
      await this.#database.query('UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
        user.id,
        user.passwordHash,
        await hashPassword(password, this.#cost),
      ]);
    }
    return { id: user.id, name: user.name, role: user.role };
  }

  async #locked(client: pg.ClientBase, name: string): Promise<UserRecord> {
    const { rows } = await client.query<Kept>(`SELECT ${COLUMNS} FROM users WHERE name = $1 FOR UPDATE`, [name]);
    if (rows[0] === undefined) throw unknown(name);
    return recordOf(rows[0]);
  }

  /** Without an admin who may sign in, nobody could ever let anybody in again. */
  async #requireOtherAdmin(client: pg.ClientBase, { id, name, role, isDisabled }: UserRecord): Promise<void> {
    if (role !== 'admin' || isDisabled) return;
    // Locked in one order, so that two admins cannot each take the other for the one who stays.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm last admin'))");
    const { rows } = await client.query(
      "SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1 LIMIT 1",
      [id],
    );
    if (rows.length > 0) return;
    throw new ConflictError('LAST_ADMIN', `${name} is the last admin who may sign in; make another one first`, {
      name,
    });
  }

  async #requireFree(client: pg.ClientBase, name: string): Promise<void> {
    const { rows } = await client.query('SELECT FROM users WHERE name = $1', [name]);
    if (rows.length > 0) throw taken(name);
  }

  async #endSessions(client: pg.ClientBase, user: number, spared: number | null): Promise<void> {
    await client.query('DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2', [user, spared]);
  }
}

function changesOf(
  before: UserRecord,
  after: Pick<UserRecord, 'name' | 'role' | 'sites' | 'isDisabled'>,
  isNewPassword: boolean,
): Act[] {
  const subject = `user:${before.name}` as const;
  const acts: Act[] = [];
  if (after.name !== before.name) {
    const names = { old: { id: before.id, name: before.name }, new: { id: before.id, name: after.name } };
    acts.push(
      { action: 'user.rename', subject, ...names },
      { action: 'user.rename', subject: `user:${after.name}`, ...names },
    );
  }
  if (after.role !== before.role) {
    acts.push({ action: 'user.role', subject, old: { role: before.role }, new: { role: after.role } });
  }
  if (!isDeepStrictEqual(after.sites, before.sites)) {
    acts.push({ action: 'user.sites', subject, old: { sites: before.sites }, new: { sites: after.sites } });
  }
  if (isNewPassword) acts.push({ action: 'user.password', subject });
  if (after.isDisabled !== before.isDisabled) {
    acts.push({ action: after.isDisabled ? 'user.disable' : 'user.enable', subject });
  }
  return acts;
}

function recordOf(row: Kept): UserRecord {
  return { ...row, sites: sitesOf(row.sites) };
}

function unknown(name: string): InputError {
  return new InputError('USER_UNKNOWN', `there is no user ${name}`, { name });
}

function taken(name: string): ConflictError {
  return new ConflictError('USER_EXISTS', `there is a user ${name} already`, { name });
}
