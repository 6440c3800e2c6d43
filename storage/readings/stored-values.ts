import type { Database } from '../database.ts';
import { storedValuesOf } from './stored-identities.ts';

/** One reading by its identity. Time in epoch ms UTC. */
export interface ReadingIdentity {
  readonly device: string;
  /** Code of the metric. */
  readonly metric: number;
  readonly time: number;
}

/** What is stored for each of these, as a row or packed, in their order; null where it holds nothing. Asks by the key only. */
export async function storedValues(
  database: Database,
  asked: readonly ReadingIdentity[],
): Promise<readonly (number | null)[]> {
  const { rows } = await database.query<{ id: number; name: string }>(
    'SELECT id, name FROM devices WHERE name = ANY ($1)',
    [[...new Set(asked.map(({ device }) => device))]],
  );
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  const values = await storedValuesOf(database, {
    deviceId: asked.map(({ device }) => ids.get(device) ?? NO_DEVICE),
    metric: asked.map(({ metric }) => metric),
    time: asked.map(({ time }) => time),
  });
  return [...values].map((value) => (Number.isNaN(value) ? null : value));
}

/** Numbers of devices begin at 1. */
const NO_DEVICE = 0;

/** Whether the log of deletions says that readings of this event time were deleted. @param time epoch ms UTC */
export async function isDeleted(database: Database, time: number): Promise<boolean> {
  const { rows } = await database.query(
    `SELECT FROM deletions WHERE what = 'readings' AND from_at <= $1 AND to_at > $1 LIMIT 1`,
    [time],
  );
  return rows.length > 0;
}
