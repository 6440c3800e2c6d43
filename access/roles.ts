import type pg from 'pg';
import {
  type AuditTrail,
  BY_PLATFORM,
  ConflictError,
  InputError,
  type Origination,
  PERMISSIONS,
  type Permission,
  permissionsOf,
  ROLES,
  type Role,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { requireName } from './names.ts';
import { record } from './recorded.ts';
import type { Revocations } from './revocations.ts';

/** What somebody is here for, as lists show it. */
export interface RoleRecord {
  readonly name: string;
  readonly about: string | null;
  /** Fixed: only whether it asks for a second factor can be changed. */
  readonly isBuiltIn: boolean;
  /** In the order of the table. */
  readonly permissions: readonly Permission[];
  /** Who has it must sign in with a second factor. */
  readonly requiresFactor: boolean;
  /** Who has it. */
  readonly users: number;
  readonly tokens: number;
}

/** What is to be of a role; absent = as it is, of a new one: nothing, and no second factor. */
export interface RoleChange {
  readonly about?: string | null | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly requiresFactor?: boolean | undefined;
}

export interface RolesOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
}

/** A row of `roles`, as far as what it allows goes. */
export interface RoleRow {
  readonly role: string;
  /** null = built in. */
  readonly granted: readonly string[] | null;
}

interface Row extends RoleRow {
  readonly about: string | null;
  readonly requiresFactor: boolean;
  readonly users: number;
  readonly tokens: number;
}

const LIST = `SELECT name AS role, about, permissions AS granted, requires_factor AS "requiresFactor",
    (SELECT count(*)::integer FROM users WHERE users.role = roles.name) AS users,
    (SELECT count(*)::integer FROM tokens WHERE tokens.role = roles.name) AS tokens
  FROM roles`;

/** Roles: the built-in ones, and sets of permissions that an administrator gave a name. */
export class Roles {
  readonly #options: RolesOptions;
  readonly #database: Database;

  constructor(options: RolesOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  /** The built-in ones first, the others by name. */
  async list(): Promise<RoleRecord[]> {
    const { rows } = await this.#database.query<Row>(`${LIST} ORDER BY name`);
    const builtIn: readonly string[] = ROLES;
    const place = ({ name, isBuiltIn }: RoleRecord) => (isBuiltIn ? builtIn.indexOf(name) : builtIn.length);
    return rows.map(recordOf).toSorted((a, b) => place(a) - place(b));
  }

  /** @throws {InputError} ROLE_UNKNOWN, with the names there are */
  async get(name: string): Promise<RoleRecord> {
    const { rows } = await this.#database.query<Row>(`${LIST} WHERE name = $1`, [name]);
    if (rows[0] === undefined)
      throw unknownRole(
        name,
        (await this.list()).map((role) => role.name),
      );
    return recordOf(rows[0]);
  }

  /**
   * Makes a role, or changes it: all of it or nothing. Who has it is held to the change within five seconds.
   * @throws {InputError} ACCOUNT_NAME_BAD, ROLE_EMPTY
   * @throws {ConflictError} ROLE_FIXED: what a built-in role may does not change
   */
  async put(name: string, change: RoleChange, by: Origination = BY_PLATFORM): Promise<RoleRecord> {
    requireName('role', name);
    if (isBuiltIn(name) && (change.permissions !== undefined || change.about !== undefined)) throw fixed(name);
    await this.#database.transaction(async (client) => {
      const before = await locked(client, name);
      const permissions = change.permissions ?? before?.granted ?? [];
      if (!isBuiltIn(name) && permissions.length === 0) {
        const message = `role ${name}: given no permission, allowed: at least one of ${PERMISSIONS.join(', ')}`;
        throw new InputError('ROLE_EMPTY', message, { errors: [{ path: 'permissions', message: 'at least one' }] });
      }
      const after = {
        about: change.about === undefined ? (before?.about ?? null) : change.about,
        granted: isBuiltIn(name) ? null : PERMISSIONS.filter((permission) => permissions.includes(permission)),
        requiresFactor: change.requiresFactor ?? before?.requiresFactor ?? false,
      };
      await client.query(
        `INSERT INTO roles (name, about, permissions, requires_factor, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET about = $2, permissions = $3, requires_factor = $4`,
        [name, after.about, after.granted, after.requiresFactor, timestamp(this.#options.time.now())],
      );
      await this.#options.revocations.revoke(client, `role:${name}`);
      const old = before === null ? {} : { old: said(before) };
      const action = before === null ? 'role.create' : 'role.change';
      await record(this.#options, client, by, { action, subject: `role:${name}`, ...old, new: said(after) });
    });
    return this.get(name);
  }

  /**
   * @throws {InputError} ROLE_UNKNOWN
   * @throws {ConflictError} ROLE_FIXED: it is built in; ROLE_IN_USE: somebody has it
   */
  async delete(name: string, by: Origination = BY_PLATFORM): Promise<void> {
    if (isBuiltIn(name)) throw fixed(name);
    const { users, tokens } = await this.get(name);
    if (users + tokens > 0) throw inUse(name, users, tokens);
    await this.#database
      .transaction(async (client) => {
        const before = await locked(client, name);
        if (before === null) return;
        await client.query('DELETE FROM roles WHERE name = $1', [name]);
        await record(this.#options, client, by, { action: 'role.delete', subject: `role:${name}`, old: said(before) });
      })
      .catch((error: unknown) => {
        // Somebody was given it in between.
        throw isForeignKey(error) ? inUse(name, 1, 0) : error;
      });
  }
}

/** What the role of a row may. A permission that this version does not know is passed over. */
export function permissionsIn({ role, granted }: RoleRow): ReadonlySet<Permission> {
  if (granted !== null) return new Set(PERMISSIONS.filter((permission) => granted.includes(permission)));
  return isBuiltIn(role) ? permissionsOf(role) : new Set();
}

/**
 * What a role may, and that it stays until this transaction has committed.
 * @throws {InputError} ROLE_UNKNOWN
 */
export async function permissionsOfRole(client: pg.ClientBase, name: string): Promise<ReadonlySet<Permission>> {
  const { rows } = await client.query<RoleRow>(
    'SELECT name AS role, permissions AS granted FROM roles WHERE name = $1 FOR KEY SHARE',
    [name],
  );
  if (rows[0] === undefined) throw unknownRole(name);
  return permissionsIn(rows[0]);
}

function isForeignKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23503';
}

function isBuiltIn(name: string): name is Role {
  return ROLES.some((role) => role === name);
}

async function locked(client: pg.ClientBase, name: string): Promise<Omit<Row, 'users' | 'tokens'> | null> {
  const { rows } = await client.query<Row>(
    `SELECT name AS role, about, permissions AS granted, requires_factor AS "requiresFactor"
     FROM roles WHERE name = $1 FOR UPDATE`,
    [name],
  );
  return rows[0] ?? null;
}

function recordOf({ role, about, granted, requiresFactor, users, tokens }: Row): RoleRecord {
  const permissions = [...permissionsIn({ role, granted })];
  return { name: role, about, isBuiltIn: granted === null, permissions, requiresFactor, users, tokens };
}

function said({ about, granted, requiresFactor }: Pick<Row, 'about' | 'granted' | 'requiresFactor'>) {
  return { about, permissions: granted, requiresSecondFactor: requiresFactor };
}

function unknownRole(name: string, names: readonly string[] = []): InputError {
  const allowed = names.length === 0 ? 'one that isotherm role list shows' : names.join(', ');
  const message = `role: given "${name}", allowed: ${allowed}`;
  return new InputError('ROLE_UNKNOWN', message, { errors: [{ path: 'role', message }] });
}

function fixed(name: string): ConflictError {
  return new ConflictError(
    'ROLE_FIXED',
    `the role ${name} is built in: it stays as it is, but for whether it asks for a second factor; make one of another name`,
    { name },
  );
}

function inUse(name: string, users: number, tokens: number): ConflictError {
  return new ConflictError(
    'ROLE_IN_USE',
    `the role ${name} is that of ${users} user(s) and ${tokens} token(s); give them another one first`,
    { name, users, tokens },
  );
}
