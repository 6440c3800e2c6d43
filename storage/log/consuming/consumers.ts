import {
  type Checkpoints,
  type Consumer,
  type ConsumerLag,
  type ConsumerOptions,
  DefectError,
  type Family,
  type LogBatch,
  type LogHome,
  type Troubles,
  UnavailableError,
} from '../../../domain/index.ts';
import { Leases } from '../../leases.ts';
import type { LogMetrics } from '../metrics.ts';
import type { DeadRecord, LogLimits, PostgresLogOptions } from '../options.ts';
import { checkpointsOf, declareConsumer, forgetConsumer, readLag } from './checkpoints.ts';
import { PostgresConsumer } from './consumer.ts';
import { Follower } from './follower.ts';
import { Upkeep } from './upkeep.ts';

export interface ConsumersOptions
  extends Pick<PostgresLogOptions, 'database' | 'time' | 'logger' | 'expects' | 'onDead'> {
  readonly home: LogHome;
  readonly limits: LogLimits;
  readonly metrics: LogMetrics;
  readonly troubles: Troubles;
}

/**
 * Who consumes a log, whatever its home: each consumer on a connection of its own, its checkpoint in the transaction of
 * its effects, retries and dead letters; and live views, which have none of that.
 */
export class Consumers {
  readonly #options: ConsumersOptions;
  readonly #consumers = new Map<string, PostgresConsumer>();
  readonly #leases: Leases;
  readonly #upkeep: Upkeep;
  readonly #stopped = new AbortController();

  constructor(options: ConsumersOptions) {
    this.#options = options;
    this.#leases = new Leases({ ...options, leaseMs: options.limits.leaseMs });
    this.#upkeep = new Upkeep({
      ...options,
      running: () => [...this.#consumers.values()].filter(({ isRunning }) => isRunning).map(({ name }) => name),
    });
  }

  /** After the home. @throws {UnavailableError} if the database is away */
  async start(): Promise<void> {
    const { database, home, time, expects = [] } = this.#options;
    for (const consumer of [...expects, ...this.#consumers.values()]) {
      await declareConsumer(database, consumer, home.partitions, time.now());
    }
    await this.#upkeep.start();
  }

  /** Lets consumers finish their batches. */
  async stop(): Promise<void> {
    this.#stopped.abort(new UnavailableError('LOG_UNAVAILABLE', 'the log has been stopped'));
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop()));
  }

  /** Ends the upkeep. */
  idle(): Promise<void> {
    return this.#upkeep.stop();
  }

  consumer(options: ConsumerOptions): Consumer {
    if (this.#consumers.has(options.name)) {
      throw new DefectError('LOG_CONSUMER_TWICE', `the consumer ${options.name} is declared already`);
    }
    const consumer = new PostgresConsumer(options, {
      ...this.#options,
      leases: this.#leases,
      stopped: this.#stopped.signal,
      onDead: (dead) => this.#reportDead(dead),
    });
    this.#consumers.set(options.name, consumer);
    return consumer;
  }

  follow(families: readonly Family[], onBatch: (batch: LogBatch) => void): { stop(): void } {
    const follower = new Follower({ ...this.#options, families, onBatch });
    void follower.run();
    this.#stopped.signal.addEventListener('abort', () => follower.stop(), { once: true });
    return follower;
  }

  checkpoints(consumer: string): Promise<Checkpoints> {
    return checkpointsOf(this.#options.database, consumer);
  }

  lag(): Promise<readonly ConsumerLag[]> {
    const { database, home } = this.#options;
    return readLag(database, (positions) => home.count(positions));
  }

  async forget(consumer: string): Promise<boolean> {
    const wasThere = await forgetConsumer(this.#options.database, consumer);
    await this.maintain();
    return wasThere;
  }

  maintain(): Promise<void> {
    return this.#upkeep.maintain();
  }

  #reportDead(dead: DeadRecord): void {
    try {
      this.#options.onDead?.(dead);
    } catch (error) {
      this.#options.metrics.failures.add(1, { consumer: dead.consumer, fault: 'hook' });
      this.#options.logger.error({ error, consumer: dead.consumer }, 'a dead record could not be reported');
    }
  }
}
