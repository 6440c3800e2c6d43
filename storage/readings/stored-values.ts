import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';

/** One reading by its identity. Time in epoch ms UTC. */
export interface ReadingIdentity {
  readonly device: string;
  /** Code of the metric. */
  readonly metric: number;
  readonly time: number;
}

/** What `readings` holds for each of these, in their order; null where it holds nothing. Asks by the key only. */
export async function storedValues(
  database: Database,
  asked: readonly ReadingIdentity[],
): Promise<readonly (number | null)[]> {
  const { rows } = await database.query<{ value: number | null }>(
    `SELECT stored.value FROM unnest($1::text[], $2::int2[], $3::timestamptz[]) WITH ORDINALITY AS asked (device, metric, time, nth)
     LEFT JOIN LATERAL (
       SELECT value FROM readings r
       WHERE r.device_id = (SELECT id FROM devices WHERE name = asked.device) AND r.metric = asked.metric AND r.time = asked.time
       LIMIT 1
     ) AS stored ON true ORDER BY asked.nth`,
    [asked.map(({ device }) => device), asked.map(({ metric }) => metric), asked.map(({ time }) => timestamp(time))],
  );
  return rows.map(({ value }) => value);
}

/** Whether the log of deletions says that readings of this event time were deleted. @param time epoch ms UTC */
export async function isDeleted(database: Database, time: number): Promise<boolean> {
  const { rows } = await database.query(
    `SELECT FROM deletions WHERE what = 'readings' AND from_at <= $1 AND to_at > $1 LIMIT 1`,
    [time],
  );
  return rows.length > 0;
}
