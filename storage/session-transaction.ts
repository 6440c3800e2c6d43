import type pg from 'pg';
import { DefectError } from '../domain/index.ts';

/**
 * Whoever stands still between two statements of a transaction that others wait for (a process that is stopped, a machine that
 * sleeps) loses it, and its locks with it, after so long. Our own work between two statements takes less.
 */
export const STANDS_STILL = '60s';

/** As the transaction's first statement, or with it. */
export const LOST_WHERE_IT_STANDS_STILL = `SET LOCAL idle_in_transaction_session_timeout = '${STANDS_STILL}'`;

/**
 * A transaction on a session in hand, whose locks it is to be under: where the session is gone, and with it the locks, nothing of
 * it is done.
 */
export async function transactionOn<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    // PostgreSQL rolls back, and says so without an error, where a statement failed and `work` went on.
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new DefectError('TRANSACTION_NOT_COMMITTED', `a transaction ended in ${command}`);
    return result;
  } catch (error) {
    // Where that fails too the session is gone, and the server has rolled back; the first error says why.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
