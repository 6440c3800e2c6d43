import { ConflictError } from '../domain/index.ts';
import type { Database } from './database.ts';

/** Which of two connections asks which server process answers it: enough to tell a pooler that deals them out in turn. */
const TURNS = [0, 1, 0, 0, 1, 1, 0] as const;

/**
 * Whether each connection has a session of PostgreSQL of its own. A pooler in transaction mode lends sessions out for one
 * transaction each: what a connection sets or locks is then another's. The log sets `synchronous_commit` for its consumers, which
 * would hold for acknowledgements of others; it listens; migrations and packing hold locks.
 *
 * A busy pooler may hide for once; one that is idle, as at a start, does not.
 * @throws {ConflictError} DATABASE_POOLED
 */
export async function requireOwnSessions(database: Pick<Database, 'pool' | 'read'>): Promise<void> {
  const seen: [number | null, number | null] = [null, null];
  await database.read(async (first) =>
    database.read(async (second) => {
      const both = [first, second] as const;
      for (const turn of TURNS) {
        const { rows } = await both[turn].query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const pid = rows[0]?.pid ?? null;
        if (pid === seen[1 - turn] || (seen[turn] !== null && seen[turn] !== pid)) throw pooled();
        seen[turn] = pid;
      }
    }),
  );
}

function pooled(): ConflictError {
  return new ConflictError(
    'DATABASE_POOLED',
    'the database URL leads to a pooler that lends sessions out by transaction or statement (pgbouncer: pool_mode); allowed: PostgreSQL itself, or a pooler in session mode (docs/scaling.md)',
  );
}
