import net from 'node:net';
import pg from 'pg';
import { DefectError, type Logger, type Meter, type TimeSource } from '../domain/index.ts';
import { asUnavailable, READ_ONLY, sqlState } from './failure.ts';
import { Listener } from './listener.ts';
import { Primary } from './primary.ts';
import { ourSchema, USUAL_SCHEMA } from './schema.ts';
import { serverUrl } from './server-url.ts';
import { columnTypes } from './types.ts';
import { SILENT_MS, Watchdog } from './watchdog.ts';

/**
 * A connection pool with the house's conventions: int8 as number, timestamptz as epoch ms, bytea as Buffer, and a
 * server that is away told from a statement that is wrong.
 */
export interface Database {
  readonly url: string;
  /** Where our tables are (storage/schema.ts). */
  readonly schema: string;
  readonly pool: pg.Pool;
  /** @throws {UnavailableError} DATABASE_UNAVAILABLE if the server is away; else pg's DatabaseError as it is */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
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
  watch(client: pg.ClientBase): void;
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
}

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws {UnavailableError} DATABASE_UNAVAILABLE if nothing answers there now */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connection = ourConnection(options);
  const schema = await ourSchema(connection, options.logger);
  return new PostgresDatabase(options, inSchema(connection, schema), schema);
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
    this.pool = new pg.Pool({ ...connection, max: maxConnections, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    // An idle connection broke; the pool has dropped it already and whoever asks next gets a new one.
    this.pool.on('error', (error) => logger.debug({ error }, 'an idle database connection broke'));
    this.#watchdog = new Watchdog({ connection, time, logger, silentMs });
    this.pool.on('connect', (client) => this.#watchdog.watch(client));
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

  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => {
      throw asUnavailable(error);
    });
    // While checked out a connection that breaks between statements would else end the process.
    const onError = () => {};
    client.on('error', onError);
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
      client.off('error', onError);
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

  watch(client: pg.ClientBase): void {
    this.#watchdog.watch(client);
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

/** How a connection is made: by a URL of several hosts, to the one of them that takes writes (storage/primary.ts). */
export function connectionTo(
  { url, time }: Pick<DatabaseOptions, 'url' | 'time'>,
  more: pg.ClientConfig,
): ConnectionConfig {
  const { hosts, url: connectionString } = serverUrl(url);
  const connection = { connectionString, keepAlive: true, keepAliveInitialDelayMillis: 30_000, ...more };
  if (hosts.length === 0) return { ...connection, stream: () => new net.Socket() };
  const primary = new Primary({ hosts, connection, time });
  return { ...connection, stream: () => primary.socket() };
}

export interface ConnectionConfig extends pg.ClientConfig {
  readonly stream: () => net.Socket;
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
