import { crc32 } from 'node:zlib';
import type { NewRecord } from '../../domain/index.ts';
import type { Database } from '../database.ts';

/**
 * What stands for a record's content beside its source and sequence: a resend is the same bytes. With it a batch may
 * become several records of different kinds under one sequence, and a sender that counts from 1 again after losing
 * its memory is not mistaken for resending.
 *
 * @returns kind, length and CRC-32 of the payload in 53 bits
 */
export function digestOf({ kind, payload }: NewRecord): number {
  return (payload.length % 2 ** 21) * 2 ** 32 + crc32(payload, crc32(kind));
}

/** Unique within one family and partition. */
export function identityOf(record: NewRecord, digest: number): string {
  return `${record.sequence} ${digest} ${record.source}`;
}

/**
 * Forgets what no sender resends any more: identities older than `keepMs`, and the oldest beyond `most`.
 * A record resent later than that is appended again, which has no effect behind the log.
 */
export async function forgetIdentities(
  database: Database,
  { now, keepMs, most }: { now: number; keepMs: number; most: number },
): Promise<number> {
  const { rows } = await database.query<{ estimate: number }>(
    `SELECT reltuples::bigint AS estimate FROM pg_class WHERE oid = 'log_identity'::regclass`,
  );
  let before = now - keepMs;
  if ((rows[0]?.estimate ?? 0) > most) {
    const oldest = await database.query<{ at: number }>(
      'SELECT at FROM log_identity ORDER BY at DESC OFFSET $1 LIMIT 1',
      [most],
    );
    before = Math.max(before, oldest.rows[0]?.at ?? before);
  }
  const deleted = await database.query('DELETE FROM log_identity WHERE at < $1', [before]);
  return deleted.rowCount ?? 0;
}
