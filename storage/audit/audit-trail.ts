import { randomUUID } from 'node:crypto';
import {
  type Actor,
  type AuditEntry,
  type AuditQuery,
  type AuditSubject,
  type AuditTrail,
  type Effects,
  type NewAuditEntry,
  type Origin,
  storableText,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { cursorOf, readCursor } from '../page.ts';
import { timestamp } from '../types.ts';
import { leafOf, personalIn, restored } from './leaf.ts';

interface Row {
  readonly number: number;
  readonly at: number;
  readonly leaf: string;
}

/** What a leaf says (storage/audit/leaf.ts). */
interface Content {
  readonly id: string;
  readonly at: string;
  readonly actor: Actor;
  readonly action: string;
  readonly subject: string;
  readonly old: unknown;
  readonly new: unknown;
  readonly reason: unknown;
  readonly origin: Origin;
}

/** Personal values of one entry, or of all entries of one actor (by id). */
export type Erasable = { readonly entry: string } | { readonly actor: string };

/** The audit trail in PostgreSQL. */
export class PostgresAuditTrail implements AuditTrail {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async add(effects: Effects, entry: NewAuditEntry): Promise<string> {
    const [id = ''] = await this.addAll(effects, [entry]);
    return id;
  }

  async addAll(effects: Effects, entries: readonly NewAuditEntry[]): Promise<readonly string[]> {
    if (entries.length === 0) return [];
    const client = clientOf(effects);
    const rows = entries.map((entry) => {
      const id = `evt_${randomUUID()}`;
      return { id, entry, leaf: leafOf(id, entry) };
    });
    await client.query(
      `WITH written AS (
         INSERT INTO audit_entries (id, at, actor_id, actor_name, action, subject, leaf, sha256)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
           $8::bytea[])
         RETURNING number)
       INSERT INTO audit_unplaced SELECT number FROM written`,
      [
        rows.map(({ id }) => id),
        rows.map(({ entry }) => timestamp(entry.at)),
        rows.map(({ entry }) => storableText(entry.actor.id)),
        rows.map(({ entry }) => storableText(entry.actor.name)),
        rows.map(({ entry }) => storableText(entry.action)),
        rows.map(({ entry }) => storableText(entry.subject)),
        rows.map(({ leaf }) => leaf.text),
        rows.map(({ leaf }) => leaf.sha256),
      ],
    );
    const personal = rows.flatMap(({ id, leaf }) => leaf.personal.map((one) => ({ id, ...one })));
    if (personal.length > 0) {
      await client.query(
        `INSERT INTO audit_personal (sha256, entry, salt, value)
         SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[])`,
        [
          personal.map((one) => one.sha256),
          personal.map(({ id }) => id),
          personal.map(({ salt }) => salt),
          personal.map(({ value }) => value),
        ],
      );
    }
    return rows.map(({ id }) => id);
  }

  /**
   * What the latest entry of the same action on the same subject said (`new`), for each of these that has one, by
   * {@link latestKey}.
   */
  async latest(effects: Effects, of: readonly Asked[]): Promise<ReadonlyMap<string, unknown>> {
    const asked = [...new Map(of.map((one) => [latestKey(one), one])).values()];
    if (asked.length === 0) return new Map();
    const { rows } = await clientOf(effects).query<{ leaf: string }>(
      `SELECT leaf FROM unnest($1::text[], $2::text[]) AS asked (subject, action)
       CROSS JOIN LATERAL (SELECT leaf FROM audit_entries e WHERE e.subject = asked.subject AND e.action = asked.action
         ORDER BY at DESC, number DESC LIMIT 1) AS entry`,
      [asked.map(({ subject }) => storableText(subject)), asked.map(({ action }) => action)],
    );
    return new Map(
      rows.map(({ leaf }) => {
        const content = JSON.parse(leaf) as Content;
        return [latestKey(content), content.new];
      }),
    );
  }

  async list(
    query: AuditQuery,
  ): Promise<{ readonly items: readonly AuditEntry[]; readonly nextCursor: string | null }> {
    const conditions: string[] = [];
    const values: unknown[] = [];
    const where = (condition: (parameter: string) => string, value: unknown) => {
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    if (query.subject !== undefined) where((p) => `subject = ${p}`, query.subject);
    // An id names its kind with a colon, which no name may hold.
    if (query.actor !== undefined) {
      where((p) => `${isActorId(query.actor) ? 'actor_id' : 'actor_name'} = ${p}`, query.actor);
    }
    if (query.action !== undefined) where((p) => `action = ${p}`, query.action);
    if (query.since !== undefined) where((p) => `at >= ${p}`, timestamp(query.since));
    if (query.cursor !== undefined) {
      const [at, number] = readCursor(query.cursor, ['time', 'bigint']);
      values.push(timestamp(at), number);
      conditions.push(`(at, number) < ($${values.length - 1}, $${values.length})`);
    }
    values.push(query.limit + 1);
    const { rows } = await this.#database.query<Row>(
      `SELECT number, at, leaf FROM audit_entries ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
       ORDER BY at DESC, number DESC LIMIT $${values.length}`,
      values,
    );
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return {
      items: await entriesOf(this.#database, shown),
      nextCursor: last === undefined ? null : cursorOf([last.at, last.number]),
    };
  }

  async history(subject: AuditSubject): Promise<readonly AuditEntry[]> {
    const { rows } = await this.#database.query<Row>(
      'SELECT number, at, leaf FROM audit_entries WHERE subject = $1 ORDER BY at DESC, number DESC',
      [subject],
    );
    return entriesOf(this.#database, rows.reverse());
  }

  /**
   * Erases personal values: of one entry, or of everything one actor did. The act is an entry itself.
   * @returns how many values are gone
   */
  async erase(effects: Effects, which: Erasable, act: Omit<NewAuditEntry, 'action' | 'subject'>): Promise<number> {
    const client = clientOf(effects);
    const isOne = 'entry' in which;
    const subject: AuditSubject = isOne ? `audit:${which.entry}` : `actor:${which.actor}`;
    const id = await this.add(effects, { ...act, action: 'audit.erase', subject });
    const { rowCount } = await client.query(
      `UPDATE audit_personal SET salt = NULL, value = NULL, erased_by = $1
       WHERE erased_by IS NULL AND entry <> $1 AND entry ${
         isOne ? '= $2' : 'IN (SELECT id FROM audit_entries WHERE actor_id = $2)'
       }`,
      [id, isOne ? which.entry : which.actor],
    );
    return rowCount ?? 0;
  }
}

/** Entries as they are read, of leaves in this order. */
export async function entriesOf(database: Database, rows: readonly { readonly leaf: string }[]): Promise<AuditEntry[]> {
  const contents = rows.map(({ leaf }) => JSON.parse(leaf) as Content);
  const hashes = contents.flatMap(personalIn);
  const known = new Map<string, string>();
  if (hashes.length > 0) {
    const { rows: found } = await database.query<{ sha256: Buffer; value: string }>(
      'SELECT sha256, value FROM audit_personal WHERE sha256 = ANY ($1) AND value IS NOT NULL',
      [hashes.map((hash) => Buffer.from(hash, 'hex'))],
    );
    for (const { sha256, value } of found) known.set(sha256.toString('hex'), value);
  }
  return contents.map((content) => {
    const { id, at, actor, action, subject, old, new: after, reason, origin } = restored(content, known) as Content;
    const said = typeof reason === 'string' ? reason : null;
    return { id, at: Date.parse(at), actor, action, subject, old, new: after, reason: said, origin };
  });
}

type Asked = Pick<NewAuditEntry, 'action'> & { readonly subject: string };

/** Names an action on a subject. */
export function latestKey({ action, subject }: Asked): string {
  return `${action} ${subject}`;
}

function isActorId(actor = ''): boolean {
  return actor === 'platform' || actor.includes(':');
}
