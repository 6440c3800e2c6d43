import {
  checkpointKey,
  type Family,
  type Following,
  type LogBatch,
  type Logger,
  type LogHome,
  type LogPartition,
  type LogReader,
  type LogSlice,
} from '../../../domain/index.ts';
import type { LogMetrics } from '../metrics.ts';
import type { LogLimits } from '../options.ts';
import { isOpen, sourcesOf } from './sources.ts';
import { WakeUp } from './wake-up.ts';

export interface FollowerOptions {
  readonly home: LogHome;
  readonly logger: Logger;
  readonly limits: LogLimits;
  readonly metrics: LogMetrics;
  readonly families: readonly Family[];
  readonly onBatch: (batch: LogBatch) => void;
}

/** Watches the end of the log for live views: no checkpoint, no effects, and no debt when it falls behind. */
export class Follower implements LogReader {
  readonly families: readonly Family[];
  readonly positions: Record<string, number> = {};
  readonly #options: FollowerOptions;
  readonly #following: Following;
  readonly #wakeUp = new WakeUp();
  #isStopped = false;

  /** Stands at the heads known now. */
  constructor(options: FollowerOptions) {
    const { home, families } = options;
    this.#options = options;
    this.families = families;
    for (const source of sourcesOf(families, home)) this.positions[source.key] = home.head(source);
    this.#following = home.follow(this);
  }

  wake(): void {
    this.#wakeUp.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#following.stop();
    this.#wakeUp.wake();
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      this.#wakeUp.arm();
      let hasMore = false;
      // Those that have come since are read from their beginning.
      for (const at of sourcesOf(this.families, this.#options.home)) if (await this.#deliver(at)) hasMore = true;
      if (!hasMore) await this.#wakeUp.sleep();
    }
  }

  /** @returns whether there may be more */
  async #deliver(at: LogPartition): Promise<boolean> {
    const { home, metrics, logger, onBatch } = this.#options;
    const { family, partition } = at;
    const key = checkpointKey(family, partition);
    const after = this.positions[key] ?? 0;
    const head = home.head(at);
    if (head <= after || !isOpen(home, at, this.positions)) return false;
    const { records, isFromMemory, through = 0 } = await this.#read(at, after);
    const last = records.at(-1);
    if (last === undefined || this.#isStopped) {
      this.positions[key] = Math.max(after, through);
      return through > after;
    }
    // A live view that far behind goes on from the end.
    this.positions[key] = !isFromMemory && last.position < head ? head : last.position;
    this.#following.moved(at);
    metrics.consumed.add(records.length, { consumer: 'follow', family });
    try {
      onBatch({ family, partition, records });
    } catch (error) {
      metrics.failures.add(1, { consumer: 'follow', fault: 'hook' });
      logger.error({ error, family }, 'a live view could not take a batch');
    }
    return true;
  }

  async #read(at: LogPartition, after: number): Promise<LogSlice> {
    const { home, limits, metrics } = this.#options;
    const { batchBytes: maxBytes, batchRecords: maxRecords } = limits;
    try {
      const slice = await home.after(at, after, { maxBytes, maxRecords });
      if (!slice.isFromMemory) metrics.tableReads.add(1, { consumer: 'follow' });
      return slice;
    } catch {
      // A live view goes without; the next wake-up tries again.
      metrics.upkeepFailures.add(1, { step: 'follow' });
      return { records: [], floor: 0, isFromMemory: false };
    }
  }
}
