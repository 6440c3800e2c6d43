import type { Database } from '../../storage/index.ts';

const SETTLING_LOCK = 0x73_65_74_6c;

/**
 * Lets people settle one after another: who comes second looks at what the first has said. In this process by a chain, so that
 * those who wait hold no connection; among processes by a lock of the database.
 */
export class SettlingTurns {
  readonly #database: Database;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    const locked = () =>
      this.#database.transaction(async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [SETTLING_LOCK]);
        return work();
      });
    const turn = this.#last.then(locked, locked);
    this.#last = turn;
    return turn;
  }
}
