import type { Effects, Quarantined } from '../../domain/index.ts';
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

export interface QuarantineQuery {
  readonly source?: string;
  readonly limit: number;
  readonly cursor?: string;
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
  async list({ source, limit, cursor }: QuarantineQuery): Promise<Page<QuarantineEntry>> {
    const after = cursor === undefined ? null : readCursor(cursor, ['time', 'smallint', 'bigint', 'int']);
    const { rows } = await this.#database.query<Row>(
      `SELECT partition, position, index, arrival, source, topic, reason, detail, payload FROM quarantine
       WHERE ($1::text IS NULL OR source = $1)
         AND ($2::timestamptz IS NULL OR (arrival, partition, position, index) < ($2, $3::smallint, $4::bigint, $5::int))
       ORDER BY arrival DESC, partition DESC, position DESC, index DESC LIMIT $6`,
      [
        source ?? null,
        after === null ? null : timestamp(after[0] ?? 0),
        ...(after?.slice(1) ?? [null, null, null]),
        limit + 1,
      ],
    );
    const items = rows.slice(0, limit).map((row) => ({ ...row, payload: row.payload.toString('base64') }));
    const last = rows.length > limit ? items.at(-1) : undefined;
    const nextCursor = last === undefined ? null : cursorOf([last.arrival, last.partition, last.position, last.index]);
    return { items, nextCursor };
  }
}

interface Row extends Omit<QuarantineEntry, 'payload'> {
  payload: Buffer;
}

/** Text of strangers may hold what PostgreSQL's text cannot: NUL, and halves of surrogate pairs. */
function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
