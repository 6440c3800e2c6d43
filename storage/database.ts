import net from 'node:net';
import pg from 'pg';
import { DefectError, type Logger, type Meter, type TimeSource } from '../domain/index.ts';
import { asUnavailable, READ_ONLY, sqlState } from './failure.ts';
import { Listener } from './listener.ts';
import { Primary } from './primary.ts';
import { ourSchema, USUAL_SCHEMA } from './schema.ts';
import { serverUrl } from './server-url.ts';
import { STANDS_STILL } from './session-transaction.ts';
import { columnTypes } from './types.ts';
import { failUnreplicated } from './unreplicated.ts';
import { SILENT_MS, Watchdog } from './watchdog.ts';

/** Where questions are asked that change nothing: the database, or its read replica where that has what was written. */
export interface ReadDatabase {
  /** @throws {UnavailableError} DATABASE_UNAVAILABLE if the server is away; else pg's DatabaseError as it is */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /**
   * What needs a connection: a prepared statement, COPY. `ask` may be called again with another connection, and keeps
   * nothing of the first time.
   * @throws {UnavailableError} DATABASE_UNAVAILABLE if the server is away; else pg's DatabaseError as it is
   */
  read<T>(ask: (client: pg.ClientBase) => Promise<T>): Promise<T>;
}

/**
 * A connection pool with the house's conventions: int8 as number, timestamptz as epoch ms, bytea as Buffer, and a
 * server that is away told from a statement that is wrong.
 */
export interface Database extends ReadDatabase {
  readonly url: string;
  /** Where our tables are (storage/schema.ts). */
  readonly schema: string;
  readonly pool: pg.Pool;
  /**
   * Commits when `work` resolves, rolls back and rethrows when it rejects.
   * @throws {DefectError} TRANSACTION_NOT_COMMITTED if `work` went on after one of its statements had failed
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /**
   * Resolves once notifications arrive. The connection is made again when it breaks; what was sent in between is
   * lost, so `onReconnect` must look for itself.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<{ stop(): Promise<void> }>;
  /** Sent when the transaction of `client` commits, else at once. */
  notify(channel: string, payload: string, client?: pg.ClientBase): Promise<void>;
  /** For a connection outside the pool, that it can be cut at once. */
  socket(): net.Socket;
  /** A connection outside the pool, to be cut when it dies without a word (storage/watchdog.ts). */
  watch(client: pg.ClientBase, options?: { readonly hasDeadline: boolean }): void;
  /** What the watchdog cuts is counted from here on. */
  measure(meter: Meter): void;
  /** Waits for connections that are in use. May be called again. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly logger: Logger;
  readonly time: TimeSource;
  /** Default 10; one more is opened for `listen`. */
  readonly maxConnections?: number;
  /** A statement whose connection has carried nothing for so long is asked about (storage/watchdog.ts), ms. Default 10,000. */
  readonly silentMs?: number;
  /** How long a connection may take to be had, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Of several hosts. Default: the one that takes writes. */
  readonly wanted?: 'primary' | 'stand-by';
}

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws {UnavailableError} DATABASE_UNAVAILABLE if nothing answers there now */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connection = ourConnection(options);
  const schema = await ourSchema(connection, options.logger);
  return new PostgresDatabase(options, inSchema(connection, schema), schema);
}

/** For questions alone, in the tables of another: nothing is asked of it here, it may be away. */
export function questionsTo(options: DatabaseOptions, schema: string): Database & { connection: ConnectionConfig } {
  const connection = inSchema(ourConnection({ ...options, wanted: 'stand-by' }), schema);
  // A statement that would write is refused wherever the URL leads.
  const readOnly = { ...connection, options: `${connection.options} -c default_transaction_read_only=on` };
  return Object.assign(new PostgresDatabase(options, readOnly, schema), { connection: readOnly });
}

class PostgresDatabase implements Database {
  readonly url: string;
  readonly schema: string;
  readonly pool: pg.Pool;
  readonly #connection: ConnectionConfig;
  readonly #listener: Listener;
  readonly #watchdog: Watchdog;
  #closed: Promise<void> | undefined;

  constructor(
    { url, logger, time, maxConnections = 10, silentMs = SILENT_MS }: DatabaseOptions,
    connection: ConnectionConfig,
    schema: string,
  ) {
    this.url = url;
    this.#connection = connection;
    this.schema = schema;
    const { pool, watchdog } = watchedPool({ ...connection, max: maxConnections }, { time, logger, silentMs });
    this.pool = pool;
    this.#watchdog = watchdog;
    this.#listener = new Listener({ connection, time, logger, watchdog: this.#watchdog });
  }

  async query<Row extends pg.QueryResultRow>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<pg.QueryResult<Row>> {
    try {
      return await this.pool.query<Row>(text, [...parameters]);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async read<T>(ask: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => {
      throw asUnavailable(error);
    });
    let cut: Error | undefined;
    const onError = (error: Error) => {
      cut = error;
    };
    client.on('error', onError);
    // Of one that failed half of an answer may still be on its way.
    let isBroken = true;
    try {
      const answer = await ask(client);
      isBroken = false;
      return answer;
    } catch (error) {
      // Why it was ended says more than that it is.
      throw asUnavailable(cut ?? error);
    } finally {
      client.off('error', onError);
      client.release(isBroken);
    }
  }

  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => {
      throw asUnavailable(error);
    });
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      // PostgreSQL rolls back, and says so without an error, where a statement failed and `work` went on.
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new DefectError('TRANSACTION_NOT_COMMITTED', `a transaction ended in ${command}`);
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      // It has become a stand-by: the next connection goes to another.
      if (error instanceof Error && sqlState(error) === READ_ONLY) broken = error;
      throw asUnavailable(error);
    } finally {
      client.release(broken);
    }
  }

  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<{ stop(): Promise<void> }> {
    return this.#listener.listen(channel, onPayload, onReconnect);
  }

  socket(): net.Socket {
    return this.#connection.stream();
  }

  watch(client: pg.ClientBase, options?: { readonly hasDeadline: boolean }): void {
    this.#watchdog.watch(client, options);
  }

  measure(meter: Meter): void {
    this.#watchdog.measure(meter);
  }

  async notify(channel: string, payload: string, client?: pg.ClientBase): Promise<void> {
    const text = 'SELECT pg_notify($1, $2)';
    if (client === undefined) await this.query(text, [channel, payload]);
    else await client.query(text, [channel, payload]);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#listener.close();
      await this.pool.end();
      await this.#watchdog.close();
    })();
    return this.#closed;
  }
}

/**
 * Connections for somebody who keeps tables of his own in the database: made and watched as ours are.
 * @param more of each connection, and how many there may be
 */
export function openPool(
  options: Pick<DatabaseOptions, 'url' | 'time' | 'logger' | 'connectTimeoutMs'>,
  more: pg.PoolConfig,
): { readonly pool: pg.Pool; close(): Promise<void> } {
  const { pool, watchdog } = watchedPool(connectionTo(options, more), { ...options, silentMs: SILENT_MS });
  return {
    pool,
    async close() {
      await pool.end();
      await watchdog.close();
    },
  };
}

function watchedPool(
  connection: ConnectionConfig & pg.PoolConfig,
  { time, logger, silentMs }: Required<Pick<DatabaseOptions, 'time' | 'logger' | 'silentMs'>>,
): { readonly pool: pg.Pool; readonly watchdog: Watchdog } {
  const pool = new pg.Pool(connection);
  // An idle connection broke; the pool has dropped it already and whoever asks next gets a new one.
  pool.on('error', (error) => logger.debug({ error }, 'an idle database connection broke'));
  const watchdog = new Watchdog({ connection, time, logger, silentMs, primary: connection.primary });
  pool.on('connect', (client) => {
    // Whoever waits for an answer over one that breaks hears of it from that. An answer and the end of its connection may come
    // in one piece, before whoever has it next could listen; and what nobody listens to ends the process.
    client.on('error', () => {});
    watchdog.watch(client);
    failUnreplicated(client);
  });
  return { pool, watchdog };
}

/**
 * Of a process whose machine is gone nothing tells the server, and what it had under way keeps its rows locked: alerts and messages, which are
 * taken by whoever finds them free, wait with it. Linux asks after two hours; here the server asks after 10 s, three times, and
 * a transaction in which nothing has been asked for a minute ends whatever the network says.
 */
const GONE = `-c idle_in_transaction_session_timeout=${STANDS_STILL} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3`;

/** How a connection is made: by a URL of several hosts, to the one of them that is wanted (storage/primary.ts). */
function connectionTo<More extends pg.ClientConfig>(
  {
    url,
    time,
    wanted = 'primary',
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
  }: Pick<DatabaseOptions, 'url' | 'time' | 'wanted' | 'connectTimeoutMs'>,
  more: More,
): ConnectionConfig & More {
  const { hosts, url: connectionString } = serverUrl(url, wanted === 'primary' ? 'everything' : 'questions');
  const connection = {
    ...{ connectionString, keepAlive: true, keepAliveInitialDelayMillis: 30_000 },
    // Of one that dies while it is made nobody would hear: there is nothing yet to watch.
    connectionTimeoutMillis: connectTimeoutMs,
    ...more,
    options: `${GONE} ${more.options ?? ''}`,
  };
  if (hosts.length === 0) return { ...connection, primary: null, stream: () => new net.Socket() };
  const primary = new Primary({ hosts, connection, time, wanted });
  return { ...connection, primary: wanted === 'primary' ? primary : null, stream: () => primary.socket() };
}

export interface ConnectionConfig extends pg.ClientConfig {
  readonly stream: () => net.Socket;
  /** Where the URL names several servers of which one takes writes. */
  readonly primary: Primary | null;
}

function ourConnection(options: DatabaseOptions): ConnectionConfig {
  return connectionTo(options, {
    application_name: 'isotherm',
    options: '-c timezone=UTC -c client_min_messages=warning',
    types: columnTypes,
  });
}

/** Extensions (TimescaleDB) put their functions into public. */
function inSchema(connection: ConnectionConfig, schema: string): ConnectionConfig {
  if (schema === USUAL_SCHEMA) return connection;
  return { ...connection, options: `${connection.options} -c search_path=${schema},${USUAL_SCHEMA}` };
}
