import type pg from 'pg';
import type { Family, LogRecord, RecordKind } from '../../domain/index.ts';

export interface ReadFrom {
  readonly family: Family;
  readonly partition: number;
  /** The last position read. */
  readonly after: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
}

export interface ReadResult {
  /** The next records in order: at least one, if there is one. */
  readonly records: readonly LogRecord[];
  /** Up to here records have been dropped with their segments; beyond `after` the reader has missed some. */
  readonly floor: number;
}

/** Anything that runs a statement: a session's client or the pool. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** Reads on from a position. The floor is of the same snapshot as the records, so that a drop in between shows. */
export async function readAfter(client: Queryable, from: ReadFrom): Promise<ReadResult> {
  const { family, partition, after, maxBytes, maxRecords } = from;
  const { rows } = await client.query<RecordRow>(STATEMENT[family], [partition, after, maxRecords, maxBytes]);
  const records: LogRecord[] = [];
  for (const row of rows) {
    if (row.position === null) continue;
    records.push({
      family,
      partition,
      kind: row.kind,
      version: row.version,
      source: row.source,
      sequence: row.sequence,
      arrival: row.arrival,
      payload: row.payload,
      position: row.position,
    });
  }
  return { records, floor: rows[0]?.floor ?? 0 };
}

interface RecordRow {
  floor: number;
  position: number | null;
  kind: RecordKind;
  version: number;
  source: string;
  sequence: number | null;
  arrival: number;
  payload: Buffer;
}

/** The size of a payload stored outside its row is known without reading it, so sizes are summed up first. */
function statementFor(family: Family): string {
  const table = `log_${family}`;
  return `
    WITH sizes AS MATERIALIZED (
      SELECT position, sum(octet_length(payload)) OVER (ORDER BY position) AS total, row_number() OVER (ORDER BY position) AS n
        FROM (SELECT position, payload FROM ${table} WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3) s
    )
    SELECT h.floor, l.position, l.kind, l.version, l.source, l.sequence, l.arrival, l.payload
      FROM log_head h LEFT JOIN ${table} l ON l.partition = h.partition AND l.position > $2
       AND l.position <= (SELECT max(position) FROM sizes WHERE total <= $4 OR n = 1)
     WHERE h.family = '${family}' AND h.partition = $1
     ORDER BY l.position`;
}

const STATEMENT: Readonly<Record<Family, string>> = {
  readings: statementFor('readings'),
  trace: statementFor('trace'),
};
