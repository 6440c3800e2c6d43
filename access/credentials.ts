import { timingSafeEqual } from 'node:crypto';
import { ConflictError, InputError, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { newSecret, sha256 } from './secret.ts';

export interface Credential {
  /** Device or gateway id; also the MQTT user name. */
  readonly id: string;
  /** Epoch ms UTC. */
  readonly createdAt: number;
  readonly rotatedAt: number | null;
}

/** How long a password that was changed or withdrawn in another process may still be let in. */
const TRUST_MS = 30_000;
/** Beyond it the cache starts afresh. */
const MOST_CACHED = 100_000;

interface Cached {
  readonly sha256: Buffer;
  readonly until: number;
}

/** Passwords of devices and gateways. Verified from memory: a fleet that reconnects must not queue at the database. */
export class Credentials {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #cache = new Map<string, Cached>();

  constructor(options: { database: Database; time: TimeSource }) {
    this.#database = options.database;
    this.#time = options.time;
  }

  /** @returns the password, shown this once @throws {ConflictError} CREDENTIAL_EXISTS */
  async create(id: string): Promise<string> {
    const password = newSecret();
    const { rowCount } = await this.#database.query(
      'INSERT INTO credentials (id, sha256, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [id, sha256(password), timestamp(this.#time.now())],
    );
    if (rowCount === 0) {
      throw new ConflictError('CREDENTIAL_EXISTS', `${id} has credentials already; rotate them for a new password`, {
        id,
      });
    }
    return password;
  }

  /** @returns the new password; the old one ends @throws {InputError} CREDENTIAL_UNKNOWN */
  async rotate(id: string): Promise<string> {
    const password = newSecret();
    const { rowCount } = await this.#database.query(
      'UPDATE credentials SET sha256 = $2, rotated_at = $3 WHERE id = $1',
      [id, sha256(password), timestamp(this.#time.now())],
    );
    if (rowCount === 0) throw unknown(id);
    this.#cache.delete(id);
    return password;
  }

  /** @throws {InputError} CREDENTIAL_UNKNOWN */
  async revoke(id: string): Promise<void> {
    const { rowCount } = await this.#database.query('DELETE FROM credentials WHERE id = $1', [id]);
    this.#cache.delete(id);
    if (rowCount === 0) throw unknown(id);
  }

  /** Whether id and password belong together. */
  async verify(id: string, password: string): Promise<boolean> {
    const given = sha256(password);
    const cached = this.#cache.get(id);
    if (cached !== undefined && cached.until > this.#time.now() && timingSafeEqual(cached.sha256, given)) {
      return true;
    }
    const { rows } = await this.#database.query<{ sha256: Buffer }>('SELECT sha256 FROM credentials WHERE id = $1', [
      id,
    ]);
    const stored = rows[0];
    if (stored === undefined || !timingSafeEqual(stored.sha256, given)) {
      this.#cache.delete(id);
      return false;
    }
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear();
    this.#cache.set(id, { ...stored, until: this.#time.now() + TRUST_MS });
    return true;
  }

  async list(): Promise<Credential[]> {
    const { rows } = await this.#database.query<Credential>(
      'SELECT id, created_at AS "createdAt", rotated_at AS "rotatedAt" FROM credentials ORDER BY id',
    );
    return rows;
  }
}

function unknown(id: string): InputError {
  return new InputError('CREDENTIAL_UNKNOWN', `${id} has no credentials`, { id });
}
