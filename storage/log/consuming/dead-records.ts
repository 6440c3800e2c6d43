import type { LogRecord } from '../../../domain/index.ts';
import type { DeadRecord } from '../options.ts';
import type { Queryable } from '../queryable.ts';

/** Keeps a record that a consumer could not take; in the transaction that moves its checkpoint past it. */
export async function deadLetter(client: Queryable, { consumer, record, reason, at }: DeadRecord): Promise<void> {
  await client.query(
    `INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, sequence, arrival, reason, payload, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (consumer, family, partition, position) DO UPDATE SET reason = excluded.reason, at = excluded.at`,
    [
      consumer,
      record.family,
      record.partition,
      record.position,
      record.kind,
      record.version,
      record.source,
      record.sequence,
      record.arrival,
      reason,
      record.payload,
      at,
    ],
  );
}

/** How many wait for a person. */
export async function countDeadRecords(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM log_dead', []);
  return rows[0]?.count ?? 0;
}

/** The newest dead records, for operations; or the one with this number. */
export async function deadRecords(
  client: Queryable,
  most: number,
  id: number | null = null,
): Promise<(DeadRecord & { readonly id: number })[]> {
  const { rows } = await client.query<LogRecord & { id: number; consumer: string; reason: string; at: number }>(
    `SELECT id, consumer, reason, at, family, partition, position, kind, version, source, sequence, arrival, payload
       FROM log_dead WHERE $2::bigint IS NULL OR id = $2 ORDER BY id DESC LIMIT $1`,
    [most, id],
  );
  return rows.map(({ id: number, consumer, reason, at, ...record }) => ({ id: number, consumer, reason, at, record }));
}

/** Takes one away, for good, in the transaction that says why. @returns null where there is none */
export async function takeDeadRecord(
  client: Queryable,
  id: number,
): Promise<{ consumer: string; kind: string; source: string; position: number; reason: string } | null> {
  const { rows } = await client.query<{
    consumer: string;
    kind: string;
    source: string;
    position: number;
    reason: string;
  }>('DELETE FROM log_dead WHERE id = $1 RETURNING consumer, kind, source, position, reason', [id]);
  return rows[0] ?? null;
}
