import pg from 'pg';
import type { Logger, TimeSource } from '../domain/index.ts';
import { asUnavailable } from './failure.ts';
import type { Watchdog } from './watchdog.ts';

interface Subscriber {
  readonly onPayload: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

const HEARTBEAT_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** One connection that listens for every channel of a database, made again when it breaks. */
export class Listener {
  readonly #connection: pg.ClientConfig;
  readonly #time: TimeSource;
  readonly #logger: Logger;
  readonly #watchdog: Watchdog;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #closing = new AbortController();
  /** The connection, or the making of it; undefined from the moment it breaks until somebody makes it again. */
  #client: Promise<pg.Client> | undefined;
  #latest: pg.Client | undefined;
  #lastListen: Promise<unknown> = Promise.resolve();

  constructor(options: { connection: pg.ClientConfig; time: TimeSource; logger: Logger; watchdog: Watchdog }) {
    this.#connection = options.connection;
    this.#time = options.time;
    this.#logger = options.logger;
    this.#watchdog = options.watchdog;
  }

  async listen(
    channel: string,
    onPayload: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<{ stop(): Promise<void> }> {
    const subscriber = { onPayload, onReconnect };
    const subscribers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscribers.add(subscriber));
    try {
      this.#client ??= this.#connect();
      await this.#listenOn(await this.#client, channel);
    } catch (error) {
      this.#forget(channel, subscriber);
      throw asUnavailable(error);
    }
    return { stop: async () => this.#forget(channel, subscriber) };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  /** One LISTEN after another: several channels may be asked for at once, and a connection runs one statement. */
  #listenOn(client: pg.Client, channel: string): Promise<unknown> {
    const listening = this.#lastListen.then(() => client.query(`LISTEN ${pg.escapeIdentifier(channel)}`));
    this.#lastListen = listening.catch(() => {});
    return listening;
  }

  /** The server may go on notifying a channel without subscribers; that costs nothing. */
  #forget(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#channels.delete(channel);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#connection);
    this.#latest = client;
    const forget = () => {
      if (this.#latest === client) this.#client = undefined;
    };
    client.on('notification', ({ channel, payload }) => {
      for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onPayload(payload ?? '');
    });
    // It is of no use from here on; 'end' follows.
    client.on('error', (error) => {
      this.#logger.debug({ error }, 'the listening connection broke');
      forget();
    });
    try {
      await client.connect();
      this.#watchdog.watch(client);
      for (const channel of this.#channels.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      forget();
      await client.end().catch(() => {});
      throw error;
    }
    // It only listens: whether it still could hear is seen by asking.
    const heartbeat = this.#time.every('storage: listening still', HEARTBEAT_MS, () => {
      this.#lastListen = this.#lastListen.then(() => client.query('SELECT 1')).catch(() => {});
    });
    client.once('end', () => {
      heartbeat.cancel();
      forget();
      if (!this.#closing.signal.aborted) void this.#reconnect();
    });
    return client;
  }

  async #reconnect(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closing.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        // A new subscriber may have been quicker.
        this.#client ??= this.#connect();
        await this.#client;
        this.#logger.info({}, 'listening to the database again');
        for (const subscribers of this.#channels.values()) {
          for (const subscriber of subscribers) subscriber.onReconnect?.();
        }
        return;
      } catch (error) {
        this.#logger.debug({ error }, 'the listening connection cannot be made yet');
        await this.#time.sleep('storage: listen again', pause, this.#closing.signal);
      }
    }
  }
}
