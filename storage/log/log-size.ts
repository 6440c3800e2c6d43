import type { Database } from '../database.ts';

/** What the log holds. */
export interface LogSize {
  /** Payload bytes, of open segments too. */
  readonly bytes: number;
  /** When the oldest closed segment was closed, or the oldest message of a stream came, epoch ms UTC; null where there is none. */
  readonly oldestClosed: number | null;
}

export async function logSize(database: Pick<Database, 'query'>): Promise<LogSize> {
  const { rows } = await database.query<{ bytes: number; oldest: number | null }>(
    `SELECT (SELECT coalesce(sum(bytes), 0) FROM log_segments)::bigint
       + (SELECT coalesce(sum(segment_bytes), 0) FROM log_head)::bigint
       + (SELECT coalesce(sum(bytes), 0) FROM log_streams)::bigint AS bytes,
       least((SELECT min(closed) FROM log_segments), (SELECT min(oldest) FROM log_streams)) AS oldest`,
  );
  const [{ bytes = 0, oldest = null } = {}] = rows;
  return { bytes, oldestClosed: oldest };
}
