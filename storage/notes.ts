import type { Effects, Notes } from '../domain/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './effects.ts';

/** Consumers' notes, one row each. */
export class PostgresNotes implements Notes {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  async load(consumer: string): Promise<Uint8Array | null> {
    const { rows } = await this.#database.query<{ note: Buffer }>(
      'SELECT note FROM consumer_notes WHERE consumer = $1',
      [consumer],
    );
    return rows[0]?.note ?? null;
  }

  async save(effects: Effects, consumer: string, note: Uint8Array): Promise<void> {
    await clientOf(effects).query(
      `INSERT INTO consumer_notes (consumer, note) VALUES ($1, $2)
       ON CONFLICT (consumer) DO UPDATE SET note = excluded.note`,
      [consumer, note],
    );
  }
}
