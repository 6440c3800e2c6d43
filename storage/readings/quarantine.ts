import type { Effects, Quarantined, SeenFrom } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { cursorOf, type Page, readCursor } from '../page.ts';
import { timestamp } from '../types.ts';

/** Where in the log it was refused: what makes keeping it twice harmless. */
export interface QuarantineEntry extends Quarantined {
  readonly partition: number;
  readonly position: number;
  /** Which of the record's refused messages or readings, from 0. */
  readonly index: number;
}

/** What a person decided of an entry. */
export interface QuarantineDecision {
  readonly decision: 'adopted' | 'discarded';
  /** Epoch ms UTC. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export interface KeptEntry extends QuarantineEntry {
  /** null while it waits. */
  readonly decision: QuarantineDecision | null;
}

/** Which entry: where in the log it was refused. */
export type EntryPlace = Pick<QuarantineEntry, 'partition' | 'position' | 'index'>;

export interface QuarantineQuery {
  readonly source?: string;
  readonly limit: number;
  readonly cursor?: string;
  /** Only of senders that are seen from these places. */
  readonly seenFrom?: SeenFrom;
}

/** What was refused, with its reason, until a person looks at it. */
export class QuarantineStore {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /** Entries that are kept already stay as they are. */
  async keep(effects: Effects, entries: readonly QuarantineEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await clientOf(effects).query(
      `INSERT INTO quarantine (partition, position, index, arrival, source, topic, reason, detail, payload)
       SELECT partition, position, index, arrival, source, topic, reason, detail, decode(payload, 'base64')
       FROM unnest($1::smallint[], $2::bigint[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
         $8::text[], $9::text[])
         AS entry (partition, position, index, arrival, source, topic, reason, detail, payload)
       ON CONFLICT DO NOTHING`,
      [
        entries.map(({ partition }) => partition),
        entries.map(({ position }) => position),
        entries.map(({ index }) => index),
        entries.map(({ arrival }) => timestamp(arrival)),
        entries.map(({ source }) => (source === null ? null : clean(source))),
        entries.map(({ topic }) => clean(topic)),
        entries.map(({ reason }) => reason),
        entries.map(({ detail }) => clean(detail)),
        entries.map(({ payload }) => payload),
      ],
    );
  }

  /** Newest arrival first. @throws {InputError} CURSOR_INVALID */
  async list({ source, limit, cursor, seenFrom = null }: QuarantineQuery): Promise<Page<KeptEntry>> {
    const after = cursor === undefined ? null : readCursor(cursor, ['time', 'smallint', 'bigint', 'int']);
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM quarantine
       WHERE ($1::text IS NULL OR source = $1)
         AND ($2::timestamptz IS NULL OR (arrival, partition, position, index) < ($2, $3::smallint, $4::bigint, $5::int))
         AND ($7::text[] IS NULL OR device_seen_from(source, $7::text[]))
       ORDER BY arrival DESC, partition DESC, position DESC, index DESC LIMIT $6`,
      [
        source ?? null,
        after === null ? null : timestamp(after[0] ?? 0),
        ...(after?.slice(1) ?? [null, null, null]),
        limit + 1,
        seenFrom,
      ],
    );
    const items = rows.slice(0, limit).map(entryOf);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const nextCursor = last === undefined ? null : cursorOf([last.arrival, last.partition, last.position, last.index]);
    return { items, nextCursor };
  }

  async get({ partition, position, index }: EntryPlace): Promise<KeptEntry | null> {
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM quarantine WHERE partition = $1 AND position = $2 AND index = $3`,
      [partition, position, index],
    );
    return rows[0] === undefined ? null : entryOf(rows[0]);
  }

  /** What of a source waits, the oldest first, those after `after`. */
  async waiting(source: string, limit: number, after: KeptEntry | null): Promise<readonly KeptEntry[]> {
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM quarantine
       WHERE source = $1 AND decision IS NULL
         AND ($2::timestamptz IS NULL OR (arrival, partition, position, index) > ($2, $3::smallint, $4::bigint, $5::int))
       ORDER BY arrival, partition, position, index LIMIT $6`,
      [
        source,
        after === null ? null : timestamp(after.arrival),
        after?.partition ?? null,
        after?.position ?? null,
        after?.index ?? null,
        limit,
      ],
    );
    return rows.map(entryOf);
  }

  /**
   * Writes down what was decided of entries that wait; those that somebody else decided first stay as they are.
   * @returns how many were
   */
  async decide(effects: Effects, places: readonly EntryPlace[], decided: QuarantineDecision): Promise<number> {
    const { rowCount } = await clientOf(effects).query(
      `UPDATE quarantine SET decision = $4, decided_at = $5, decided_by = $6, decision_reason = $7
       FROM unnest($1::smallint[], $2::bigint[], $3::int[]) AS chosen (partition, position, index)
       WHERE quarantine.partition = chosen.partition AND quarantine.position = chosen.position
         AND quarantine.index = chosen.index AND quarantine.decision IS NULL`,
      [
        places.map(({ partition }) => partition),
        places.map(({ position }) => position),
        places.map(({ index }) => index),
        decided.decision,
        timestamp(decided.at),
        clean(decided.by),
        clean(decided.reason),
      ],
    );
    return rowCount ?? 0;
  }
}

const COLUMNS = `quarantine.partition, position, index, arrival, source, topic, reason, detail, payload, decision,
  decided_at AS "decidedAt", decided_by AS "decidedBy", decision_reason AS "decisionReason"`;

interface Row extends Omit<QuarantineEntry, 'payload'> {
  payload: Buffer;
  decision: 'adopted' | 'discarded' | null;
  decidedAt: number | null;
  decidedBy: string | null;
  decisionReason: string | null;
}

function entryOf({ decision, decidedAt, decidedBy, decisionReason, payload, ...entry }: Row): KeptEntry {
  const isDecided = decision !== null && decidedAt !== null;
  return {
    ...entry,
    payload: payload.toString('base64'),
    decision: isDecided ? { decision, at: decidedAt, by: decidedBy ?? '', reason: decisionReason ?? '' } : null,
  };
}

/** Text of strangers may hold what PostgreSQL's text cannot: NUL, and halves of surrogate pairs. */
function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
