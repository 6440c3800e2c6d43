import type pg from 'pg';
import { type TimeSource, UnavailableError } from '../../domain/index.ts';
import { type WalPosition, walPosition } from './wal-position.ts';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

export interface Reached {
  readonly position: WalPosition;
  /** How long it is waited for, ms. */
  readonly withinMs: number;
  /** A server that says nothing for so long is away, ms. */
  readonly answerMs: number;
  readonly time: TimeSource;
}

/**
 * Waits until the stand-by at this connection has applied the log up to a position.
 * @returns how far it is now, which may be less
 * @throws {UnavailableError} REPLICA_NO_STANDBY
 */
export async function reaches(
  client: pg.ClientBase,
  { position, withinMs, answerMs, time }: Reached,
): Promise<WalPosition> {
  const until = time.monotonic() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const replayed = await replayedBy(client, answerMs);
    if (replayed >= position || time.monotonic() + pauseMs > until) return replayed;
    await time.sleep('the read replica applies the log', pauseMs);
  }
}

async function replayedBy(client: pg.ClientBase, answerMs: number): Promise<WalPosition> {
  const { rows } = await asked<{ lsn: string | null }>(
    client,
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END AS lsn',
    answerMs,
  );
  const lsn = rows[0]?.lsn ?? null;
  if (lsn === null) {
    throw new UnavailableError(
      'REPLICA_NO_STANDBY',
      'DATABASE_READ_URL leads to a server that takes writes itself, or does not say how far it is; give that of a stand-by',
    );
  }
  return walPosition(lsn);
}

/** Which cluster and database, as a column `whose`. */
export const WHOSE = "(SELECT system_identifier::text FROM pg_control_system()) || '/' || current_database() AS whose";

/** Positions of another cluster say nothing. @throws {UnavailableError} REPLICA_OF_ANOTHER */
export async function sameDatabase(client: pg.ClientBase, whose: string, answerMs: number): Promise<void> {
  const { rows } = await asked<{ whose: string }>(client, `SELECT ${WHOSE}`, answerMs);
  if (rows[0]?.whose === whose) return;
  throw new UnavailableError(
    'REPLICA_OF_ANOTHER',
    'DATABASE_READ_URL leads to a database that is no copy of that of DATABASE_URL; give that of its stand-by',
  );
}

/** One that is frozen would keep whoever asks. @throws {UnavailableError} DATABASE_UNAVAILABLE */
async function asked<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  text: string,
  answerMs: number,
): Promise<pg.QueryResult<Row>> {
  const limited: pg.QueryConfig & { readonly query_timeout: number } = { text, query_timeout: answerMs };
  try {
    return await client.query<Row>(limited);
  } catch (error) {
    // As pg words its own time limit, without a code.
    if (!(error instanceof Error) || error.message !== 'Query read timeout') throw error;
    throw new UnavailableError(
      'DATABASE_UNAVAILABLE',
      `the read replica has said nothing for ${answerMs} ms`,
      {},
      error,
    );
  }
}
