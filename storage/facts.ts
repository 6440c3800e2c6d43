import {
  type Effects,
  entryOfFact,
  type Fact,
  type Facts,
  type FactType,
  type KeptFact,
  storableText,
} from '../domain/index.ts';
import { latestKey, PostgresAuditTrail } from './audit/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './effects.ts';
import { addLeaves } from './ledger/index.ts';
import { timestamp } from './types.ts';

/** Facts that are leaves of the ledger by themselves, not by their entry alone: what was judged by, and what was decided. */
const LEAF_KINDS: Readonly<Partial<Record<string, string>>> = { rule: 'rule-version', decision: 'decision-fact' };

/** The record table of facts, one row per log position. */
export class PostgresFacts implements Facts {
  readonly #audit: PostgresAuditTrail;
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#audit = new PostgresAuditTrail(options);
    this.#database = options.database;
  }

  /** A fact whose position is kept already stays as it is. Each new one leaves its entry in the audit trail. */
  async keep(effects: Effects, facts: readonly KeptFact[]): Promise<void> {
    if (facts.length === 0) return;
    const { rows } = await clientOf(effects).query<{ position: number }>(
      `INSERT INTO facts (position, arrival, type, fact, subject)
       SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::json[], $5::text[]) ON CONFLICT DO NOTHING
       RETURNING position`,
      [
        facts.map(({ position }) => position),
        facts.map(({ arrival }) => timestamp(arrival)),
        facts.map(({ fact }) => fact.type),
        facts.map(({ fact: { origination: _, ...fact } }) => JSON.stringify(fact)),
        facts.map((kept) => storableText(entryOfFact(kept).subject)),
      ],
    );
    const isNew = new Set(rows.map(({ position }) => position));
    await this.#record(
      effects,
      facts.filter(({ position }) => isNew.has(position)),
    );
  }

  /** `old` is what the entry before it on the same subject said, where the fact does not say it itself. */
  async #record(effects: Effects, facts: readonly KeptFact[]): Promise<void> {
    const entries = facts.map(entryOfFact);
    const latest = new Map(await this.#audit.latest(effects, entries));
    const completed = entries.map((entry) => {
      const key = latestKey(entry);
      const old = entry.old ?? latest.get(key) ?? null;
      latest.set(key, entry.new);
      return { ...entry, old };
    });
    await this.#audit.addAll(effects, completed);
    await addLeaves(
      effects,
      facts.flatMap((kept) => {
        const { position, fact } = kept;
        const kind = LEAF_KINDS[fact.type];
        const { origination: _, ...said } = fact;
        return kind === undefined
          ? []
          : [{ kind, subject: entryOfFact(kept).subject, content: { position, fact: said } }];
      }),
    );
  }

  async all(types?: readonly FactType[], after?: number): Promise<KeptFact[]> {
    if (after !== undefined) return this.#since(types ?? null, after);
    const { rows } = await this.#database.query<{ position: number; arrival: number; fact: Fact }>(
      'SELECT position, arrival, fact FROM facts WHERE $1::text[] IS NULL OR type = ANY ($1) ORDER BY position',
      [types ?? null],
    );
    return rows;
  }

  async #since(types: readonly FactType[] | null, after: number): Promise<KeptFact[]> {
    const { rows } = await this.#database.query<{ position: number; arrival: number; fact: Fact }>(
      `SELECT position, arrival, fact FROM facts
        WHERE position > $2 AND ($1::text[] IS NULL OR type = ANY ($1)) ORDER BY position`,
      [types, after],
    );
    return rows;
  }
}
