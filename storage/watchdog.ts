import pg from 'pg';
import type { Counter, Logger, Meter, Timer, TimeSource } from '../domain/index.ts';
import type { Primary } from './primary.ts';

/** A statement whose connection has carried nothing for so long is asked about. */
export const SILENT_MS = 10_000;
/** How often connections are looked at within that time. */
const LOOKS = 4;
/** Of several servers another may take writes by now, where a statement has been silent for so long. */
const SUSPECT_MS = 1_000;
const PROBE_TIMEOUT_MS = 5_000;

interface Watched {
  readonly client: pg.ClientBase;
  /** Whoever has it gives a statement up by itself. */
  readonly hasDeadline: boolean;
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
  /** Where the URL names several servers. */
  readonly primary: Primary | null;
}

/**
 * Finds connections that have died without a word: packets swallowed by a firewall, a proxy or a NAT that lost its
 * state. Nothing arrives then, no error either, and a statement would be waited for until TCP gives up, a quarter of an
 * hour later, or for ever. A statement that is merely long is told from it by asking the server on a new connection what
 * the other one's backend does: where it awaits us while we await it, the connection is cut, and its backend ended, so
 * that its locks are free. Whoever used it gets an error and takes a new one.
 *
 * Where the URL names several servers silence is looked into sooner: one that stands still closes nothing, and another may have been
 * promoted (storage/primary.ts).
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #watched = new Set<Watched>();
  #timer: Timer | null = null;
  #probing: Promise<void> | null = null;
  #leaving: Promise<void> | null = null;
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

  /** Until it ends. @param hasDeadline whoever has it gives a statement up by itself: only another server is looked for */
  watch(client: pg.ClientBase, { hasDeadline = false } = {}): void {
    const { time, silentMs, primary } = this.#options;
    const watched: Watched = { client, hasDeadline, bytes: 0, silentSince: null };
    this.#watched.add(watched);
    client.once('end', () => this.#watched.delete(watched));
    const everyMs = primary === null ? silentMs / LOOKS : Math.min(silentMs, SUSPECT_MS) / LOOKS;
    this.#timer ??= time.every('storage: watch connections', everyMs, () => this.#look());
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await Promise.all([this.#probing, this.#leaving]);
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
    const silentFor = (ms: number) =>
      [...this.#watched].filter(({ silentSince }) => silentSince !== null && now - silentSince >= ms);
    const { silentMs, primary } = this.#options;
    if (primary !== null && (primary.isUnanswered || silentFor(SUSPECT_MS).length > 0)) {
      this.#leaving ??= this.#leave(primary).finally(() => {
        this.#leaving = null;
      });
    }
    const silent = silentFor(silentMs).filter(({ hasDeadline }) => !hasDeadline);
    if (silent.length === 0 || this.#probing !== null) return;
    this.#probing = this.#probe(silent).finally(() => {
      this.#probing = null;
    });
  }

  async #leave(primary: Primary): Promise<void> {
    const connections = await primary.leaveFormer();
    if (connections === 0) return;
    this.#cut?.add(connections);
    this.#options.logger.warn(
      { connections },
      'another database server takes writes now; connections to the former one are cut',
    );
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
