import pg from 'pg';
import type { Counter, Logger, Meter, Timer, TimeSource } from '../domain/index.ts';

/** A statement whose connection has carried nothing for so long is asked about. */
export const SILENT_MS = 10_000;
/** How often connections are looked at within that time. */
const LOOKS = 4;
const PROBE_TIMEOUT_MS = 5_000;

interface Watched {
  readonly client: pg.ClientBase;
  bytes: number;
  /** On the monotonic clock; null while nothing is awaited. */
  silentSince: number | null;
}

export interface WatchdogOptions {
  readonly connection: pg.ClientConfig;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** How long a connection may carry nothing before it is asked about, ms. */
  readonly silentMs: number;
}

/**
 * Finds connections that have died without a word: packets swallowed by a firewall, a proxy or a NAT that lost its
 * state. Nothing arrives then, no error either, and a statement would be waited for until TCP gives up, a quarter of an
 * hour later, or for ever. A statement that is merely long is told from it by asking the server on a new connection what
 * the other one's backend does: where it awaits us while we await it, the connection is cut, and its backend ended, so
 * that its locks are free. Whoever used it gets an error and takes a new one.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #watched = new Set<Watched>();
  #timer: Timer | null = null;
  #probing: Promise<void> | null = null;
  #cut: Counter | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** From here on what is cut is counted. */
  measure(meter: Meter): void {
    this.#cut = meter.counter({
      name: 'isotherm_storage_dead_connections',
      help: 'Database connections that were cut because nothing came over them any more',
    });
  }

  /** Until it ends. */
  watch(client: pg.ClientBase): void {
    const watched: Watched = { client, bytes: 0, silentSince: null };
    this.#watched.add(watched);
    client.once('end', () => this.#watched.delete(watched));
    this.#timer ??= this.#options.time.every('storage: watch connections', this.#options.silentMs / LOOKS, () =>
      this.#look(),
    );
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#probing;
  }

  #look(): void {
    const now = this.#options.time.monotonic();
    for (const watched of this.#watched) {
      const bytes = bytesOver(watched.client);
      const isCarrying = bytes !== watched.bytes || !awaitsServer(watched.client);
      watched.bytes = bytes;
      if (isCarrying) watched.silentSince = null;
      else watched.silentSince ??= now;
    }
    const silent = [...this.#watched].filter(
      ({ silentSince }) => silentSince !== null && now - silentSince >= this.#options.silentMs,
    );
    if (silent.length === 0 || this.#probing !== null) return;
    this.#probing = this.#probe(silent).finally(() => {
      this.#probing = null;
    });
  }

  async #probe(silent: readonly Watched[]): Promise<void> {
    const { connection, logger } = this.#options;
    const probe = new pg.Client({
      ...connection,
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
    });
    probe.on('error', () => {});
    try {
      await probe.connect();
      const { rows } = await probe.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1) AND state = 'active'
           AND NOT coalesce(wait_event_type = 'Client' AND wait_event = 'ClientRead', false)`,
        [silent.map(({ client }) => backendOf(client))],
      );
      const working = new Set(rows.map(({ pid }) => pid));
      for (const watched of silent) {
        const pid = backendOf(watched.client);
        if (working.has(pid) || watched.silentSince === null) continue;
        this.#watched.delete(watched);
        this.#cut?.add();
        logger.warn({ backend: pid }, 'a database connection has died without a word; it is cut');
        await probe.query('SELECT pg_terminate_backend($1)', [pid]);
        cut(watched.client);
      }
    } catch {
      // The server is away for the probe too: who waits goes on waiting, and is looked at again.
    } finally {
      cut(probe);
    }
  }
}

/** What pg keeps of a client and does not declare. */
interface Inside {
  readonly readyForQuery?: boolean;
  readonly processID?: number | null;
  readonly connection?: {
    readonly stream?: { bytesRead?: number; bytesWritten?: number; destroy(error?: Error): void };
  };
}

function bytesOver(client: pg.ClientBase): number {
  const stream = (client as Inside).connection?.stream;
  return (stream?.bytesRead ?? 0) + (stream?.bytesWritten ?? 0);
}

function awaitsServer(client: pg.ClientBase): boolean {
  return (client as Inside).readyForQuery === false;
}

function backendOf(client: pg.ClientBase): number {
  return (client as Inside).processID ?? 0;
}

function cut(client: pg.ClientBase): void {
  (client as Inside).connection?.stream?.destroy(new Error('Connection terminated: nothing came over it any more'));
}
