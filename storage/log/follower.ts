import {
  type Checkpoints,
  checkpointKey,
  type Family,
  type LogBatch,
  type Logger,
  type LogRecord,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import type { LogMetrics } from './metrics.ts';
import type { LogLimits } from './options.ts';
import { readAfter } from './reader.ts';
import { type Tail, type TailReader, WakeUp } from './tail.ts';

export interface FollowerOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly tail: Tail;
  readonly limits: LogLimits;
  readonly metrics: LogMetrics;
  readonly partitions: Readonly<Record<Family, number>>;
  readonly families: readonly Family[];
  readonly onBatch: (batch: LogBatch) => void;
}

/** Watches the end of the log for live views: no checkpoint, no effects, and no debt when it falls behind. */
export class Follower implements TailReader {
  readonly families: readonly Family[];
  readonly positions: Record<string, number> = {};
  readonly #options: FollowerOptions;
  readonly #wakeUp = new WakeUp();
  #isStopped = false;

  /** Stands at the heads known now. */
  constructor(options: FollowerOptions) {
    this.#options = options;
    this.families = options.families;
    const heads: Checkpoints = options.tail.heads();
    for (const family of options.families) {
      for (let partition = 0; partition < options.partitions[family]; partition++) {
        const key = checkpointKey(family, partition);
        this.positions[key] = heads[key] ?? 0;
      }
    }
  }

  wake(): void {
    this.#wakeUp.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.tail.remove(this);
    this.#wakeUp.wake();
  }

  async run(): Promise<void> {
    this.#options.tail.add(this);
    while (!this.#isStopped) {
      this.#wakeUp.arm();
      let hasMore = false;
      for (const family of this.families) {
        for (let partition = 0; partition < this.#options.partitions[family]; partition++) {
          if (await this.#deliver(family, partition)) hasMore = true;
        }
      }
      if (!hasMore) await this.#wakeUp.sleep();
    }
  }

  /** @returns whether there may be more */
  async #deliver(family: Family, partition: number): Promise<boolean> {
    const { tail, limits, metrics, logger, onBatch } = this.#options;
    const key = checkpointKey(family, partition);
    const after = this.positions[key] ?? 0;
    const head = tail.head(family, partition);
    if (head <= after) return false;
    let records: readonly LogRecord[] | null = tail.after(
      family,
      partition,
      after,
      limits.batchBytes,
      limits.batchRecords,
    );
    const isFromTable = records === null;
    records ??= await this.#read(family, partition, after);
    const last = records.at(-1);
    if (last === undefined || this.#isStopped) return false;
    // A live view that far behind goes on from the end.
    this.positions[key] = isFromTable && last.position < head ? head : last.position;
    tail.trim(family, partition);
    metrics.consumed.add(records.length, { consumer: 'follow', family });
    try {
      onBatch({ family, partition, records });
    } catch (error) {
      metrics.failures.add(1, { consumer: 'follow', fault: 'hook' });
      logger.error({ error, family }, 'a live view could not take a batch');
    }
    return true;
  }

  async #read(family: Family, partition: number, after: number): Promise<readonly LogRecord[]> {
    const { database, limits, metrics } = this.#options;
    metrics.tableReads.add(1, { consumer: 'follow' });
    const { batchBytes: maxBytes, batchRecords: maxRecords } = limits;
    try {
      return (await readAfter(database, { family, partition, after, maxBytes, maxRecords })).records;
    } catch {
      // A live view goes without; the next wake-up tries again.
      metrics.upkeepFailures.add(1, { step: 'follow' });
      return [];
    }
  }
}
