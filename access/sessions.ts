import {
  type AuditTrail,
  BY_PLATFORM,
  type Origination,
  type Permission,
  type Sites,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { record } from './recorded.ts';
import type { Revocations } from './revocations.ts';
import { permissionsIn, type RoleRow } from './roles.ts';
import { newSecret, sha256 } from './secret.ts';
import { sitesOf } from './sites.ts';
import type { User } from './users.ts';

/** What was shown at the sign-in; `oidc`: another provider vouches for the person. */
export type SessionMethod = 'password' | 'password+code' | 'passkey' | 'oidc';

/** Who signed in. Times are epoch ms UTC. */
export interface Session {
  readonly id: number;
  readonly user: User;
  /** What the role may, at any site. */
  readonly permissions: ReadonlySet<Permission>;
  /** Whose goods the user sees. */
  readonly sites: Sites;
  /** The role asks for a second factor, and none was shown: nothing is allowed but to set one up. */
  readonly lacksFactor: boolean;
  /** Whatever happens. */
  readonly expiresAt: number;
}

/** A session as its user sees it in a list. */
export interface SessionRecord {
  readonly id: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly address: string | null;
  readonly agent: string | null;
}

export interface SessionsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
  /** How long a session lasts at most. Default 12 h, a working day. */
  readonly sessionMs?: number;
  /** How long it lasts without being used. Default: as long as it lasts at all. */
  readonly idleMs?: number;
}

const SESSION_MS = 12 * 3_600_000;
const USED_EVERY_MS = 60_000;
const MOST_AGENT = 200;

/** Sign-ins that have not ended: a random secret in a cookie, of which only the hash is kept. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #sessionMs: number;
  readonly #idleMs: number;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#time = options.time;
    this.#sessionMs = options.sessionMs ?? SESSION_MS;
    this.#idleMs = options.idleMs ?? this.#sessionMs;
  }

  /** @returns the secret for the cookie, shown this once */
  async open(
    user: User,
    by: Origination = BY_PLATFORM,
    agent: string | null = null,
    method: SessionMethod = 'password',
  ): Promise<{ id: number; secret: string; expiresAt: number }> {
    const secret = newSecret();
    const now = this.#time.now();
    const expiresAt = now + this.#sessionMs;
    return this.#database.transaction(async (client) => {
      await client.query('DELETE FROM sessions WHERE expires_at <= $1', [timestamp(now)]);
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO sessions (sha256, user_id, created_at, expires_at, last_used_at, address, agent, method)
         VALUES ($1, $2, $3, $4, $3, $5, $6, $7) RETURNING id`,
        [
          sha256(secret),
          user.id,
          timestamp(now),
          timestamp(expiresAt),
          by.origin.address,
          agent?.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MOST_AGENT) ?? null,
          method,
        ],
      );
      await record(this.#options, client, by, {
        ...{ action: 'session.open', subject: `user:${user.name}` },
        ...(method !== 'password' && { new: { method } }),
      });
      return { id: rows[0]?.id ?? 0, secret, expiresAt };
    });
  }

  /** Null where it has expired, was not used for too long, was ended, or never was; or its user may not sign in. */
  async find(secret: string): Promise<Session | null> {
    const now = this.#time.now();
    const hash = sha256(secret);
    const { rows } = await this.#database.query<
      User &
        RoleRow & {
          sites: string[] | null;
          lacksFactor: boolean;
          session: number;
          expiresAt: number;
          lastUsedAt: number;
        }
    >(
      `SELECT users.id, users.name, users.role, users.sites, roles.permissions AS granted,
         roles.requires_factor AND sessions.method = 'password' AS "lacksFactor", sessions.id AS session, sessions.expires_at AS "expiresAt",
         sessions.last_used_at AS "lastUsedAt"
       FROM sessions JOIN users ON users.id = sessions.user_id JOIN roles ON roles.name = users.role
       WHERE sessions.sha256 = $1 AND sessions.expires_at > $2 AND sessions.last_used_at > $3 AND users.disabled_at IS NULL`,
      [hash, timestamp(now), timestamp(now - this.#idleMs)],
    );
    const row = rows[0];
    if (row === undefined) return null;
    if (row.lastUsedAt <= now - USED_EVERY_MS) {
      await this.#database.query('UPDATE sessions SET last_used_at = $2 WHERE sha256 = $1', [hash, timestamp(now)]);
    }
    const { id, name, role, lacksFactor, expiresAt } = row;
    const permissions = permissionsIn(row);
    return {
      id: row.session,
      user: { id, name, role },
      permissions,
      lacksFactor,
      sites: sitesOf(row.sites),
      expiresAt,
    };
  }

  /** What is open with them counts as use: a page that is looked at asks for nothing. */
  async keepUsed(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const now = timestamp(this.#time.now());
    await this.#database.query('UPDATE sessions SET last_used_at = $2 WHERE id = ANY ($1)', [ids, now]);
  }

  /** Those of a user, the newest first. */
  async of(user: number): Promise<SessionRecord[]> {
    const now = this.#time.now();
    const { rows } = await this.#database.query<SessionRecord>(
      `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt", address, agent
       FROM sessions WHERE user_id = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY id DESC LIMIT 1000`,
      [user, timestamp(now), timestamp(now - this.#idleMs)],
    );
    return rows;
  }

  /** Signs out. Nothing happens where the session has ended already. */
  async end(user: User, id: number, by: Origination = BY_PLATFORM): Promise<boolean> {
    return this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('DELETE FROM sessions WHERE id = $1 AND user_id = $2', [id, user.id]);
      if (rowCount === 0) return false;
      await this.#options.revocations.revoke(client, `session:${id}`);
      await record(this.#options, client, by, { action: 'session.end', subject: `user:${user.name}` });
      return true;
    });
  }
}
