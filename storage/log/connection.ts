import pg from 'pg';
import { type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { asUnavailable, READ_ONLY } from '../failure.ts';
import { failUnreplicated } from '../unreplicated.ts';

export interface ConnectionOptions {
  readonly database: Database;
  readonly time: TimeSource;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Several statements under way at once, answered in order; no COPY then. */
  readonly isPipelined?: boolean;
  /** Settings for the connection, as `SET name = value`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * A connection of one's own, outside the pool: for locks that live as long as the connection and for statements that
 * must be given up even if the server has stopped answering.
 */
export interface Connection {
  readonly client: pg.Client;
  /** Aborted when the connection is gone, whoever ended it. */
  readonly lost: AbortSignal;
  /** Cuts the connection at once; statements under way fail and their outcome is unknown. */
  destroy(): void;
  /** Ends the connection, giving its locks back. */
  close(): Promise<void>;
}

/** @throws {UnavailableError} DATABASE_UNAVAILABLE within `timeoutMs` */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { database, time, name, timeoutMs, settings = {}, isPipelined = false } = options;
  const socket = database.socket();
  const client = new pg.Client({
    ...database.pool.options,
    application_name: name,
    pipeline: isPipelined,
    stream: () => socket,
  });
  const lost = new AbortController();
  // 'end' follows every error, and statements under way are rejected on their own.
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new UnavailableError('DATABASE_UNAVAILABLE', 'the connection has ended')));
  const destroy = () => socket.destroy(new Error('Connection terminated by its owner'));
  const deadline = time.after(`${name} connecting`, timeoutMs, destroy);
  try {
    await client.connect();
    for (const [setting, value] of Object.entries(settings)) await client.query(`SET ${setting} = ${value}`);
  } catch (error) {
    destroy();
    throw asUnavailable(error);
  } finally {
    deadline.cancel();
  }
  failUnreplicated(client);
  // It has become a stand-by: whoever has this connection makes another one, to the server that takes writes.
  client.connection.on('errorMessage', ({ code }: { readonly code?: string }) => {
    if (code === READ_ONLY) destroy();
  });
  // One that is pipelined has a deadline of its own for each group.
  database.watch(client, { hasDeadline: isPipelined });
  return {
    client,
    lost: lost.signal,
    destroy,
    async close() {
      if (lost.signal.aborted) return;
      await client.end().catch(destroy);
    },
  };
}
