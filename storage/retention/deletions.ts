import { BY_PLATFORM, type Effects } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../audit/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { addLeaf } from '../ledger/index.ts';

/** What is to be deleted, and by whose word. Times epoch ms UTC. */
export interface NewDeletion {
  readonly what: 'readings' | 'originals' | 'files';
  /** Event times [from, to) of readings; arrival of originals and files. */
  readonly from: number;
  readonly to: number;
  /** The setting that asks for it, with its value: `retention.readings=400d`. */
  readonly setting: string;
  readonly extent: 'all' | 'all but what is kept';
}

export interface Deletion extends NewDeletion {
  readonly id: number;
  readonly at: number;
  /** Readings, messages, or files; null where it was cut short, and what it left behind is another entry's. */
  readonly deleted: number | null;
  readonly kept: number | null;
  readonly finishedAt: number | null;
}

/**
 * The log of deletions: an entry before anything goes, its result after. Nothing in it is ever changed. Both stand in the
 * audit trail as well, where removing a row is found.
 */
export class Deletions {
  readonly #audit: PostgresAuditTrail;
  readonly #check: (effects: Effects) => Promise<void>;
  readonly #database: Database;

  /** @param options.check of who deletes, in each transaction: that nobody else has begun to meanwhile */
  constructor(options: { readonly database: Database; readonly check?: (effects: Effects) => Promise<void> }) {
    this.#audit = new PostgresAuditTrail(options);
    this.#check = options.check ?? (async () => {});
    this.#database = options.database;
  }

  /** @returns the entry's id, for {@link finish} */
  async begin({ what, from, to, setting, extent }: NewDeletion, now: number): Promise<number> {
    return this.#database.transaction(async (client) => {
      await this.#check(effectsOf(client));
      const { rows } = await client.query<{ id: number }>(
        `INSERT INTO deletions (at, what, from_at, to_at, setting, extent) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [now, what, from, to, setting, extent],
      );
      const id = rows[0]?.id ?? 0;
      const range = { what, from: iso(from), to: iso(to), extent };
      const entry = { ...BY_PLATFORM, at: now, action: 'retention.delete', subject: `deletion:${id}` } as const;
      await this.#audit.add(effectsOf(client), { ...entry, new: range, reason: setting });
      const content = { id, at: now, what, from, to, setting, extent };
      await addLeaf(effectsOf(client), { kind: 'deletion', subject: entry.subject, content });
      return id;
    });
  }

  async finish(id: number, result: { readonly deleted: number; readonly kept: number }, now: number): Promise<void> {
    const { deleted, kept } = result;
    await this.#database.transaction(async (client) => {
      await this.#check(effectsOf(client));
      await client.query('UPDATE deletions SET deleted = $2, kept = $3, finished_at = $4 WHERE id = $1', [
        id,
        deleted,
        kept,
        now,
      ]);
      const entry = { ...BY_PLATFORM, at: now, action: 'retention.deleted', subject: `deletion:${id}` } as const;
      await this.#audit.add(effectsOf(client), { ...entry, new: { deleted, kept } });
      const content = { id, deleted, kept, finishedAt: now };
      await addLeaf(effectsOf(client), { kind: 'deletion-result', subject: entry.subject, content });
    });
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

/** A time that no calendar has (everything up to then) stays the number it is. */
function iso(at: number): string | number {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toISOString();
}
