import type { Family } from '../../domain/index.ts';
import { PLACES } from './nats/positions.ts';
import type { Queryable } from './queryable.ts';

/** Families of which readings are made, or judged. */
const FAMILIES: readonly Family[] = ['readings', 'trace'];

/**
 * When the oldest record arrived that a consumer has still to take: whatever came before has been stored and judged.
 * Consumers that were cut off do not count; the log does not wait for them either.
 * @returns epoch ms UTC; Infinity where all have taken everything
 */
export async function unconsumedSince(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ arrival: number | null }>(
    FAMILIES.map(
      (family) => `SELECT min(next.arrival) AS arrival FROM log_consumers AS k
        JOIN log_checkpoints AS c ON c.consumer = k.name AND c.family = '${family}' AND c.detached IS NULL
        JOIN log_head AS h ON h.family = c.family AND h.partition = c.partition AND h.position > c.position
        CROSS JOIN LATERAL (
          SELECT arrival FROM log_${family} AS r WHERE r.partition = c.partition AND r.position > c.position
          ORDER BY r.position LIMIT 1
        ) AS next`,
    ).join(' UNION ALL '),
    [],
  );
  const onStreams = await unconsumedOnStreams(client);
  return rows.reduce((least, { arrival }) => Math.min(least, arrival ?? least), onStreams);
}

/** What was appended before a mark may have arrived so long before it. */
const MARGIN_MS = 60_000;

/**
 * Of readings on NATS, told by how far each stream reached when: what a consumer has not passed came after the last mark
 * that it has.
 */
async function unconsumedOnStreams(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ at: number | null }>(
    `SELECT (SELECT max(m.at) FROM log_stream_marks m
              WHERE m.partition = s.partition AND (m.sequence + 1) * ${PLACES} - 1 <= c.position) AS at
       FROM log_streams s
       JOIN log_checkpoints c ON c.family = 'readings' AND c.partition = s.partition AND c.detached IS NULL
       JOIN log_consumers k ON k.name = c.consumer`,
    [],
  );
  return rows.reduce((least, { at }) => Math.min(least, (at ?? 0) - MARGIN_MS), Number.POSITIVE_INFINITY);
}
