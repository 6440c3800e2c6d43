import type { Database } from '../database.ts';

/** What is to be deleted, and by whose word. Times epoch ms UTC. */
export interface NewDeletion {
  readonly what: 'readings' | 'originals';
  /** Event times [from, to) of readings; arrival of originals. */
  readonly from: number;
  readonly to: number;
  /** The setting that asks for it, with its value: `retention.readings=400d`. */
  readonly setting: string;
  readonly extent: 'all' | 'all but what is kept';
}

export interface Deletion extends NewDeletion {
  readonly id: number;
  readonly at: number;
  /** Readings, or messages; null where it was cut short, and what it left behind is another entry's. */
  readonly deleted: number | null;
  readonly kept: number | null;
  readonly finishedAt: number | null;
}

/** The log of deletions: an entry before anything goes, its result after. Nothing in it is ever changed. */
export class Deletions {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** @returns the entry's id, for {@link finish} */
  async begin({ what, from, to, setting, extent }: NewDeletion, now: number): Promise<number> {
    const { rows } = await this.#database.query<{ id: number }>(
      `INSERT INTO deletions (at, what, from_at, to_at, setting, extent) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [now, what, from, to, setting, extent],
    );
    return rows[0]?.id ?? 0;
  }

  async finish(id: number, result: { readonly deleted: number; readonly kept: number }, now: number): Promise<void> {
    await this.#database.query('UPDATE deletions SET deleted = $2, kept = $3, finished_at = $4 WHERE id = $1', [
      id,
      result.deleted,
      result.kept,
      now,
    ]);
  }

  /** Latest first; those with an id below `before`. */
  async list(query: { readonly before?: number; readonly limit: number }): Promise<Deletion[]> {
    const { rows } = await this.#database.query<Deletion>(
      `SELECT id, at, what, from_at AS "from", to_at AS "to", setting, extent, deleted, kept, finished_at AS "finishedAt"
       FROM deletions WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
      [query.before ?? null, query.limit],
    );
    return rows;
  }
}
