import type { ConsumerState, Effects } from '../domain/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './effects.ts';

/** What consumers remember, one row each. */
export class PostgresConsumerState implements ConsumerState {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  async load(consumer: string): Promise<Uint8Array | null> {
    const { rows } = await this.#database.query<{ state: Buffer }>(
      'SELECT state FROM consumer_state WHERE consumer = $1',
      [consumer],
    );
    return rows[0]?.state ?? null;
  }

  async save(effects: Effects, consumer: string, state: Uint8Array): Promise<void> {
    await clientOf(effects).query(
      `INSERT INTO consumer_state (consumer, state) VALUES ($1, $2)
       ON CONFLICT (consumer) DO UPDATE SET state = excluded.state`,
      [consumer, state],
    );
  }
}
