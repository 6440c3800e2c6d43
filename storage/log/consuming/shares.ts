import type { Checkpoints, Effects, Family } from '../../../domain/index.ts';
import { clientOf } from '../../effects.ts';
import type { ExpectedConsumer } from '../options.ts';
import type { Queryable } from '../queryable.ts';
import { forgetConsumer } from './checkpoints.ts';

/** A consumer of one share, and where it begins. */
export interface SharingConsumer extends ExpectedConsumer {
  readonly checkpoints: Checkpoints;
}

/** In how many shares the work of a consumer is divided; null where no process has said so yet. */
export async function sharesInForce(client: Queryable, consumer: string): Promise<number | null> {
  const { rows } = await client.query<{ shares: number }>('SELECT shares FROM consumer_shares WHERE consumer = $1', [
    consumer,
  ]);
  return rows[0]?.shares ?? null;
}

/** The first process of an installation says in how many. @returns in how many it is divided, whoever said so */
export async function enterShares(client: Queryable, consumer: string, shares: number): Promise<number> {
  await client.query('INSERT INTO consumer_shares (consumer, shares) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    consumer,
    shares,
  ]);
  return (await sharesInForce(client, consumer)) ?? shares;
}

/**
 * In one transaction others take the place of the consumers that had the shares: whoever calls it owns each of those, so
 * that nobody is at work as one of them.
 * @returns false where they are not divided in `from` any more; nothing has changed then
 */
export async function divideAnew(
  effects: Effects,
  change: {
    readonly consumer: string;
    readonly from: number;
    readonly former: readonly string[];
    readonly next: readonly SharingConsumer[];
    /** Epoch ms UTC. */
    readonly now: number;
  },
): Promise<boolean> {
  const client = clientOf(effects);
  const { rowCount } = await client.query(
    'UPDATE consumer_shares SET shares = $3, since = now() WHERE consumer = $1 AND shares = $2',
    [change.consumer, change.from, change.next.length],
  );
  if (rowCount !== 1) return false;
  for (const name of change.former) {
    await forgetConsumer(client, name);
    await client.query('DELETE FROM consumer_state WHERE consumer = $1', [name]);
  }
  for (const { name, isMandatory, checkpoints } of change.next) {
    await client.query('INSERT INTO log_consumers (name, mandatory, declared, seen) VALUES ($1, $2, $3, $3)', [
      ...[name, isMandatory, change.now],
    ]);
    const positions = Object.entries(checkpoints).map(([key, position]) => ({ ...partitionOf(key), position }));
    await client.query(
      `INSERT INTO log_checkpoints (consumer, family, partition, position)
       SELECT $1, * FROM unnest($2::text[], $3::smallint[], $4::bigint[])`,
      [
        ...[name, positions.map(({ family }) => family)],
        ...[positions.map(({ partition }) => partition), positions.map(({ position }) => position)],
      ],
    );
  }
  return true;
}

/** @param key `readings/0` */
function partitionOf(key: string): { readonly family: Family; readonly partition: number } {
  const at = key.lastIndexOf('/');
  return { family: key.slice(0, at) as Family, partition: Number(key.slice(at + 1)) };
}

/** Consumers of a number of shares that is not in force: a process entered them that had not heard of the change. */
export async function forgetFormer(
  client: Queryable,
  consumer: string,
  shares: number,
  names: readonly string[],
): Promise<void> {
  await client.query(
    `DELETE FROM log_consumers WHERE name = ANY($3)
       AND EXISTS (SELECT FROM consumer_shares WHERE consumer = $1 AND shares <> $2)`,
    [consumer, shares, [...names]],
  );
}
