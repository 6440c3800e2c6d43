import {
  type Backlog,
  type Checkpoints,
  checkpointKey,
  FAMILIES,
  type Family,
  type LogPartition,
} from '../../../domain/index.ts';
import type { Queryable } from '../queryable.ts';

/** A head before the first record for every partition that has none. */
export async function openHeads(client: Queryable, partitions: Readonly<Record<Family, number>>): Promise<void> {
  await client.query(
    `INSERT INTO log_head (family, partition)
     SELECT f.family, p FROM unnest($1::text[], $2::int[]) f (family, partitions), generate_series(0, f.partitions - 1) p
     ON CONFLICT DO NOTHING`,
    [[...FAMILIES], FAMILIES.map((family) => partitions[family])],
  );
}

export async function readHeads(client: Queryable): Promise<Checkpoints> {
  const { rows } = await client.query<{ family: Family; partition: number; position: number }>(
    'SELECT family, partition, position FROM log_head ORDER BY family, partition',
    [],
  );
  return Object.fromEntries(
    rows.map(({ family, partition, position }) => [checkpointKey(family, partition), position]),
  );
}

/**
 * Counts what follows positions. Positions jump where a segment was closed early, so records are counted segment by
 * segment: within one they are dense, from `number * width` (1 in the first) to `last`.
 */
export async function countAfter(
  client: Queryable,
  positions: readonly (LogPartition & { readonly position: number })[],
): Promise<Backlog[]> {
  if (positions.length === 0) return [];
  const { rows } = await client.query<Backlog>(
    `WITH segments AS (
       SELECT family, partition, number, last FROM log_segments
       UNION ALL
       SELECT family, partition, segment, position FROM log_head
     )
     SELECT coalesce(h.position, 0) AS head,
            (SELECT coalesce(sum(greatest(s.last - greatest(a.position, s.number * 1048576 - 1, 0), 0)), 0)::bigint
               FROM segments s WHERE s.family = a.family AND s.partition = a.partition) AS records
       FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY a (family, partition, position, n)
       LEFT JOIN log_head h ON h.family = a.family AND h.partition = a.partition
      ORDER BY a.n`,
    [
      positions.map(({ family }) => family),
      positions.map(({ partition }) => partition),
      positions.map(({ position }) => position),
    ],
  );
  return rows;
}
