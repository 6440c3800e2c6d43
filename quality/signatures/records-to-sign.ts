import type { TimeSource } from '../../domain/index.ts';
import { type Database, timestamp } from '../../storage/index.ts';
import { sha256 } from './canonical.ts';

/** As long as people take to read what they sign and find their key. */
const UNTIL_MS = 10 * 60_000;

/** Records that a person was shown and is about to sign with a passkey or a fresh sign-in, each over the record's hash. */
export class RecordsToSign {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ database, time }: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = database;
    this.#time = time;
  }

  /** @returns the record's hash, hex */
  async show(session: number, record: string): Promise<string> {
    const now = this.#time.now();
    const hash = sha256(record);
    await this.#database.query('DELETE FROM records_to_sign WHERE expires_at <= $1', [timestamp(now)]);
    await this.#database.query(
      `INSERT INTO records_to_sign (record_hash, session, record, expires_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (record_hash, session) DO UPDATE SET expires_at = excluded.expires_at`,
      [hash, session, record, timestamp(now + UNTIL_MS)],
    );
    return hash;
  }

  /** Whether it was shown in this session, lately, and not taken since. @param hash hex */
  async isShown(session: number, hash: string): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      'SELECT FROM records_to_sign WHERE record_hash = $1 AND session = $2 AND expires_at > $3',
      [hash, session, timestamp(this.#time.now())],
    );
    return rowCount === 1;
  }

  /** The record, which nobody can sign by this again; null where it was not shown in this session, or too long ago. */
  async taken(session: number, hash: string): Promise<string | null> {
    const { rows } = await this.#database.query<{ record: string }>(
      'DELETE FROM records_to_sign WHERE record_hash = $1 AND session = $2 AND expires_at > $3 RETURNING record',
      [hash, session, timestamp(this.#time.now())],
    );
    return rows[0]?.record ?? null;
  }
}
