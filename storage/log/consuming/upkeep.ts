import type { Family, Logger, LogHome, Timer, TimeSource } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { LogMetrics } from '../metrics.ts';
import type { LogLimits } from '../options.ts';
import { detachConsumers, markSeen, readHolders, readLag } from './checkpoints.ts';

export interface UpkeepOptions {
  readonly database: Database;
  readonly home: LogHome;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly limits: LogLimits;
  /** Consumers that run in this process. */
  readonly running: () => readonly string[];
}

/**
 * What has to be done again and again: the home drops what no consumer needs any more, and how far each is behind is
 * measured. A step that fails is counted and done again next time.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: Timer | null = null;
  #isStopped = false;
  #isAsked = false;
  #maintaining: Promise<void> | null = null;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** The first round must succeed. */
  async start(): Promise<void> {
    const { time, limits } = this.#options;
    await this.#trim();
    this.#timer = time.every('log upkeep', limits.maintainMs, () => void this.maintain());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#maintaining;
  }

  /** Now; where it is under way, once more after that. */
  maintain(): Promise<void> {
    this.#isAsked = true;
    this.#maintaining ??= this.#maintain().finally(() => {
      this.#maintaining = null;
    });
    return this.#maintaining;
  }

  async #maintain(): Promise<void> {
    while (this.#isAsked && !this.#isStopped) {
      this.#isAsked = false;
      await this.#attempt('segments', () => this.#trim());
      await this.#attempt('lag', () => this.#measureLag());
    }
  }

  async #trim(): Promise<void> {
    const { database, home } = this.#options;
    const holders = (await readHolders(database)).filter(({ isDetached }) => !isDetached);
    await home.trim(holders, (consumers, family) => this.#detach(consumers, family));
  }

  async #detach(consumers: readonly string[], family: Family): Promise<void> {
    const { database, time, logger } = this.#options;
    await detachConsumers(database, { consumers, family, now: time.now() });
    for (const consumer of consumers) {
      logger.warn({ consumer }, 'a consumer fell behind the cap of the log and was detached');
    }
  }

  async #measureLag(): Promise<void> {
    const { database, home, time, metrics, running } = this.#options;
    await markSeen(database, running(), time.now());
    const lags = await readLag(database, (positions) => home.count(positions));
    for (const { consumer, family, partition, records } of lags) {
      metrics.lagRecords.set(records, { consumer, family, partition: String(partition) });
    }
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
