import type pg from 'pg';

/**
 * Statements of a transaction whose answers nobody needs before its end: the database works on them while we go on. A connection answers one
 * after the other, so what is asked later through {@link client} finds what they wrote.
 */
export class SentStatements {
  /** The same connection, for what has to be answered: it takes its turn. */
  readonly client: pg.ClientBase;
  readonly #connection: pg.ClientBase;
  #last: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(connection: pg.ClientBase) {
    this.#connection = connection;
    const inTurn = async (...given: unknown[]): Promise<unknown> => {
      if (this.#last !== null) await this.#last;
      return Reflect.apply(connection.query, connection, given);
    };
    this.client = Object.create(connection, { query: { value: inTurn } });
  }

  send(text: string, values: unknown[]): void {
    this.#last = this.#answer(this.#last, text, values);
  }

  /** When all are answered. @throws what the first that failed was answered with */
  async answered(): Promise<void> {
    await this.#last;
    this.#last = null;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #answer(before: Promise<void> | null, text: string, values: unknown[]): Promise<void> {
    if (before !== null) await before;
    try {
      await this.#connection.query(text, values);
    } catch (error) {
      // Those behind it only say that the transaction is over.
      this.#failure ??= { error };
    }
  }
}
