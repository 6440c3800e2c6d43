import type { Logger, Timer, TimeSource, UnavailableError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { markSeen, readLag } from './checkpoints.ts';
import { forgetIdentities } from './identity.ts';
import type { LogMetrics } from './metrics.ts';
import type { LogLimits } from './options.ts';
import type { Segments } from './segments.ts';

export interface UpkeepOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly limits: LogLimits;
  readonly segments: Segments;
  /** Consumers that run in this process. */
  readonly running: () => readonly string[];
  readonly readHeads: () => Promise<void>;
}

const FORGET_IDENTITIES_EVERY_MS = 60 * 60 * 1000;

/**
 * What has to be done again and again: segments, the cap, identities, lag, and reading the heads in case a
 * notification was lost. A step that fails is counted and done again next time.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timers: readonly Timer[] = [];
  #isStopped = false;
  #isAsked = false;
  #maintaining: Promise<void> | null = null;
  #polling: Promise<void> | null = null;
  #full: UnavailableError | null = null;
  #identitiesForgottenAt = Number.NEGATIVE_INFINITY;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Why appends are refused, or null. */
  get full(): UnavailableError | null {
    return this.#full;
  }

  /** The first round must succeed. */
  async start(): Promise<void> {
    const { time, limits, readHeads } = this.#options;
    await readHeads();
    await this.#keepSegments();
    this.#timers = [
      time.every('log heads', limits.pollMs, () => void this.poll()),
      time.every('log upkeep', limits.maintainMs, () => void this.maintain()),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    await Promise.all([this.#maintaining, this.#polling]);
  }

  /** Now instead of at the next turn of the timer; if it is under way, once more after that. */
  maintain(): Promise<void> {
    this.#isAsked = true;
    this.#maintaining ??= this.#maintain().finally(() => {
      this.#maintaining = null;
    });
    return this.#maintaining;
  }

  poll(): Promise<void> {
    this.#polling ??= this.#attempt('heads', this.#options.readHeads).finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #maintain(): Promise<void> {
    while (this.#isAsked && !this.#isStopped) {
      this.#isAsked = false;
      await this.#attempt('segments', () => this.#keepSegments());
      await this.#attempt('lag', () => this.#measureLag());
      await this.#attempt('identities', () => this.#forgetIdentities());
    }
  }

  async #keepSegments(): Promise<void> {
    const { logger, metrics, segments } = this.#options;
    const { dropped, detached, full } = await segments.maintain();
    for (const { family, number } of dropped) logger.info({ family, segment: number }, 'dropped a log segment');
    for (const consumer of detached)
      logger.warn({ consumer }, 'a consumer fell behind the cap of the log and was detached');
    if (full !== null && this.#full === null) {
      logger.error({ error: full, ...full.details }, 'the log is full; appends are refused');
    }
    if (full === null && this.#full !== null) logger.info({}, 'the log takes appends again');
    this.#full = full;
    metrics.isFull.set(full === null ? 0 : 1);
  }

  async #measureLag(): Promise<void> {
    const { database, time, metrics, running } = this.#options;
    await markSeen(database, running(), time.now());
    for (const { consumer, family, partition, records } of await readLag(database)) {
      metrics.lagRecords.set(records, { consumer, family, partition: String(partition) });
    }
  }

  async #forgetIdentities(): Promise<void> {
    const { database, time, limits } = this.#options;
    const now = time.now();
    if (now - this.#identitiesForgottenAt < FORGET_IDENTITIES_EVERY_MS) return;
    await forgetIdentities(database, { now, keepMs: limits.identityMs, most: limits.identities });
    this.#identitiesForgottenAt = now;
  }

  async #attempt(step: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.metrics.upkeepFailures.add(1, { step });
      this.#options.logger.warn({ error, step }, 'an upkeep step of the log failed; it is tried again');
    }
  }
}
