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

/** Anything that runs a statement: a connection's client or the pool. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** One round trip; see log_read in 0001-storage-log.sql. */
export async function readAfter(client: Queryable, from: ReadFrom): Promise<ReadResult> {
  const { family, partition, after, maxBytes, maxRecords } = from;
  const { rows } = await client.query<RecordRow>('SELECT * FROM log_read($1, $2, $3, $4, $5)', [
    family,
    partition,
    after,
    maxRecords,
    maxBytes,
  ]);
  const records: LogRecord[] = [];
  let floor = 0;
  for (const { floor: at, ...row } of rows) {
    if (at === null) records.push({ family, partition, ...row });
    else floor = at;
  }
  return { records, floor };
}

interface RecordRow {
  position: number;
  kind: RecordKind;
  version: number;
  source: string;
  sequence: number | null;
  arrival: number;
  payload: Buffer;
  /** Of the last row only, which holds no record. */
  floor: number | null;
}
