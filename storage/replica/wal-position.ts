/** A place in the write-ahead log of a server, in bytes from its beginning. */
export type WalPosition = bigint;

/** Bytes of a page of the log, as PostgreSQL is built everywhere. */
const PAGE = 8_192n;
/** Bytes that a page begins with, and the first of a segment (PostgreSQL, access/xlog_internal.h). */
const HEAD = 24n;
const SEGMENT_HEAD = 40n;

/** What asks a server that takes writes, in one row: for {@link writtenUntil}. */
export const WRITTEN =
  "SELECT pg_current_wal_insert_lsn()::text AS lsn, pg_size_bytes(current_setting('wal_segment_size')) AS segment";

export interface Written {
  readonly lsn: string;
  /** Bytes of a segment. */
  readonly segment: number;
}

/** @param lsn as PostgreSQL writes it: `16/B374D848` (manual, 8.20) */
export function walPosition(lsn: string): WalPosition {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/**
 * Where the last record ends, out of where the next one will begin. They differ where a page is full: the next record follows
 * the head of the page after it, and a stand-by that has applied everything stands before that head until there is more.
 */
export function writtenUntil({ lsn, segment }: Written): WalPosition {
  const next = walPosition(lsn);
  const head = (next - SEGMENT_HEAD) % BigInt(segment) === 0n ? SEGMENT_HEAD : HEAD;
  return (next - head) % PAGE === 0n ? next - head : next;
}
