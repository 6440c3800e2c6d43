import {
  type Checkpoints,
  type ConsumerLag,
  checkpointKey,
  DefectError,
  type Family,
  type LogHolder,
  type LogHome,
  type LogPartition,
} from '../../../domain/index.ts';
import { isLatest, ownershipLost } from '../../lease-rows.ts';
import type { ExpectedConsumer } from '../options.ts';
import type { Queryable } from '../queryable.ts';

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

/** A consumer's checkpoints, with one before the first record for each of these partitions that it had none of. */
export async function enterCheckpoints(
  client: Queryable,
  consumer: string,
  partitions: readonly LogPartition[],
): Promise<Checkpoints> {
  const positions = await checkpointsOf(client, consumer);
  const missing = partitions.filter(({ family, partition }) => !(checkpointKey(family, partition) in positions));
  if (missing.length === 0) return positions;
  await client.query(
    `INSERT INTO log_checkpoints (consumer, family, partition)
     SELECT name, p.* FROM log_consumers, unnest($2::text[], $3::smallint[]) p WHERE name = $1 ON CONFLICT DO NOTHING`,
    [consumer, missing.map(({ family }) => family), missing.map(({ partition }) => partition)],
  );
  return checkpointsOf(client, consumer);
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

/** What the ownership of a consumer is called (domain/ownership.ts). */
export function ownerOf(consumer: string): string {
  return `consumer:${consumer}`;
}

/**
 * Compare and set, in the consumer's own transaction, while the epoch is the latest. Also ends a detachment: whoever moves
 * is attached.
 * @throws {ConflictError} OWNERSHIP_LOST another process owns the consumer by now
 * @throws {DefectError} LOG_CHECKPOINT_MOVED somebody else moved it
 */
export async function moveCheckpoint(client: Queryable, move: CheckpointMove): Promise<void> {
  const { consumer, family, partition, after, through, epoch } = move;
  const { rowCount } = await client.query(
    `WITH owner AS (SELECT FROM owners WHERE name = $6 AND epoch = $7 FOR KEY SHARE)
     UPDATE log_checkpoints SET position = $5, detached = NULL
      WHERE consumer = $1 AND family = $2 AND partition = $3 AND position = $4 AND EXISTS (SELECT FROM owner)`,
    [consumer, family, partition, after, through, ownerOf(consumer), epoch],
  );
  if (rowCount === 1) return;
  const owner = ownerOf(consumer);
  if (!(await isLatest(client, owner, epoch))) throw ownershipLost(owner, epoch);
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

/** How far every consumer that was ever declared has come, and whether the log still waits for it. */
export async function readHolders(client: Queryable): Promise<(LogHolder & { readonly isDetached: boolean })[]> {
  const { rows } = await client.query<LogHolder & { isDetached: boolean }>(
    `SELECT c.consumer, c.family, c.partition, c.position, k.mandatory AS "isMandatory",
            c.detached IS NOT NULL AS "isDetached"
       FROM log_checkpoints c JOIN log_consumers k ON k.name = c.consumer
      ORDER BY c.consumer, c.family, c.partition`,
    [],
  );
  return rows;
}

/** The log waits for these consumers no more; a consumer that moves is attached again. */
export async function detachConsumers(
  client: Queryable,
  { consumers, family, now }: { readonly consumers: readonly string[]; readonly family: Family; readonly now: number },
): Promise<void> {
  await client.query(
    'UPDATE log_checkpoints SET detached = $2 WHERE family = $1 AND consumer = ANY($3) AND detached IS NULL',
    [family, now, [...consumers]],
  );
}

/** How far every consumer that was ever declared is behind. */
export async function readLag(client: Queryable, count: LogHome['count']): Promise<ConsumerLag[]> {
  const holders = await readHolders(client);
  const backlogs = await count(holders);
  return holders.map(({ position: checkpoint, ...holder }, index) => ({
    ...holder,
    checkpoint,
    head: backlogs[index]?.head ?? 0,
    records: backlogs[index]?.records ?? 0,
  }));
}

function keyed(rows: readonly { family: Family; partition: number; position: number }[]): Checkpoints {
  return Object.fromEntries(
    rows.map(({ family, partition, position }) => [checkpointKey(family, partition), position]),
  );
}
