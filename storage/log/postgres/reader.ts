import type { Family, LogPartition, LogRecord, ReadBounds, RecordKind } from '../../../domain/index.ts';
import type { Queryable } from '../queryable.ts';

export interface ReadFrom extends LogPartition, ReadBounds {
  /** The last position read. */
  readonly after: number;
}

export interface ReadResult {
  /** The next records in order: at least one, if there is one. */
  readonly records: readonly LogRecord[];
  /** Up to here records have been dropped with their segments; beyond `after` the reader has missed some. */
  readonly floor: number;
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

/** What follows a position of a family that has one order, a slice at a time, for who has no log open. */
export async function* recordsAfter(
  client: Queryable,
  family: Exclude<Family, 'readings'>,
  position: number,
  bounds: ReadBounds,
): AsyncGenerator<readonly LogRecord[]> {
  for (let after = position; ; ) {
    const { records } = await readAfter(client, { family, partition: 0, after, ...bounds });
    const last = records.at(-1);
    if (last === undefined) return;
    yield records;
    after = last.position;
  }
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
