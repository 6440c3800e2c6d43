import type { TimeSource } from '../../domain/index.ts';
import { type Database, timestamp } from '../../storage/index.ts';

/** Without signing for so long, both components are asked for again. */
const UNTIL_MS = 15 * 60_000;

/**
 * Series of signings in one continuous session (21 CFR 11.200(a)(1)): the first takes both components, those after it the
 * password alone, until a quarter of an hour has passed without one or the session has ended.
 */
export class SigningSessions {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor({ database, time }: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = database;
    this.#time = time;
  }

  /** Whether somebody has signed in this session, and lately. */
  async isOpen(session: number): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      'SELECT FROM signing_sessions WHERE session = $1 AND until_at > $2',
      [session, timestamp(this.#time.now())],
    );
    return rowCount === 1;
  }

  async signed(session: number): Promise<void> {
    const now = this.#time.now();
    await this.#database.query('DELETE FROM signing_sessions WHERE until_at <= $1', [timestamp(now)]);
    await this.#database.query(
      `INSERT INTO signing_sessions (session, until_at) VALUES ($1, $2)
       ON CONFLICT (session) DO UPDATE SET until_at = excluded.until_at`,
      [session, timestamp(now + UNTIL_MS)],
    );
  }
}
