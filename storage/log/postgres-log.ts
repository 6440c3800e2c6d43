import { randomUUID } from 'node:crypto';
import {
  type Checkpoints,
  type Consumer,
  type ConsumerLag,
  type ConsumerOptions,
  DefectError,
  FAMILIES,
  type Family,
  type Log,
  type LogBatch,
  type NewRecord,
  type Receipt,
  type Trouble,
  Troubles,
  UnavailableError,
} from '../../domain/index.ts';
import { checkpointsOf, declareConsumer, forgetConsumer, readHeads, readLag } from './checkpoints.ts';
import { Committer } from './committer.ts';
import { PostgresConsumer } from './consumer.ts';
import { Follower } from './follower.ts';
import { type LogMetrics, logMetrics } from './metrics.ts';
import { DEFAULT_LIMITS, type DeadRecord, type LogLimits, type PostgresLogOptions } from './options.ts';
import { SEGMENT_WIDTH, Segments } from './segments.ts';
import { Tail } from './tail.ts';
import { Upkeep } from './upkeep.ts';

/** Written on every commit: `family/partition:head:tag`. */
const CHANNEL = 'isotherm_log';

/**
 * The log in Postgres tables. One appender commits for the whole process, consumers run on connections of their own,
 * and what was committed here is handed to them from memory; see docs/decisions/0003-the-log-in-postgres.md.
 */
export class PostgresLog implements Log {
  /** One machine's Postgres takes millions of readings a second through one partition; nothing is gained by more. */
  readonly partitions: Readonly<Record<Family, number>> = { readings: 1, trace: 1, originals: 1 };
  readonly #options: PostgresLogOptions;
  readonly #limits: LogLimits;
  readonly #metrics: LogMetrics;
  readonly #troubles: Troubles;
  readonly #tail: Tail;
  readonly #upkeep: Upkeep;
  readonly #committer: Committer;
  readonly #consumers = new Map<string, PostgresConsumer>();
  readonly #stopped = new AbortController();
  readonly #tag = randomUUID().slice(0, 8);
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #listening: { stop(): Promise<void> } | null = null;

  constructor(options: PostgresLogOptions) {
    const { database, time, logger } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.#troubles = options.troubles ?? new Troubles();
    this.#limits = limits;
    this.#metrics = logMetrics(options.meter);
    this.#tail = new Tail(limits);
    const segments = new Segments({ database, time, limits, metrics: this.#metrics });
    this.#upkeep = new Upkeep({
      database,
      time,
      logger,
      limits,
      segments,
      metrics: this.#metrics,
      running: () => [...this.#consumers.values()].filter(({ isRunning }) => isRunning).map(({ name }) => name),
      readHeads: () => this.#readHeads(),
    });
    this.#committer = new Committer({
      database,
      time,
      logger,
      limits,
      metrics: this.#metrics,
      troubles: this.#troubles,
      tag: this.#tag,
      fullBecause: () => this.#upkeep.full,
      createSegments: () => segments.createAhead(),
      onUnknown: () => void this.#upkeep.poll(),
      onCommitted: (part, records) => {
        this.#tail.committed(part.family, part.partition, part.previous, part.head, records);
        // A new segment: the one after it is due, and an old one may be past the cap.
        if (part.segment !== segmentOf(part.previous)) void this.#upkeep.maintain();
      },
    });
  }

  partitionOf(_slot: number): number {
    return 0;
  }

  /** @throws {UnavailableError} if the database is away */
  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new DefectError('LOG_STARTED', 'a log may be started once');
    this.#state = 'running';
    const { database, time, logger, expects = [] } = this.#options;
    for (const family of FAMILIES) {
      for (let partition = 0; partition < this.partitions[family]; partition++) {
        await database.query('INSERT INTO log_head (family, partition) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
          family,
          partition,
        ]);
      }
    }
    for (const consumer of [...expects, ...this.#consumers.values()]) {
      await declareConsumer(database, consumer, this.partitions, time.now());
    }
    this.#listening = await database.listen(
      CHANNEL,
      (payload) => this.#notified(payload),
      () => void this.#upkeep.poll(),
    );
    await this.#upkeep.start();
    logger.info({ heads: this.#tail.heads() }, 'the log is open');
  }

  /** Commits what is queued, lets consumers finish their batches, and lets go of everything. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#committer.stop();
    this.#stopped.abort(new UnavailableError('LOG_UNAVAILABLE', 'the log has been stopped'));
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop()));
    await this.#listening?.stop();
    // A server that has stopped answering does not keep us.
    const isDone = new AbortController();
    const patience = this.#options.time.sleep('log stop', this.#limits.appendTimeoutMs, isDone.signal);
    await Promise.race([this.#upkeep.stop(), patience]);
    isDone.abort();
  }

  append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    if (this.#state !== 'running') {
      return Promise.reject(new UnavailableError('LOG_UNAVAILABLE', 'the log is not running'));
    }
    try {
      for (const record of records) this.#check(record);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#committer.append(records);
  }

  consumer(options: ConsumerOptions): Consumer {
    if (this.#consumers.has(options.name)) {
      throw new DefectError('LOG_CONSUMER_TWICE', `the consumer ${options.name} is declared already`);
    }
    const { database, time, logger } = this.#options;
    const consumer = new PostgresConsumer(options, {
      database,
      time,
      logger,
      metrics: this.#metrics,
      limits: this.#limits,
      tail: this.#tail,
      troubles: this.#troubles,
      partitions: this.partitions,
      stopped: this.#stopped.signal,
      onDead: (dead) => this.#reportDead(dead),
    });
    this.#consumers.set(options.name, consumer);
    return consumer;
  }

  follow(families: readonly Family[], onBatch: (batch: LogBatch) => void): { stop(): void } {
    if (this.#state !== 'running') throw new DefectError('LOG_NOT_STARTED', 'a log is followed after its start');
    const { database, logger } = this.#options;
    const follower = new Follower({
      database,
      logger,
      tail: this.#tail,
      limits: this.#limits,
      metrics: this.#metrics,
      partitions: this.partitions,
      families,
      onBatch,
    });
    void follower.run();
    this.#stopped.signal.addEventListener('abort', () => follower.stop(), { once: true });
    return follower;
  }

  heads(): Promise<Checkpoints> {
    return readHeads(this.#options.database);
  }

  checkpoints(consumer: string): Promise<Checkpoints> {
    return checkpointsOf(this.#options.database, consumer);
  }

  async lag(): Promise<readonly ConsumerLag[]> {
    return readLag(this.#options.database);
  }

  troubles(): readonly Trouble[] {
    return this.#troubles.list();
  }

  /** A consumer that is gone for good no longer holds segments back. @returns whether there was one of that name */
  async forget(consumer: string): Promise<boolean> {
    const wasThere = await forgetConsumer(this.#options.database, consumer);
    await this.maintain();
    return wasThere;
  }

  /** Upkeep now instead of at the next turn of its timer: segments, cap, identities, lag. Failures are counted. */
  maintain(): Promise<void> {
    return this.#upkeep.maintain();
  }

  async #readHeads(): Promise<void> {
    const heads = await this.heads();
    for (const [key, head] of Object.entries(heads)) this.#reaches(key, head);
  }

  #notified(payload: string): void {
    const [key = '', head = '', tag] = payload.split(':');
    if (tag !== this.#tag) this.#reaches(key, Number(head));
  }

  #reaches(key: string, head: number): void {
    const [name, partition] = key.split('/');
    const family = FAMILIES.find((known) => known === name);
    if (family !== undefined) this.#tail.reaches(family, Number(partition), head);
  }

  #reportDead(dead: DeadRecord): void {
    try {
      this.#options.onDead?.(dead);
    } catch (error) {
      this.#metrics.failures.add(1, { consumer: dead.consumer, fault: 'hook' });
      this.#options.logger.error({ error, consumer: dead.consumer }, 'a dead record could not be reported');
    }
  }

  /** What the table would refuse must not take the others of its commit down with it. */
  #check({ family, partition = 0, source, sequence, arrival, version }: NewRecord): void {
    const isRight =
      Number.isInteger(partition) &&
      partition >= 0 &&
      partition < this.partitions[family] &&
      !source.includes('\0') &&
      (sequence === null || Number.isSafeInteger(sequence)) &&
      Number.isSafeInteger(arrival) &&
      Number.isInteger(version) &&
      Math.abs(version) <= 32_767;
    if (isRight) return;
    const details = { family, partition, source, sequence, arrival, version };
    throw new DefectError('LOG_RECORD_BAD', 'a record has a field the log cannot hold', details);
  }
}

function segmentOf(position: number): number {
  return Math.floor(position / SEGMENT_WIDTH);
}
