import {
  type Checkpoints,
  ConflictError,
  type Consumer,
  type ConsumerOptions,
  DefectError,
  type Family,
  type Following,
  type LogReader,
} from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { Lease, Leases } from '../../leases.ts';
import { type Connection, openConnection } from '../connection.ts';
import type { Queryable } from '../queryable.ts';
import { checkpointsOf, declareConsumer, ownerOf } from './checkpoints.ts';
import { ConsumerSession, type ConsumerSessionParts } from './consumer-session.ts';
import { PoisonIsolation } from './poison-isolation.ts';
import { hasPassed, Waiters } from './waiters.ts';
import { WakeUp } from './wake-up.ts';

/** Another server takes writes by then, where the database has stand-bys: until then it is tried each second. */
const FAILOVER_MS = 60_000;
const FAILOVER_PAUSE_MS = 1_000;

export interface ConsumerParts extends Omit<ConsumerSessionParts, 'following'> {
  readonly database: Database;
  readonly leases: Leases;
  /** Aborted when the log stops. */
  readonly stopped: AbortSignal;
}

/**
 * One consumer on a connection of its own. A lease makes it this process's, so that another one with the same consumer
 * stands by. While it has the lease it runs a {@link ConsumerSession}; when the connection breaks or the lease ends it takes
 * the consumer anew and starts from the checkpoint in the table.
 */
export class PostgresConsumer implements Consumer, LogReader {
  readonly name: string;
  readonly families: readonly Family[];
  readonly isMandatory: boolean;
  /** What it has committed; empty while the consumer is not its own. */
  positions: Checkpoints = {};
  readonly #options: ConsumerOptions;
  readonly #parts: ConsumerParts;
  readonly #wakeUp = new WakeUp();
  readonly #waiters = new Waiters();
  readonly #isolation = new PoisonIsolation();
  readonly #stopping = new AbortController();
  readonly #wakeSleeper = () => this.#wakeUp.wake();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #isActive = false;
  #running: Promise<void> | null = null;
  #asking: Promise<void> | null = null;

  constructor(options: ConsumerOptions, parts: ConsumerParts) {
    this.name = options.name;
    this.families = options.families;
    this.isMandatory = options.isMandatory;
    this.#options = options;
    this.#parts = parts;
  }

  /** It is this process's and has been restored. */
  get isActive(): boolean {
    return this.#isActive;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  async start(): Promise<void> {
    if (this.#state !== 'idle') {
      throw new DefectError('LOG_CONSUMER_STARTED', `the consumer ${this.name} may be started once`);
    }
    this.#state = 'running';
    const { database, home, time, stopped } = this.#parts;
    await declareConsumer(database, this, home.partitions, time.now());
    const following = home.follow(this);
    stopped.addEventListener('abort', () => this.#end(), { once: true });
    if (stopped.aborted) this.#end();
    this.#running = this.#run(following);
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#running;
  }

  wake(): void {
    this.#wakeUp.wake();
  }

  passed(asked: Checkpoints, signal?: AbortSignal): Promise<void> {
    const own = Object.entries(asked).filter(([key]) => this.families.some((family) => key.startsWith(`${family}/`)));
    const positions = Object.fromEntries(own);
    if (this.#isActive && hasPassed(this.positions, positions)) return Promise.resolve();
    const { stopped } = this.#parts;
    const reached = this.#waiters.wait(positions, signal === undefined ? stopped : AbortSignal.any([stopped, signal]));
    this.#asking ??= this.#ask();
    return reached;
  }

  #end(): void {
    this.#state = 'stopped';
    this.#stopping.abort();
    this.#wakeUp.wake();
  }

  async #run(following: Following): Promise<void> {
    const { time, limits, logger, metrics, troubles } = this.#parts;
    let pauseMs = limits.firstPauseMs;
    let failingSince: number | null = null;
    while (!this.#stopping.signal.aborted) {
      let lease: Lease | null = null;
      let connection: Connection | null = null;
      try {
        const taken = await this.#takeLease();
        if (taken === null) break;
        lease = taken.lease;
        this.#options.turns?.told(this.name, true);
        connection = await this.#openConnection();
        lease.lost.addEventListener('abort', connection.destroy, { once: true });
        if (lease.lost.aborted) connection.destroy();
        await endFormer(connection.client);
        await this.#work(connection, following, { epoch: lease.epoch, over: taken.over }, () => {
          pauseMs = limits.firstPauseMs;
          failingSince = null;
        });
      } catch (thrown) {
        // Whose connection was closed since another has its work is told that, and not that a connection was closed.
        const { reason } = lease?.lost ?? {};
        const error: unknown = reason instanceof ConflictError ? reason : thrown;
        metrics.failures.add(1, { consumer: this.name, fault: 'unavailable' });
        troubles.failed(this.name, error, time.now());
        logger.warn(
          { error, consumer: this.name },
          'a consumer lost its connection; it takes up its work on a new one',
        );
        await time.sleep(`log ${this.name} pause`, pauseMs, this.#stopping.signal);
        failingSince ??= time.monotonic();
        const isFailover = time.monotonic() - failingSince < FAILOVER_MS;
        pauseMs = Math.min(pauseMs * 2, limits.longestPauseMs, isFailover ? FAILOVER_PAUSE_MS : limits.longestPauseMs);
      } finally {
        this.#setActive(false);
        if (connection !== null) lease?.lost.removeEventListener('abort', connection.destroy);
        // First the connection: what it may still have under way is waited for by the next owner.
        await connection?.close();
        if (lease !== null) {
          this.#options.handler.released?.();
          await lease.release();
          this.#options.turns?.told(this.name, false);
        }
      }
    }
    following.stop();
  }

  #openConnection(): Promise<Connection> {
    const { database, time, limits } = this.#parts;
    const name = `isotherm log ${this.name}`;
    // Effects are made again from the log, and a crash takes them and their checkpoint back together: nothing waits
    // for their commit to reach the disk.
    const settings = { jit: 'off', synchronous_commit: 'off' };
    return openConnection({ database, time, name, timeoutMs: limits.appendTimeoutMs, settings });
  }

  /** @returns null when asked to stop */
  async #takeLease(): Promise<{ readonly lease: Lease; readonly over: AbortSignal | null } | null> {
    const { leases, time, limits, logger } = this.#parts;
    const { turns } = this.#options;
    for (let asked = 0; !this.#stopping.signal.aborted; asked++) {
      const over = turns === undefined ? null : await turns.ask(this.name);
      const isTurn = turns === undefined || over !== null;
      const lease = isTurn ? await leases.take(ownerOf(this.name)) : null;
      if (lease !== null) return { lease, over };
      if (asked === 0) logger.info({ consumer: this.name }, 'another process runs this consumer; standing by');
      await time.sleep(`log ${this.name} standby`, limits.standbyMs, this.#stopping.signal);
    }
    return null;
  }

  async #work(
    connection: Connection,
    following: Following,
    { epoch, over }: { readonly epoch: number; readonly over: AbortSignal | null },
    onProgress: () => void,
  ): Promise<void> {
    const { signal } = this.#stopping;
    over?.addEventListener('abort', this.#wakeSleeper, { once: true });
    const session = new ConsumerSession({
      ...this.#parts,
      connection,
      following,
      epoch,
      consumer: this.#options,
      isolation: this.#isolation,
      wakeUp: this.#wakeUp,
      stopping: over === null ? signal : AbortSignal.any([signal, over]),
      onCheckpoints: (checkpoints) => {
        this.positions = checkpoints;
        this.#setActive(true);
        this.#waiters.reached(checkpoints);
        onProgress();
      },
    });
    try {
      await session.work();
    } finally {
      over?.removeEventListener('abort', this.#wakeSleeper);
    }
  }

  #setActive(isActive: boolean): void {
    this.#isActive = isActive;
    if (!isActive) this.positions = {};
    this.#parts.metrics.active.set(isActive ? 1 : 0, { consumer: this.name });
  }

  /** While another process runs the consumer, its progress is in the table. */
  async #ask(): Promise<void> {
    const { database, time, limits, stopped, metrics } = this.#parts;
    while (!this.#waiters.isEmpty && !stopped.aborted) {
      if (!this.#isActive) {
        try {
          this.#waiters.reached(await checkpointsOf(database, this.name));
        } catch {
          // Away; those who wait have a signal of their own.
          metrics.upkeepFailures.add(1, { step: 'passed' });
        }
      }
      if (!this.#waiters.isEmpty) await time.sleep(`log ${this.name} passed`, limits.passedPollMs, stopped);
    }
    this.#asking = null;
  }
}

/**
 * Ends what a former owner of this consumer has under way in our tables: it cannot be committed any more, and of one that stands still,
 * or whose machine is gone, it would keep its rows locked until TCP gives it up, hours later.
 * @param client this owner's, called as the former one's was
 */
async function endFormer(client: Queryable): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
      WHERE a.application_name = current_setting('application_name') AND a.pid <> pg_backend_pid() AND a.datname = current_database()
        AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                     WHERE l.pid = a.pid AND c.relnamespace = current_schema()::regnamespace)`,
    [],
  );
}
