import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  BY_PLATFORM,
  ConflictError,
  type CredentialKind,
  DEVICE_ID,
  InputError,
  type Origination,
  storableText,
  type TimeSource,
  textFault,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { type Act, record } from './recorded.ts';
import type { Revocations } from './revocations.ts';
import { newSecret, sha256 } from './secret.ts';

/** A credential as lists show it. Times are epoch ms UTC. */
export interface Credential {
  /** Device, gateway or service id; also the MQTT user name and client id. */
  readonly id: string;
  /** null = not said: what it does first decides. */
  readonly kind: CredentialKind | null;
  /** Sources it may speak for besides itself. */
  readonly speaksFor: readonly string[];
  /** Sources it has brought that a person has to confirm or refuse. */
  readonly waiting: readonly string[];
  readonly createdAt: number;
  readonly rotatedAt: number | null;
  /** When it last signed in, to the minute; null = never. */
  readonly lastSeenAt: number | null;
}

/** Who has signed in. */
export interface CredentialHolder {
  readonly id: string;
  readonly kind: CredentialKind | null;
}

/** What is to be different; absent = as it is. */
export interface CredentialChange {
  readonly kind?: CredentialKind | undefined;
  /** All sources it may speak for from now on. */
  readonly speaksFor?: readonly string[] | undefined;
}

export interface CredentialsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly audit: AuditTrail;
  readonly revocations: Revocations;
}

/** How long a password that was right is trusted where no word of its end arrives. */
const TRUST_MS = 4_000;
/** Beyond it the cache starts afresh. */
const MOST_CACHED = 100_000;
const MOST_SOURCES = 10_000;
/** Of a reader's name (docs/batch.md). */
const MOST_SOURCE = 255;
const SEEN_EVERY_MS = 60_000;

interface Cached extends CredentialHolder {
  readonly sha256: Buffer;
  readonly until: number;
}

interface Row extends CredentialHolder {
  readonly sha256: Buffer;
  readonly lastSeenAt: number | null;
}

const LIST = `SELECT id, kind, created_at AS "createdAt", rotated_at AS "rotatedAt", last_seen_at AS "lastSeenAt",
    ARRAY (SELECT source FROM credential_sources WHERE credential = id AND state = 'confirmed' ORDER BY source) AS "speaksFor",
    ARRAY (SELECT source FROM credential_sources WHERE credential = id AND state = 'waiting' ORDER BY source) AS waiting
  FROM credentials`;

/**
 * Passwords of devices, gateways and services. Verified from memory where it was right a moment ago: a fleet that
 * reconnects must not queue at the database.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #cache = new Map<string, Cached>();
  readonly #keys = new Map<string, { readonly key: Buffer | null; readonly until: number }>();
  /** Counts changes: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#time = options.time;
    options.revocations.onChange((grant) => {
      if (!grant.startsWith('credential:')) return;
      this.#changes++;
      this.#cache.delete(grant.slice('credential:'.length));
      this.#keys.delete(grant.slice('credential:'.length));
    });
  }

  /** By id. @param page ids after `after`, at most `limit` */
  async list(page: { readonly after?: string; readonly limit: number }): Promise<Credential[]> {
    const { rows } = await this.#database.query<Credential>(`${LIST} WHERE id > $1 ORDER BY id LIMIT $2`, [
      page.after ?? '',
      page.limit,
    ]);
    return rows;
  }

  /** @throws {InputError} CREDENTIAL_UNKNOWN */
  async get(id: string): Promise<Credential> {
    const { rows } = await this.#database.query<Credential>(`${LIST} WHERE id = $1`, [id]);
    if (rows[0] === undefined) throw unknown(id);
    return rows[0];
  }

  /**
   * From now on nobody else speaks for it.
   * @returns the password, shown this once
   * @throws {InputError} DEVICE_ID_BAD, SOURCE_BAD, SOURCE_SIGNS_IN, CREDENTIAL_SPEAKS_FOR_NONE
   * @throws {ConflictError} CREDENTIAL_EXISTS
   */
  async create(
    id: string,
    { kind, speaksFor = [] }: CredentialChange = {},
    by: Origination = BY_PLATFORM,
  ): Promise<string> {
    requireId(id);
    requireSources(kind ?? null, speaksFor);
    const password = newSecret();
    const now = timestamp(this.#time.now());
    await this.#database.transaction(async (client) => {
      const { rowCount } = await client.query(
        'INSERT INTO credentials (id, kind, sha256, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [id, kind ?? null, sha256(password), now],
      );
      if (rowCount === 0) {
        const message = `${id} has credentials already; rotate them for a new password`;
        throw new ConflictError('CREDENTIAL_EXISTS', message, { id });
      }
      await this.#confirm(client, id, speaksFor, by);
      const { rows: others } = await client.query<{ credential: string }>(
        `UPDATE credential_sources SET state = 'refused', decided_at = $2, decided_by = $3
         WHERE source = $1 AND state <> 'refused' RETURNING credential`,
        [id, now, by.actor.name],
      );
      await this.#options.revocations.revoke(
        client,
        `credential:${id}`,
        ...others.map(({ credential }) => `sources:${credential}` as const),
      );
      const act = { action: 'credential.create', subject: `credential:${id}`, new: { kind: kind ?? null, speaksFor } };
      await record(this.#options, client, by, act as Act);
    });
    return password;
  }

  /** @returns the new password; the old one, and what is open with it, ends @throws {InputError} CREDENTIAL_UNKNOWN */
  async rotate(id: string, by: Origination = BY_PLATFORM): Promise<string> {
    const password = newSecret();
    await this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('UPDATE credentials SET sha256 = $2, rotated_at = $3 WHERE id = $1', [
        id,
        sha256(password),
        timestamp(this.#time.now()),
      ]);
      if (rowCount === 0) throw unknown(id);
      await this.#options.revocations.revoke(client, `credential:${id}`);
      await record(this.#options, client, by, { action: 'credential.rotate', subject: `credential:${id}` });
    });
    this.#cache.delete(id);
    return password;
  }

  /** @throws {InputError} CREDENTIAL_UNKNOWN */
  async revoke(id: string, by: Origination = BY_PLATFORM): Promise<void> {
    await this.#database.transaction(async (client) => {
      const { rows } = await client.query<CredentialHolder>(
        'DELETE FROM credentials WHERE id = $1 RETURNING id, kind',
        [id],
      );
      if (rows[0] === undefined) throw unknown(id);
      await this.#options.revocations.revoke(client, `credential:${id}`);
      const old = { kind: rows[0].kind };
      await record(this.#options, client, by, { action: 'credential.revoke', subject: `credential:${id}`, old });
    });
    this.#cache.delete(id);
  }

  /**
   * Another kind, another list. What is open with it ends, and comes back with the new rights.
   * @throws {InputError} CREDENTIAL_UNKNOWN, SOURCE_BAD, SOURCE_SIGNS_IN, CREDENTIAL_SPEAKS_FOR_NONE
   */
  async change(id: string, change: CredentialChange, by: Origination = BY_PLATFORM): Promise<Credential> {
    const before = await this.get(id);
    const kind = change.kind ?? before.kind;
    const speaksFor = change.speaksFor ?? (kind === 'device' ? [] : before.speaksFor);
    requireSources(kind, speaksFor);
    await this.#database.transaction(async (client) => {
      const { rowCount } = await client.query('UPDATE credentials SET kind = $2 WHERE id = $1', [id, kind]);
      if (rowCount === 0) throw unknown(id);
      await client.query(
        `UPDATE credential_sources SET state = 'refused', decided_at = $3, decided_by = $4
         WHERE credential = $1 AND state = 'confirmed' AND NOT source = ANY ($2)`,
        [id, speaksFor, timestamp(this.#time.now()), by.actor.name],
      );
      await this.#confirm(client, id, speaksFor, by);
      await this.#options.revocations.revoke(client, `credential:${id}`, `sources:${id}`);
      const old = { kind: before.kind, speaksFor: before.speaksFor };
      const act = { action: 'credential.change', subject: `credential:${id}`, old, new: { kind, speaksFor } } as const;
      await record(this.#options, client, by, act);
    });
    return this.get(id);
  }

  /**
   * Confirms sources that it has brought, or refuses them.
   * @throws {InputError} CREDENTIAL_UNKNOWN, SOURCE_SIGNS_IN, CREDENTIAL_SPEAKS_FOR_NONE
   */
  async decide(
    id: string,
    sources: readonly string[],
    decision: 'confirm' | 'refuse',
    by: Origination = BY_PLATFORM,
  ): Promise<Credential> {
    const { kind } = await this.get(id);
    if (decision === 'confirm') requireSources(kind, sources);
    await this.#database.transaction(async (client) => {
      if (decision === 'confirm') await this.#confirm(client, id, sources, by);
      else {
        await client.query(
          `INSERT INTO credential_sources (credential, source, state, first_seen_at, decided_at, decided_by)
           SELECT $1, source, 'refused', $3, $3, $4 FROM unnest($2::text[]) AS source
           ON CONFLICT (credential, source) DO UPDATE SET state = 'refused', decided_at = $3, decided_by = $4`,
          [id, [...new Set(sources)], timestamp(this.#time.now()), by.actor.name],
        );
      }
      await this.#options.revocations.revoke(client, `sources:${id}`);
      const act = { action: `credential.${decision}`, subject: `credential:${id}`, new: { sources } } as const;
      await record(this.#options, client, by, act);
    });
    return this.get(id);
  }

  /** Who it is, where id and password belong together; else null. */
  async verify(id: string, password: string): Promise<CredentialHolder | null> {
    const given = sha256(password);
    const now = this.#time.now();
    const cached = this.#cache.get(id);
    if (cached !== undefined && cached.until > now && timingSafeEqual(cached.sha256, given)) {
      return { id, kind: cached.kind };
    }
    const changes = this.#changes;
    const { rows } = await this.#database.query<Row>(
      'SELECT id, kind, sha256, last_seen_at AS "lastSeenAt" FROM credentials WHERE id = $1',
      [id],
    );
    const stored = rows[0];
    if (stored === undefined || !timingSafeEqual(stored.sha256, given)) {
      this.#cache.delete(id);
      return null;
    }
    await this.#seen(stored);
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
    if (changes === this.#changes) this.#cache.set(id, { ...stored, until: this.#time.now() + TRUST_MS });
    return { id, kind: stored.kind };
  }

  /** Who it is, where a certificate has said so already: the id must have credentials that nobody has revoked. */
  async certified(id: string): Promise<CredentialHolder | null> {
    const { rows } = await this.#database.query<Row>(
      'SELECT id, kind, sha256, last_seen_at AS "lastSeenAt" FROM credentials WHERE id = $1',
      [id],
    );
    const [stored] = rows;
    if (stored === undefined) return null;
    await this.#seen(stored);
    return { id, kind: stored.kind };
  }

  /**
   * What a gateway signs its batches with: SHA-256 of its password, as it is kept. Trusted as long as a password that was
   * right; null where the id has no credentials.
   */
  async signingKey(id: string): Promise<Buffer | null> {
    const now = this.#time.now();
    const known = this.#keys.get(id);
    if (known !== undefined && known.until > now) return known.key;
    const changes = this.#changes;
    const { rows } = await this.#database.query<Row>(
      'SELECT id, kind, sha256, last_seen_at AS "lastSeenAt" FROM credentials WHERE id = $1',
      [id],
    );
    const [stored] = rows;
    if (stored !== undefined) await this.#seen(stored);
    const key = stored?.sha256 ?? null;
    if (this.#keys.size >= MOST_CACHED) this.#keys.clear();
    if (changes === this.#changes) this.#keys.set(id, { key, until: this.#time.now() + TRUST_MS });
    return key;
  }

  async #seen({ id, lastSeenAt }: Row): Promise<void> {
    const now = this.#time.now();
    if (lastSeenAt !== null && lastSeenAt > now - SEEN_EVERY_MS) return;
    await this.#database.query('UPDATE credentials SET last_seen_at = $2 WHERE id = $1', [id, timestamp(now)]);
  }

  /** @throws {InputError} SOURCE_SIGNS_IN */
  async #confirm(client: pg.ClientBase, id: string, sources: readonly string[], by: Origination): Promise<void> {
    if (sources.length === 0) return;
    const { rows: own } = await client.query<{ id: string }>(
      'SELECT id FROM credentials WHERE id = ANY ($1) ORDER BY id LIMIT 1',
      [sources.filter((source) => source !== id)],
    );
    if (own[0] !== undefined) {
      const message = `${own[0].id} signs in itself, and nobody else speaks for it; revoke its credentials first`;
      throw new InputError('SOURCE_SIGNS_IN', message, { source: own[0].id });
    }
    await client.query(
      `INSERT INTO credential_sources (credential, source, state, first_seen_at, decided_at, decided_by)
       SELECT $1, source, 'confirmed', $3, $3, $4 FROM unnest($2::text[]) AS source
       ON CONFLICT (credential, source) DO UPDATE SET state = 'confirmed', decided_at = $3, decided_by = $4`,
      [id, [...new Set(sources)], timestamp(this.#time.now()), by.actor.name],
    );
  }
}

function requireId(id: string): void {
  if (!DEVICE_ID.test(id)) {
    throw new InputError('DEVICE_ID_BAD', `device id: given "${id}", allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`);
  }
}

function requireSources(kind: CredentialKind | null, sources: readonly string[]): void {
  if (kind === 'device' && sources.length > 0) {
    const message = 'a device speaks for itself alone; allowed: kind gateway or service to speak for others';
    throw new InputError('CREDENTIAL_SPEAKS_FOR_NONE', message);
  }
  const bad = sources.find((source) => source === '' || textFault(source, { max: MOST_SOURCE }) !== null);
  if (bad !== undefined) {
    const shown = storableText(bad, MOST_SOURCE);
    throw new InputError(
      'SOURCE_BAD',
      `speaks for: given "${shown}", allowed: names of 1 to ${MOST_SOURCE} characters`,
    );
  }
  if (sources.length > MOST_SOURCES) {
    throw new InputError('SOURCE_BAD', `speaks for: ${sources.length} given, allowed: at most ${MOST_SOURCES}`);
  }
}

function unknown(id: string): InputError {
  return new InputError('CREDENTIAL_UNKNOWN', `${id} has no credentials`, { id });
}
