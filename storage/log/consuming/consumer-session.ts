import {
  type Checkpoints,
  ConflictError,
  type ConsumerOptions,
  checkpointKey,
  DefectError,
  type Effects,
  type Following,
  type LogBatch,
  type Logger,
  type LogHome,
  type TimeSource,
  type Troubles,
} from '../../../domain/index.ts';
import { effectsOf } from '../../effects.ts';
import { isPassing, mayBlameRecord, reasonOf } from '../../failure.ts';
import type { Connection } from '../connection.ts';
import type { LogMetrics } from '../metrics.ts';
import type { DeadRecord, LogLimits } from '../options.ts';
import { enterCheckpoints, moveCheckpoint } from './checkpoints.ts';
import { deadLetter } from './dead-records.ts';
import type { PoisonIsolation } from './poison-isolation.ts';
import { isOpen, type Source, sourcesOf } from './sources.ts';
import type { WakeUp } from './wake-up.ts';

/** What every session of every consumer shares. */
export interface ConsumerSessionParts {
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly limits: LogLimits;
  readonly home: LogHome;
  /** As the home knows this consumer. */
  readonly following: Following;
  readonly troubles: Troubles;
  readonly onDead: (dead: DeadRecord) => void;
}

export interface ConsumerSessionOptions extends ConsumerSessionParts {
  /** Cut when the consumer is another process's. */
  readonly connection: Connection;
  /** Of this process as the consumer's owner; checked with every checkpoint. */
  readonly epoch: number;
  readonly consumer: ConsumerOptions;
  /** Outlives the session, so that a new connection does not begin to count again. */
  readonly isolation: PoisonIsolation;
  readonly wakeUp: WakeUp;
  readonly stopping: AbortSignal;
  /** After `restore` and after every commit. */
  readonly onCheckpoints: (checkpoints: Checkpoints) => void;
}

/** A batch this large needs no gathering: some thousand readings. */
const WORTH_WHILE_BYTES = 128 * 1024;
/** How often a consumer that lingers looks whether enough has come. */
const LINGER_LOOK_MS = 1_000;

/** What is to be done next: a batch of one partition, a gap that dropped segments have left, or nothing but to move on. */
interface Task extends Source {
  readonly after: number;
  readonly through: number;
  readonly batch: LogBatch | 'gap' | 'empty';
}

/**
 * A consumer's work on one connection: restore, then batch after batch, each in a transaction with its checkpoint.
 * A failure of the handler is rolled back and tried again here; a failure of the connection ends the session.
 */
export class ConsumerSession {
  readonly #options: ConsumerSessionOptions;
  #sources: readonly Source[];
  readonly #checkpoints: Record<string, number> = {};
  /** Under way and not yet committed. */
  #task: Task | null = null;
  #turn = 0;

  constructor(options: ConsumerSessionOptions) {
    this.#options = options;
    this.#sources = sourcesOf(options.consumer.families, options.home);
  }

  /** Resolves when asked to stop, after the batch under way. @throws whatever ended the connection */
  async work(): Promise<void> {
    const { stopping, connection, limits, wakeUp } = this.#options;
    connection.lost.addEventListener('abort', () => wakeUp.wake(), { once: true });
    let pauseMs = limits.firstPauseMs;
    while (!stopping.aborted) {
      try {
        await this.#restore();
        while (!stopping.aborted) {
          connection.lost.throwIfAborted();
          if (await this.#step()) pauseMs = limits.firstPauseMs;
        }
      } catch (error) {
        pauseMs = await this.#recover(error, pauseMs);
      }
    }
  }

  async #restore(): Promise<void> {
    const { consumer, home, onCheckpoints } = this.#options;
    await this.#readCheckpoints();
    // From here on the home knows at least how far the log reaches now.
    await home.heads();
    await consumer.handler.restore?.({ ...this.#checkpoints });
    onCheckpoints(this.#checkpoints);
  }

  /** Where it stands, in as many partitions as there are now. */
  async #readCheckpoints(): Promise<void> {
    const { connection, consumer, home } = this.#options;
    const sources = sourcesOf(consumer.families, home);
    const checkpoints = await enterCheckpoints(connection.client, consumer.name, sources);
    for (const { key } of sources) this.#checkpoints[key] = checkpoints[key] ?? 0;
    this.#sources = sources;
  }

  /** Partitions that the home has by now. */
  async #heedNew(): Promise<void> {
    const { consumer, home, onCheckpoints } = this.#options;
    if (sourcesOf(consumer.families, home).length === this.#sources.length) return;
    await this.#readCheckpoints();
    onCheckpoints(this.#checkpoints);
  }

  /** @returns false if there was nothing to do; it has slept then until there may be */
  async #step(): Promise<boolean> {
    const { wakeUp } = this.#options;
    wakeUp.arm();
    const task = await this.#next();
    if (task === null) {
      this.#options.troubles.passed(this.#options.consumer.name);
      await wakeUp.sleep();
      return false;
    }
    this.#task = task;
    if (task.batch === 'gap') await this.#skip(task);
    else if (task.batch === 'empty') await this.#pass(task);
    else await this.#handle(task, task.batch);
    return true;
  }

  async #handle(task: Task, batch: LogBatch): Promise<void> {
    const { consumer, metrics, isolation, onCheckpoints } = this.#options;
    await this.#commit(task, (effects) => consumer.handler.handle(batch, effects));
    this.#options.troubles.passed(consumer.name);
    isolation.passed(task, task.through);
    metrics.consumed.add(batch.records.length, { consumer: consumer.name, family: task.family });
    consumer.handler.committed?.(batch);
    // After the handler, so that whoever waited for this position finds what the handler has published.
    onCheckpoints(this.#checkpoints);
    await this.#linger(batch);
  }

  /** A consumer that may lag a while lets the next batch grow, unless it is behind anyway. */
  async #linger({ family, partition, records }: LogBatch): Promise<void> {
    const { consumer, time, stopping, connection, home } = this.#options;
    const { lingerMs, lingerBytes = WORTH_WHILE_BYTES } = consumer;
    if (lingerMs === undefined) return;
    const bytes = records.reduce((sum, { payload }) => sum + payload.length, 0);
    if (bytes >= lingerBytes) return;
    const after = this.#checkpoints[checkpointKey(family, partition)] ?? 0;
    for (let left = lingerMs; left > 0; left -= LINGER_LOOK_MS) {
      if (stopping.aborted || connection.lost.aborted || home.holds({ family, partition }, after, lingerBytes)) return;
      await time.sleep(`log ${consumer.name} linger`, Math.min(left, LINGER_LOOK_MS), stopping);
    }
  }

  async #skip(task: Task): Promise<void> {
    const { consumer, logger, onCheckpoints } = this.#options;
    const { family, partition, after, through } = task;
    logger.warn(
      { consumer: consumer.name, family, after, through },
      'records were dropped before a consumer came to them',
    );
    await this.#commit(task, async (effects) =>
      consumer.handler.skipped?.({ family, partition, after, through }, effects),
    );
    onCheckpoints(this.#checkpoints);
  }

  /** Nothing of this family is there. */
  async #pass(task: Task): Promise<void> {
    const { family, partition, after, through } = task;
    const gap = { family, partition, after, through };
    await this.#commit(task, async (effects) => this.#options.consumer.handler.passedOver?.(gap, effects));
    this.#options.onCheckpoints(this.#checkpoints);
  }

  /** Effects and checkpoint in one transaction. */
  async #commit(task: Task, work: (effects: Effects) => Promise<void>): Promise<void> {
    const { connection, consumer, following } = this.#options;
    const { client } = connection;
    await client.query('BEGIN');
    await work(effectsOf(client));
    await moveCheckpoint(client, { consumer: consumer.name, epoch: this.#options.epoch, ...task });
    await client.query('COMMIT');
    this.#task = null;
    this.#checkpoints[task.key] = task.through;
    following.moved(task);
  }

  /** Partitions in turn, so that a busy one does not keep the others waiting. */
  async #next(): Promise<Task | null> {
    await this.#heedNew();
    for (let tries = 0; tries < this.#sources.length; tries++) {
      const source = this.#sources[this.#turn++ % this.#sources.length];
      const task = source === undefined ? null : await this.#nextOf(source);
      if (task !== null) return task;
    }
    return null;
  }

  async #nextOf(source: Source): Promise<Task | null> {
    const { consumer, limits, isolation, home, metrics } = this.#options;
    const { family, partition, key } = source;
    const after = this.#checkpoints[key] ?? 0;
    if (home.head(source) <= after || !isOpen(home, source, this.#checkpoints)) return null;
    const narrowed = isolation.limit(source, after);
    const maxBytes = consumer.batchBytes ?? limits.batchBytes;
    const maxRecords = Math.min(limits.batchRecords, narrowed?.records ?? limits.batchRecords);
    const slice = await home.after(source, after, { maxBytes, maxRecords });
    if (!slice.isFromMemory) metrics.tableReads.add(1, { consumer: consumer.name });
    if (slice.floor > after) return { ...source, after, through: slice.floor, batch: 'gap' };
    const { through = 0 } = slice;
    if (slice.records.length === 0 && through > after) return { ...source, after, through, batch: 'empty' };
    let { records } = slice;
    if (narrowed !== null) records = records.filter(({ position }) => position <= narrowed.until);
    const last = records.at(-1);
    if (last === undefined) return null;
    return { ...source, after, through: last.position, batch: { family, partition, records } };
  }

  /** @returns the pause after the next failure. @throws the error, if this connection cannot go on */
  async #recover(error: unknown, pauseMs: number): Promise<number> {
    const { connection, consumer, logger, metrics, isolation, time, limits, stopping } = this.#options;
    const task = this.#task;
    this.#task = null;
    this.#options.troubles.failed(consumer.name, error, time.now());
    if (task !== null) consumer.handler.rolledBack?.(error);
    if (connection.lost.aborted) throw error;
    await connection.client.query('ROLLBACK');
    if (error instanceof ConflictError && error.code === 'OWNERSHIP_LOST') throw error;
    if (error instanceof DefectError && error.code === 'LOG_CHECKPOINT_MOVED') {
      logger.error({ error, ...error.details }, 'a consumer met a defect');
      throw error;
    }
    const fields = { error, consumer: consumer.name, family: task?.family, after: task?.after, through: task?.through };
    metrics.failures.add(1, { consumer: consumer.name, fault: isPassing(error) ? 'unavailable' : 'handler' });
    logger.warn(fields, 'a consumer failed; it takes its work up again from the checkpoint');
    if (mayBlameRecord(error) && task !== null && typeof task.batch !== 'string') {
      const { records } = task.batch;
      const decision = isolation.failed(task, task.after, task.through, records.length);
      if (decision === 'narrow') return limits.firstPauseMs;
      if (decision === 'deadLetter' && records[0] !== undefined) {
        await this.#deadLetter(task, {
          consumer: consumer.name,
          record: records[0],
          reason: reasonOf(error),
          at: time.now(),
        });
        return limits.firstPauseMs;
      }
    }
    await time.sleep(`log ${consumer.name} pause`, pauseMs, stopping);
    return Math.min(pauseMs * 2, limits.longestPauseMs);
  }

  async #deadLetter(task: Task, dead: DeadRecord): Promise<void> {
    const { connection, consumer, isolation, metrics, logger, onDead } = this.#options;
    const { client } = connection;
    await client.query('BEGIN');
    await deadLetter(client, dead);
    await moveCheckpoint(client, { consumer: consumer.name, epoch: this.#options.epoch, ...task });
    await client.query('COMMIT');
    isolation.passed(task, task.through);
    metrics.dead.add(1, { consumer: consumer.name });
    const { position, kind, source } = dead.record;
    logger.error(
      { consumer: consumer.name, family: task.family, position, kind, source, reason: dead.reason },
      'a consumer cannot take a record; it was moved to log_dead',
    );
    onDead(dead);
  }
}
