import type { Effects, Fact, Facts, FactType, KeptFact } from '../domain/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './effects.ts';
import { timestamp } from './types.ts';

/** The record table of facts, one row per log position. */
export class PostgresFacts implements Facts {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /** A fact whose position is kept already stays as it is. */
  async keep(effects: Effects, facts: readonly KeptFact[]): Promise<void> {
    if (facts.length === 0) return;
    await clientOf(effects).query(
      `INSERT INTO facts (position, arrival, type, fact)
       SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::json[]) ON CONFLICT DO NOTHING`,
      [
        facts.map(({ position }) => position),
        facts.map(({ arrival }) => timestamp(arrival)),
        facts.map(({ fact }) => fact.type),
        facts.map(({ fact }) => JSON.stringify(fact)),
      ],
    );
  }

  async all(types?: readonly FactType[]): Promise<KeptFact[]> {
    const { rows } = await this.#database.query<{ position: number; arrival: number; fact: Fact }>(
      'SELECT position, arrival, fact FROM facts WHERE $1::text[] IS NULL OR type = ANY ($1) ORDER BY position',
      [types ?? null],
    );
    return rows;
  }
}
