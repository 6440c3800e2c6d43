import {
  type AuditTrail,
  BY_PLATFORM,
  ConflictError,
  InputError,
  type Origination,
  PERMISSIONS,
  type Permission,
  type Sites,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { requireName } from './names.ts';
import { record } from './recorded.ts';
import type { Revocations } from './revocations.ts';
import { permissionsIn, permissionsOfRole, type RoleRow } from './roles.ts';
import { newSecret, sha256 } from './secret.ts';
import { requireSites, sitesColumn, sitesOf } from './sites.ts';

/** A token as lists show it. Times are epoch ms UTC. */
export interface ApiToken {
  readonly name: string;
  readonly role: string;
  /** What it is narrowed to; null = whatever its role may. */
  readonly scope: readonly string[] | null;
  /** Whose goods it shows. */
  readonly sites: Sites;
  /** The portal whose screen it is, and nothing else; null: no screen. */
  readonly door: string | null;
  /** The partner that it is of, and good for alone; null: of none. */
  readonly partner: string | null;
  readonly createdAt: number;
  /** The name then shown of who created it; null = before this was kept. */
  readonly createdBy: string | null;
  /** null = never ends. */
  readonly expiresAt: number | null;
  /** To the minute; null = never. */
  readonly lastUsedAt: number | null;
}

/** Who holds a token. */
export interface TokenHolder {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  /** What its role may, and its scope names, at any site. */
  readonly permissions: ReadonlySet<Permission>;
  readonly scope: readonly string[] | null;
  readonly sites: Sites;
  readonly door: string | null;
  readonly partner: string | null;
  readonly expiresAt: number | null;
}

export interface NewToken {
  readonly name: string;
  readonly role: string;
  /** The permissions of the role that it is narrowed to; absent = all of them, also those the role is given later. */
  readonly scope?: readonly Permission[] | undefined;
  /** Whose goods it shows; absent = everybody's. */
  readonly sites?: Sites | undefined;
  /** How long it holds; absent = until it is revoked. */
  readonly lifetimeMs?: number | undefined;
  /** Of a partner, and good for what it may alone; absent: of none. */
  readonly partner?: string | undefined;
}

export interface TokensOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
}

/** As the table has them. */
type Kept = Omit<ApiToken, 'sites'> & { readonly sites: readonly string[] | null };
type KeptHolder = Omit<TokenHolder, 'sites' | 'permissions'> & Pick<Kept, 'sites' | 'lastUsedAt'> & RoleRow;

const LAST_USED_EVERY_MS = 60_000;
export const TOKEN_PREFIX = 'iso_';
const COLUMNS =
  'name, role, scope, sites, door, partner, created_at AS "createdAt", created_by AS "createdBy", expires_at AS "expiresAt", last_used_at AS "lastUsedAt"';

/** API tokens: what programs show instead of a person's password. */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** By name; expired ones too, until they are revoked. */
  async list(): Promise<ApiToken[]> {
    return (await this.#database.query<Kept>(`SELECT ${COLUMNS} FROM tokens ORDER BY name`)).rows.map(tokenOf);
  }

  /**
   * @returns the token, shown this once
   * @throws {InputError} ACCOUNT_NAME_BAD, ROLE_UNKNOWN, TOKEN_SCOPE_BEYOND_ROLE, SITES_BAD,
   *   ROLE_NEEDS_ALL_SITES
   * @throws {ConflictError} TOKEN_EXISTS
   */
  async create(
    { name, role, lifetimeMs, scope, sites: wanted = 'all', partner }: NewToken,
    by: Origination = BY_PLATFORM,
  ): Promise<string> {
    requireName('token', name);
    const token = TOKEN_PREFIX + newSecret();
    const now = this.#time.now();
    const expiresAt = lifetimeMs === undefined ? null : now + lifetimeMs;
    await this.#database.transaction(async (client) => {
      const ofRole = await permissionsOfRole(client, role);
      const narrowed = scope === undefined ? null : narrowedTo(scope, role, ofRole);
      const sites = requireSites(wanted, { role, permissions: new Set(narrowed ?? ofRole) });
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO tokens (name, role, sha256, created_at, expires_at, created_by, sites, scope, partner)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
        [
          ...[name, role, sha256(token), timestamp(now)],
          ...[expiresAt === null ? null : timestamp(expiresAt), by.actor.name, sitesColumn(sites), narrowed],
          partner ?? null,
        ],
      );
      if (rows[0] === undefined) {
        throw new ConflictError('TOKEN_EXISTS', `there is a token ${name} already`, { name });
      }
      const expires = expiresAt === null ? null : new Date(expiresAt).toISOString();
      await record(this.#options, client, by, {
        action: 'token.create',
        subject: `token:${name}`,
        new: {
          id: rows[0].id,
          name,
          role,
          sites,
          ...(narrowed !== null && { scope: narrowed }),
          expiresAt: expires,
          ...(partner !== undefined && { partner }),
        },
      });
    });
    return token;
  }

  /** Of a partner, by name. */
  async ofPartner(partner: string): Promise<ApiToken[]> {
    const { rows } = await this.#database.query<Kept>(
      `SELECT ${COLUMNS} FROM tokens WHERE partner = $1 ORDER BY name`,
      [partner],
    );
    return rows.map(tokenOf);
  }

  /** @throws {InputError} TOKEN_UNKNOWN */
  async get(name: string): Promise<ApiToken> {
    const { rows } = await this.#database.query<Kept>(`SELECT ${COLUMNS} FROM tokens WHERE name = $1`, [name]);
    if (rows[0] === undefined) throw unknown(name);
    return tokenOf(rows[0]);
  }

  /** Who holds this token, or null. */
  async verify(token: string): Promise<TokenHolder | null> {
    if (!token.startsWith(TOKEN_PREFIX)) return null;
    const hash = sha256(token);
    const now = this.#time.now();
    const { rows } = await this.#database.query<KeptHolder>(
      `SELECT id, tokens.name, role, sites, scope, door, partner, permissions AS granted, expires_at AS "expiresAt",
         last_used_at AS "lastUsedAt"
       FROM tokens JOIN roles ON roles.name = tokens.role
       WHERE sha256 = $1 AND (expires_at IS NULL OR expires_at > $2)`,
      [hash, timestamp(now)],
    );
    const row = rows[0];
    if (row === undefined) return null;
    if (row.lastUsedAt === null || row.lastUsedAt <= now - LAST_USED_EVERY_MS) {
      await this.#database.query('UPDATE tokens SET last_used_at = $2 WHERE sha256 = $1', [hash, timestamp(now)]);
    }
    const { id, name, role, scope, door, partner, expiresAt } = row;
    const ofRole = permissionsIn(row);
    const permissions = scope === null ? ofRole : new Set([...ofRole].filter((one) => scope.includes(one)));
    return { id, name, role, permissions, scope, sites: sitesOf(row.sites), door, partner, expiresAt };
  }

  /** @throws {InputError} TOKEN_UNKNOWN */
  async revoke(name: string, by: Origination = BY_PLATFORM): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number; role: string }>(
        'DELETE FROM tokens WHERE name = $1 RETURNING id, role',
        [name],
      );
      const gone = rows[0];
      if (gone === undefined) throw unknown(name);
      await this.#options.revocations.revoke(client, `token:${gone.id}`);
      await record(this.#options, client, by, {
        action: 'token.revoke',
        subject: `token:${name}`,
        old: { id: gone.id, name, role: gone.role },
      });
    });
  }
}

/** In the order of the table. @throws {InputError} TOKEN_SCOPE_BEYOND_ROLE */
function narrowedTo(scope: readonly Permission[], role: string, ofRole: ReadonlySet<Permission>): Permission[] {
  const beyond = scope.filter((permission) => !ofRole.has(permission));
  if (scope.length > 0 && beyond.length === 0) return PERMISSIONS.filter((permission) => scope.includes(permission));
  const given = scope.length === 0 ? 'nothing' : beyond.join(', ');
  const message = `scope: given ${given}, allowed of the role ${role}: ${[...ofRole].join(', ')}`;
  throw new InputError('TOKEN_SCOPE_BEYOND_ROLE', message, { errors: [{ path: 'scope', message }] });
}

function tokenOf(row: Kept): ApiToken {
  return { ...row, sites: sitesOf(row.sites) };
}

function unknown(name: string): InputError {
  return new InputError('TOKEN_UNKNOWN', `there is no token ${name}`, { name });
}
