import { type Checkpoints, type ConsumerLag, checkpointKey, DefectError, type Family } from '../../domain/index.ts';
import type { ExpectedConsumer } from './options.ts';
import type { Queryable } from './reader.ts';

/** Enters a consumer, and a checkpoint before the first record for each of its partitions, where there is none. */
export async function declareConsumer(
  client: Queryable,
  consumer: ExpectedConsumer,
  partitions: Readonly<Record<Family, number>>,
  now: number,
): Promise<void> {
  await client.query(
    `INSERT INTO log_consumers (name, mandatory, declared, seen) VALUES ($1, $2, $3, $3)
     ON CONFLICT (name) DO UPDATE SET mandatory = excluded.mandatory, seen = excluded.seen`,
    [consumer.name, consumer.isMandatory, now],
  );
  await client.query(
    `INSERT INTO log_checkpoints (consumer, family, partition)
     SELECT $1, f.family, p FROM unnest($2::text[], $3::int[]) f (family, partitions), generate_series(0, f.partitions - 1) p
     ON CONFLICT DO NOTHING`,
    [consumer.name, [...consumer.families], consumer.families.map((family) => partitions[family])],
  );
}

export async function markSeen(client: Queryable, names: readonly string[], now: number): Promise<void> {
  await client.query('UPDATE log_consumers SET seen = $2 WHERE name = ANY($1)', [[...names], now]);
}

/** A consumer that is gone for good no longer holds segments back. @returns whether there was one of that name */
export async function forgetConsumer(client: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await client.query('DELETE FROM log_consumers WHERE name = $1', [name]);
  return rowCount === 1;
}

export async function checkpointsOf(client: Queryable, consumer: string): Promise<Checkpoints> {
  const { rows } = await client.query<{ family: Family; partition: number; position: number }>(
    'SELECT family, partition, position FROM log_checkpoints WHERE consumer = $1 ORDER BY family, partition',
    [consumer],
  );
  return keyed(rows);
}

export async function readHeads(client: Queryable): Promise<Checkpoints> {
  const { rows } = await client.query<{ family: Family; partition: number; position: number }>(
    'SELECT family, partition, position FROM log_head ORDER BY family, partition',
    [],
  );
  return keyed(rows);
}

/** What the ownership of a consumer is called (domain/ownership.ts). */
export function ownerOf(consumer: string): string {
  return `consumer:${consumer}`;
}

/**
 * Compare and set, in the consumer's own transaction, while the epoch is the latest. Also ends a detachment: whoever moves
 * is attached.
 * @throws {DefectError} LOG_CHECKPOINT_MOVED somebody else moved it, or owns the consumer by now
 */
export async function moveCheckpoint(client: Queryable, move: CheckpointMove): Promise<void> {
  const { consumer, family, partition, after, through, epoch } = move;
  const { rowCount } = await client.query(
    `WITH owner AS (SELECT FROM owners WHERE name = $6 AND epoch = $7 FOR SHARE)
     UPDATE log_checkpoints SET position = $5, detached = NULL
      WHERE consumer = $1 AND family = $2 AND partition = $3 AND position = $4 AND EXISTS (SELECT FROM owner)`,
    [consumer, family, partition, after, through, ownerOf(consumer), epoch],
  );
  if (rowCount === 1) return;
  const details = { consumer, family, partition, after };
  throw new DefectError('LOG_CHECKPOINT_MOVED', `the checkpoint of ${consumer} was moved by somebody else`, details);
}

export interface CheckpointMove {
  readonly consumer: string;
  readonly family: Family;
  readonly partition: number;
  readonly after: number;
  readonly through: number;
  /** Of whoever moves it, as the owner of the consumer. */
  readonly epoch: number;
}

/**
 * How far every consumer that was ever declared is behind. Positions jump where a segment was closed early, so records
 * are counted segment by segment: within one they are dense, from `number * width` (1 in the first) to `last`.
 */
export async function readLag(client: Queryable): Promise<ConsumerLag[]> {
  const { rows } = await client.query<{
    consumer: string;
    family: Family;
    partition: number;
    checkpoint: number;
    head: number;
    records: number;
    mandatory: boolean;
    detached: number | null;
  }>(
    `WITH segments AS (
       SELECT family, partition, number, last FROM log_segments
       UNION ALL
       SELECT family, partition, segment, position FROM log_head
     )
     SELECT c.consumer, c.family, c.partition, c.position AS checkpoint, h.position AS head, k.mandatory, c.detached,
            (SELECT coalesce(sum(greatest(s.last - greatest(c.position, s.number * 1048576 - 1, 0), 0)), 0)::bigint
               FROM segments s WHERE s.family = c.family AND s.partition = c.partition) AS records
       FROM log_checkpoints c JOIN log_consumers k ON k.name = c.consumer
       JOIN log_head h ON h.family = c.family AND h.partition = c.partition
      ORDER BY c.consumer, c.family, c.partition`,
    [],
  );
  return rows.map(({ mandatory, detached, ...lag }) => ({
    ...lag,
    isMandatory: mandatory,
    isDetached: detached !== null,
  }));
}

/** Records that a consumer has not had yet, over all it consumes. */
export async function checkpointLag(client: Queryable, consumer: string): Promise<number> {
  const lag = await readLag(client);
  return lag.filter((one) => one.consumer === consumer).reduce((sum, { records }) => sum + records, 0);
}

function keyed(rows: readonly { family: Family; partition: number; position: number }[]): Checkpoints {
  return Object.fromEntries(
    rows.map(({ family, partition, position }) => [checkpointKey(family, partition), position]),
  );
}
