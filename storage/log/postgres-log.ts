import {
  type Checkpoints,
  type Consumer,
  type ConsumerLag,
  type ConsumerOptions,
  DefectError,
  type Family,
  type Log,
  type LogBatch,
  type LogRecord,
  type NewRecord,
  type Receipt,
  type Trouble,
  Troubles,
} from '../../domain/index.ts';
import { readLag } from './consuming/checkpoints.ts';
import { Consumers } from './consuming/consumers.ts';
import { logMetrics } from './metrics.ts';
import { requireNoStreams, streamLag } from './nats/ledger.ts';
import { DEFAULT_LIMITS, type LogLimits, type PostgresLogOptions, type StoppableHome } from './options.ts';
import { countAfter } from './postgres/heads.ts';
import { PostgresHome } from './postgres/home.ts';
import type { Queryable } from './queryable.ts';
import { recordsBehind } from './records-behind.ts';

/** The log with its home in PostgreSQL, or with its readings on NATS, and what consumes it. */
export class PostgresLog implements Log {
  readonly #options: PostgresLogOptions;
  readonly #limits: LogLimits;
  readonly #troubles: Troubles;
  readonly #home: StoppableHome;
  readonly #consumers: Consumers;
  #isRunning = false;

  constructor(options: PostgresLogOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const troubles = options.troubles ?? new Troubles();
    const common = { ...options, limits, troubles, metrics: logMetrics(options.meter) };
    this.#options = options;
    this.#limits = limits;
    this.#troubles = troubles;
    const ofHome = { ...common, onSegment: () => void this.maintain() };
    this.#home = options.home?.(ofHome) ?? new PostgresHome(ofHome);
    this.#consumers = new Consumers({ ...common, home: this.#home });
  }

  /**
   * @throws {UnavailableError} if the database is away
   * @throws {ConflictError} LOG_ON_NATS
   */
  async start(): Promise<void> {
    if (this.#options.home === undefined) await requireNoStreams(this.#options.database);
    await this.#home.start();
    await this.#consumers.start();
    this.#isRunning = true;
  }

  /** Commits what is queued, lets consumers finish their batches, and lets go of everything. */
  async stop(): Promise<void> {
    await this.#home.stop();
    await this.#consumers.stop();
    // A server that has stopped answering does not keep us.
    const isDone = new AbortController();
    const patience = this.#options.time.sleep('log stop', this.#limits.appendTimeoutMs, isDone.signal);
    await Promise.race([Promise.all([this.#home.idle(), this.#consumers.idle()]), patience]);
    isDone.abort();
  }

  append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    return this.#home.append(records);
  }

  consumer(options: ConsumerOptions): Consumer {
    return this.#consumers.consumer(options);
  }

  follow(families: readonly Family[], onBatch: (batch: LogBatch) => void): { stop(): void } {
    if (!this.#isRunning) throw new DefectError('LOG_NOT_STARTED', 'a log is followed after its start');
    return this.#consumers.follow(families, onBatch);
  }

  heads(): Promise<Checkpoints> {
    return this.#home.heads();
  }

  checkpoints(consumer: string): Promise<Checkpoints> {
    return this.#consumers.checkpoints(consumer);
  }

  lag(): Promise<readonly ConsumerLag[]> {
    return this.#consumers.lag();
  }

  /** What follows a consumer's checkpoints in a family, slice by slice, without taking anything. */
  recordsAfter(family: Family, checkpoints: Checkpoints): AsyncGenerator<readonly LogRecord[]> {
    return recordsBehind(this.#home, family, checkpoints);
  }

  troubles(): readonly Trouble[] {
    return this.#troubles.list();
  }

  /** A consumer that is gone for good no longer holds segments back. @returns whether there was one of that name */
  forget(consumer: string): Promise<boolean> {
    return this.#consumers.forget(consumer);
  }

  /** Upkeep now instead of at the next turn of its timer: segments, cap, lag. Failures are counted. */
  maintain(): Promise<void> {
    return this.#consumers.maintain();
  }
}

/** Records that a consumer has not had yet, over all it consumes, on streams messages; for who has no log open. */
export async function checkpointLag(client: Queryable, consumer: string): Promise<number> {
  const lag = await readLag(client, (positions) => countAfter(client, positions));
  const inTables = lag.filter((one) => one.consumer === consumer).reduce((sum, { records }) => sum + records, 0);
  return inTables + (await streamLag(client, consumer));
}
