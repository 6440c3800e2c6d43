import { ConflictError, type LogHolder } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { Queryable } from '../queryable.ts';
import { PLACES, sequenceOf } from './positions.ts';
import type { StreamState } from './stream.ts';

/** What PostgreSQL knows of a stream (`log_streams`), whoever appends to it. */
export interface StreamRow {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly dropped: number;
  /** Last position of the table that was the log before; 0 where there was nothing. */
  readonly afterTable: number;
  /** The partition that had its devices before it was made; null where it is one of the first. */
  readonly parent: number | null;
  /** Up to here a consumer reads the parent before it begins here. */
  readonly parentPosition: number;
}

type Client = Queryable;

/**
 * Enters the first streams where there are none, to begin behind every position of the tables; from then on nobody appends
 * readings to those.
 */
export async function enterStreams(database: Database, partitions: number): Promise<void> {
  if ((await readStreams(database)).length > 0) return;
  await database.transaction(async (client) => {
    await lockDivision(client);
    if ((await readStreams(client)).length === 0) await enter(client, partitions);
  });
}

/** Nobody changes the streams, or how readings are parted over them, until the transaction ends. */
export async function lockDivision(client: Client): Promise<void> {
  await client.query('LOCK TABLE log_divisions IN SHARE ROW EXCLUSIVE MODE', []);
}

async function enter(client: Client, partitions: number): Promise<void> {
  await client.query('SELECT log_to_streams()', []);
  const { rows } = await client.query<{ readings: number }>(
    `SELECT coalesce(max(position), 0) AS readings FROM log_head WHERE family = 'readings'`,
    [],
  );
  const [{ readings = 0 } = {}] = rows;
  const first = await beyondTables(client);
  await client.query(
    `INSERT INTO log_streams (partition, first_sequence, last_sequence, dropped, after_table)
     SELECT p, $2::bigint, $2::bigint - 1, $2::bigint - 1, CASE WHEN p = 0 THEN $3::bigint ELSE 0 END FROM generate_series(0, $1::int - 1) p
     ON CONFLICT DO NOTHING`,
    [partitions, first, readings],
  );
}

/** Where a stream begins, so that its positions are beyond all that there ever were, in tables or streams that were left. */
export async function beyondTables(client: Client): Promise<number> {
  const { rows } = await client.query<{ furthest: number }>(
    `SELECT coalesce(max(position), 0) AS furthest FROM log_head WHERE family IN ('readings', 'originals')`,
    [],
  );
  const [{ furthest = 0 } = {}] = rows;
  return furthest === 0 ? 1 : sequenceOf(furthest) + 2;
}

/** @throws {ConflictError} LOG_ON_NATS where readings are on streams, and this process would look for them in tables */
export async function requireNoStreams(client: Client): Promise<void> {
  if ((await readStreams(client)).length === 0) return;
  const message = 'the readings of this installation are on NATS: give NATS_URL to every process';
  throw new ConflictError('LOG_ON_NATS', message);
}

export async function readStreams(client: Client): Promise<readonly StreamRow[]> {
  const { rows } = await client.query<StreamRow>(
    `SELECT partition, first_sequence AS first, last_sequence AS last, dropped, after_table AS "afterTable", parent,
            parent_position AS "parentPosition"
       FROM log_streams ORDER BY partition`,
    [],
  );
  return rows;
}

/** The furthest message of a stream that anybody is known to have had acknowledged or has passed. */
export async function furthest(client: Client, partition: number): Promise<number> {
  const { rows } = await client.query<{ last: number; position: number }>(
    `SELECT s.last_sequence AS last,
            (SELECT coalesce(max(c.position), 0) FROM log_checkpoints c
              WHERE (c.family = 'readings' AND c.partition = $1) OR (c.family = 'originals' AND c.partition = $1 + 1)) AS position
       FROM log_streams s WHERE s.partition = $1`,
    [partition],
  );
  const [{ last = 0, position = 0 } = {}] = rows;
  return Math.max(last, sequenceOf(position));
}

/** By partition, what was acknowledged: never less than is known already. Rows in one order, whoever writes beside. */
export async function noteAcknowledged(client: Queryable, acknowledged: ReadonlyMap<number, number>): Promise<void> {
  await client.query(
    `WITH noted AS (SELECT * FROM unnest($1::int[], $2::bigint[]) n (partition, last)),
          further AS (SELECT s.partition, n.last FROM log_streams s JOIN noted n USING (partition)
                       WHERE s.last_sequence < n.last ORDER BY s.partition FOR NO KEY UPDATE OF s)
     UPDATE log_streams s SET last_sequence = f.last FROM further f
      WHERE s.partition = f.partition AND s.last_sequence < f.last`,
    [[...acknowledged.keys()], [...acknowledged.values()]],
  );
}

/** How far a stream reaches, and what it holds. Marks behind what has been dropped are forgotten, all but the last. */
export async function noteStream(
  client: Client,
  partition: number,
  { last, bytes, oldest }: StreamState,
  now: number,
): Promise<void> {
  await client.query(
    `UPDATE log_streams SET last_sequence = greatest(last_sequence, $2::bigint), bytes = $3, oldest = $4 WHERE partition = $1`,
    [partition, last, bytes, oldest],
  );
  await client.query(
    'INSERT INTO log_stream_marks (partition, sequence, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [partition, last, now],
  );
  await client.query(
    `DELETE FROM log_stream_marks m WHERE m.partition = $1 AND m.sequence < (
       SELECT max(k.sequence) FROM log_stream_marks k JOIN log_streams s USING (partition)
        WHERE k.partition = $1 AND k.sequence <= s.dropped)`,
    [partition],
  );
}

/** Before they are dropped. */
export async function noteDropped(client: Client, partition: number, through: number): Promise<void> {
  await client.query('UPDATE log_streams SET dropped = greatest(dropped, $2::bigint) WHERE partition = $1', [
    partition,
    through,
  ]);
}

/** Consumers of readings that the log waits for, by name. */
export async function readersOf(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ consumer: string }>(
    `SELECT DISTINCT c.consumer FROM log_checkpoints c JOIN log_consumers k ON k.name = c.consumer
      WHERE c.family = 'readings' AND c.detached IS NULL ORDER BY c.consumer`,
    [],
  );
  return rows.map(({ consumer }) => consumer);
}

/** Messages of a stream that a consumer of readings has still to read. */
export interface Unread {
  readonly consumer: string;
  readonly partition: number;
  readonly messages: number;
}

/** By partition, who of those that the log waits for is not as far as is `needed`. */
export async function unreadOf(client: Client, needed: ReadonlyMap<number, number>): Promise<readonly Unread[]> {
  const { rows } = await client.query<Unread>(
    `SELECT c.consumer, c.partition, greatest((n.needed - c.position) / ${PLACES}, 1)::bigint AS messages
       FROM unnest($1::int[], $2::bigint[]) n (partition, needed)
       JOIN log_checkpoints c ON c.family = 'readings' AND c.partition = n.partition AND c.detached IS NULL
       JOIN log_consumers k ON k.name = c.consumer
      WHERE c.position < n.needed ORDER BY c.consumer, c.partition`,
    [[...needed.keys()], [...needed.values()]],
  );
  return rows;
}

export interface StreamsEnd {
  /** By partition, as far as every consumer of readings has to be. */
  readonly needed: ReadonlyMap<number, number>;
  /** Of the tables, where readings go on: beyond every position of a stream. */
  readonly segment: number;
  /** Positions of a segment. */
  readonly width: number;
  readonly now: number;
}

/**
 * Forgets the streams: readings are appended to the tables again, in a segment of their own, and whoever has read the streams
 * stands directly before it.
 * @returns false where somebody has not: nothing is changed then
 */
export async function endStreams(client: Client, { needed, segment, width, now }: StreamsEnd): Promise<boolean> {
  await client.query('LOCK TABLE log_checkpoints IN SHARE ROW EXCLUSIVE MODE', []);
  if ((await unreadOf(client, needed)).length > 0) return false;
  await client.query('DROP TRIGGER IF EXISTS log_readings_on_streams ON log_readings', []);
  const head = segment * width - 1;
  await client.query(
    `INSERT INTO log_segments
     SELECT family, partition, segment, position, segment_bytes, segment_opened, $1 FROM log_head
      WHERE family = 'readings' AND partition = 0 AND segment_opened IS NOT NULL`,
    [now],
  );
  // Consumers that were cut off see by the floor that they have missed something.
  await client.query(
    `UPDATE log_head SET segment = $1, position = $2, floor = $2, segment_bytes = 0, segment_opened = NULL
      WHERE family = 'readings' AND partition = 0`,
    [segment, head],
  );
  await client.query(
    `UPDATE log_checkpoints SET position = $1 WHERE family = 'readings' AND partition = 0 AND detached IS NULL`,
    [head],
  );
  await client.query(`DELETE FROM log_checkpoints WHERE family IN ('readings', 'originals') AND partition > 0`, []);
  await client.query('DELETE FROM log_streams', []);
  await client.query('DELETE FROM log_divisions', []);
  return true;
}

/** Whether a holder reads a partition's stream: its readings, or the originals in the same messages. */
export function isOf({ family, partition }: Pick<LogHolder, 'family' | 'partition'>, stream: number): boolean {
  return (family === 'readings' && partition === stream) || (family === 'originals' && partition === stream + 1);
}

/** Messages of readings that a consumer has not had, by what was last noted of the streams. */
export async function streamLag(client: Client, consumer: string): Promise<number> {
  const { rows } = await client.query<{ messages: number }>(
    `SELECT coalesce(sum(greatest(s.last_sequence - (c.position + 1) / ${PLACES} + 1, 0)), 0)::bigint AS messages
       FROM log_streams s JOIN log_checkpoints c ON c.family = 'readings' AND c.partition = s.partition
      WHERE c.consumer = $1 AND s.last_sequence >= s.first_sequence`,
    [consumer],
  );
  return rows[0]?.messages ?? 0;
}
