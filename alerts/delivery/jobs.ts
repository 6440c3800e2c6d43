import type { Job, JobsOptions, PgPool } from 'bullmq';
import type pg from 'pg';
import { type Logger, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { asUnavailable, openPool } from '../../storage/index.ts';

/** The jobs of one channel: a queue and the worker that empties it. */
export interface Jobs {
  /** Makes a job for each id that has none. @throws {UnavailableError} JOB_QUEUE_UNAVAILABLE the server does not answer */
  add(ids: readonly string[]): Promise<void>;
  /** @throws {UnavailableError} JOB_QUEUE_UNAVAILABLE the server does not answer */
  check(): Promise<void>;
  /** Waits for the jobs under way. */
  close(): Promise<void>;
}

export interface JobsOptionsOf {
  readonly channel: string;
  /** Jobs worked on at the same time. */
  readonly concurrency: number;
  /** @returns ms until the job is to run again, or null when it is done with */
  readonly run: (id: string) => Promise<number | null>;
  readonly onError: (error: Error) => void;
  /** The server, which had not answered {@link Jobs.add}, has. */
  readonly onAnswer: () => void;
}

/** Where jobs live. */
export interface JobBackend {
  open(options: JobsOptionsOf): Promise<Jobs>;
  close(): Promise<void>;
}

/** A worker that died holds its job this long; one that lives renews. */
const LOCK_MS = 15_000;
const LOOK_FOR_DEAD_WORKERS_MS = 5_000;
/** The outbox keeps what matters: jobs are gone when done, so that the sweeper can make them again. */
const EPHEMERAL: JobsOptions = { removeOnComplete: true, removeOnFail: true };
/** BullMQ writes an event per step of a job; nobody reads them here. */
const EVENTS_KEPT = 100;
/** BullMQ's own schema, apart from ours. */
const SCHEMA = 'bullmq';
const PAUSE_WHEN_AWAY_MS = 1_000;
/** A worker waits so long at Redis for a job, and a connection that carried nothing for longer while something was asked is dead. */
const REDIS_WAIT_S = 3;
const REDIS_SILENT_MS = 6_000;
/** What a Redis says that is no primary any more; scripts say it in the middle of a line. */
const NO_PRIMARY = /\b(?:READONLY|UNBLOCKED|MASTERDOWN)\b/;

export interface PostgresJobsOptions {
  readonly databaseUrl: string;
  readonly channels: number;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/**
 * BullMQ on PostgreSQL (docs/decisions/0007-jobs-on-bullmq.md). One pool for all channels; each worker takes one of its
 * connections for LISTEN. BullMQ's schema is migrated before a worker starts: on a schema that is not there it would
 * spin.
 */
export async function postgresJobs({ databaseUrl, channels, time, logger }: PostgresJobsOptions): Promise<JobBackend> {
  const { Queue, Worker, DelayedError, createPostgresBackend, runMigrations } = await import('bullmq');
  const { pool, close } = openPool(
    { url: databaseUrl, time, logger },
    {
      application_name: 'isotherm-jobs',
      options: `-c search_path=${SCHEMA} -c client_min_messages=warning`,
      max: channels + 3,
    },
  );
  const closing = new AbortController();
  const connection = patientPool(pool, time, closing.signal);
  try {
    const client = await pool.connect();
    await runMigrations(client, SCHEMA).finally(() => client.release());
  } catch (error) {
    await close();
    throw asUnavailable(error);
  }
  return {
    open: ({ channel, concurrency, run, ...listeners }) => {
      const options = { ...workerOptions(concurrency), connection };
      const queue = new Queue(queueName(channel), { ...queueOptions(), connection }, createPostgresBackend);
      const worker = new Worker(queueName(channel), processor(run, time, DelayedError), options, createPostgresBackend);
      return startJobs({ queue, worker, server: 'PostgreSQL', patienceMs: PATIENCE_MS }, time, listeners);
    },
    async close() {
      closing.abort();
      await close();
    },
  };
}

/** BullMQ on Redis. */
export async function redisJobs(redisUrl: string, time: TimeSource): Promise<JobBackend> {
  const { Queue, Worker, DelayedError } = await import('bullmq');
  const closing = new AbortController();
  const connection = {
    url: redisUrl,
    maxRetriesPerRequest: null,
    // Left to itself it would go on connecting to a server that is away after everything was closed.
    retryStrategy: () => (closing.signal.aborted ? null : PAUSE_WHEN_AWAY_MS),
    // A connection that died without a word; what was asked over it is asked again over another.
    socketTimeout: REDIS_SILENT_MS,
    // It was replaced, and the connection still leads to it: over a new one there is somebody who takes writes.
    reconnectOnError: ({ message }: Error) => NO_PRIMARY.test(message),
  };
  const prefix = 'isotherm';
  // Where it is away each further channel would wait as long again.
  let patienceMs = PATIENCE_MS;
  return {
    async open({ channel, concurrency, run, ...listeners }) {
      const options = { ...workerOptions(concurrency), connection, prefix, drainDelay: REDIS_WAIT_S };
      const queue = new Queue(queueName(channel), { ...queueOptions(), connection, prefix });
      const worker = new Worker(queueName(channel), processor(run, time, DelayedError), options);
      // The host alone: a password may stand in the rest.
      const server = `redis.url (REDIS_URL): the Redis at ${new URL(redisUrl).host}`;
      const began = time.monotonic();
      const jobs = await startJobs({ queue, worker, server, patienceMs }, time, listeners);
      patienceMs = Math.max(0, patienceMs - (time.monotonic() - began));
      return jobs;
    },
    close: async () => closing.abort(),
  };
}

function queueName(channel: string): string {
  return `alerts-${channel}`;
}

function queueOptions() {
  return { defaultJobOptions: EPHEMERAL, streams: { events: { maxLen: EVENTS_KEPT } } };
}

function workerOptions(concurrency: number) {
  return {
    autorun: false,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOOK_FOR_DEAD_WORKERS_MS,
    // A job that outlived many workers is still to be done; the outbox says when to give up.
    maxStalledCount: 1_000,
    runRetryDelay: PAUSE_WHEN_AWAY_MS,
  };
}

function processor(run: JobsOptionsOf['run'], time: TimeSource, Delayed: new () => Error) {
  return async (job: Pick<Job, 'id' | 'moveToDelayed'>, token?: string): Promise<void> => {
    if (job.id === undefined) return;
    const waitMs = await run(job.id);
    if (waitMs === null) return;
    await job.moveToDelayed(time.now() + waitMs, token);
    throw new Delayed();
  };
}

/** What this room uses of a queue and a worker, whatever their backend. */
interface Connected {
  waitUntilReady(): Promise<unknown>;
}

interface QueueFace extends Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  addBulk(jobs: { name: string; data: object; opts: JobsOptions }[]): Promise<unknown>;
  isPaused(): Promise<boolean>;
  close(): Promise<void>;
}

interface WorkerFace extends Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  run(): Promise<void>;
  /** @param force without waiting for jobs under way */
  close(force: boolean): Promise<void>;
}

async function startJobs(
  { queue, worker, server, patienceMs }: { queue: QueueFace; worker: WorkerFace; server: string; patienceMs: number },
  time: TimeSource,
  { onError, onAnswer }: Pick<JobsOptionsOf, 'onError' | 'onAnswer'>,
): Promise<Jobs> {
  queue.on('error', onError);
  worker.on('error', onError);
  const ready = Promise.all([worker, queue].map((part) => part.waitUntilReady()));
  // One that refuses us is not waited for; one that is away is, and keeps nothing else from starting.
  const isReady = await within(time, ready, patienceMs);
  ready.then(() => worker.run()).catch(onError);
  let unanswered: Promise<void> | null = null;
  const hear = (asked: Promise<unknown>) => {
    unanswered = asked.then(onAnswer, onError).finally(() => {
      unanswered = null;
    });
  };
  if (!isReady) hear(ready);
  /** The client keeps what it was asked until the server answers: more of it would fill memory, and come to nothing else. */
  const ask = async (question: () => Promise<unknown>): Promise<void> => {
    if (unanswered === null) {
      const asked = question();
      if (await within(time, asked)) return;
      hear(asked);
    }
    throw new UnavailableError('JOB_QUEUE_UNAVAILABLE', `${server} does not answer; notification jobs live there`);
  };
  return {
    add: (ids) =>
      ask(() => queue.addBulk(ids.map((jobId) => ({ name: 'deliver', data: {}, opts: { ...EPHEMERAL, jobId } })))),
    check: () => ask(() => queue.isPaused()),
    async close() {
      // Waiting for jobs waits for the server too, for good where it is away. Whatever it knows, the outbox knows.
      const isUp = await within(time, queue.isPaused(), PING_MS).catch(() => false);
      if (isUp) {
        await within(time, worker.close(false));
        await within(time, queue.close());
      } else {
        await Promise.all([within(time, worker.close(true), PING_MS), within(time, queue.close(), PING_MS)]);
      }
    },
  };
}

/** Longer than a delivery that is cut off when we stop. */
const PATIENCE_MS = 5_000;
const PING_MS = 1_000;

/** @returns false when it took too long; what it would still come to is nobody's concern then */
async function within(time: TimeSource, work: Promise<unknown>, ms: number = PATIENCE_MS): Promise<boolean> {
  const done = new AbortController();
  const settled = work.then(() => true);
  const late = time.sleep('alerts: wait for the job queue', ms, done.signal).then(() => false);
  try {
    return await Promise.race([settled, late]);
  } finally {
    done.abort();
    settled.catch(() => {});
  }
}

/**
 * A pool that takes its time to fail: BullMQ's worker asks again at once after any error but a refused connection, and
 * would fill a core while the database is away.
 */
function patientPool(pool: pg.Pool, time: TimeSource, closing: AbortSignal): PgPool {
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (asUnavailable(error) !== error) await time.sleep('alerts: database away', PAUSE_WHEN_AWAY_MS, closing);
      throw error;
    }
  };
  const listeners: ((error: Error) => void)[] = [];
  // BullMQ takes any pg.Pool; its own type of one does not know the overloads of @types/pg.
  const patient: unknown = {
    options: pool.options,
    query: (text: string, parameters?: unknown[]) => patiently(() => pool.query(text, parameters)),
    connect: () => patiently(() => pool.connect()),
    end: () => pool.end(),
    on: (event: 'error', listener: (error: Error) => void) => {
      listeners.push(listener);
      return pool.on(event, listener);
    },
    // Its own listeners, not the one that keeps a broken idle connection from ending the process.
    removeAllListeners: () => {
      for (const listener of listeners.splice(0)) pool.off('error', listener);
      return pool;
    },
  };
  return patient as PgPool;
}
