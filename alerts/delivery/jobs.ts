import type { Job, JobsOptions, PgPool } from 'bullmq';
import pg from 'pg';
import { type TimeSource, UnavailableError } from '../../domain/index.ts';
import { asUnavailable, connectionTo } from '../../storage/index.ts';

/** The jobs of one channel: a queue and the worker that empties it. */
export interface Jobs {
  /** Makes a job for each id that has none. */
  add(ids: readonly string[]): Promise<void>;
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

/**
 * BullMQ on PostgreSQL (docs/decisions/0007-jobs-on-bullmq.md). One pool for all channels; each worker takes one of its
 * connections for LISTEN. BullMQ's schema is migrated before a worker starts: on a schema that is not there it would
 * spin.
 */
export async function postgresJobs(databaseUrl: string, channels: number, time: TimeSource): Promise<JobBackend> {
  const { Queue, Worker, DelayedError, createPostgresBackend, runMigrations } = await import('bullmq');
  const pool = new pg.Pool({
    ...connectionTo(
      { url: databaseUrl, time },
      { application_name: 'isotherm-jobs', options: `-c search_path=${SCHEMA} -c client_min_messages=warning` },
    ),
    max: channels + 3,
  });
  // An idle connection broke; the pool has dropped it already and whoever asks next gets a new one.
  pool.on('error', () => {});
  const closing = new AbortController();
  const connection = patientPool(pool, time, closing.signal);
  try {
    const client = await pool.connect();
    await runMigrations(client, SCHEMA).finally(() => client.release());
  } catch (error) {
    await pool.end();
    throw asUnavailable(error);
  }
  return {
    open: ({ channel, concurrency, run, onError }) => {
      const options = { ...workerOptions(concurrency), connection };
      const queue = new Queue(queueName(channel), { ...queueOptions(), connection }, createPostgresBackend);
      const worker = new Worker(queueName(channel), processor(run, time, DelayedError), options, createPostgresBackend);
      return startJobs({ queue, worker, server: 'PostgreSQL' }, time, onError);
    },
    async close() {
      closing.abort();
      await pool.end();
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
  };
  const prefix = 'isotherm';
  return {
    open: ({ channel, concurrency, run, onError }) => {
      const options = { ...workerOptions(concurrency), connection, prefix };
      const queue = new Queue(queueName(channel), { ...queueOptions(), connection, prefix });
      const worker = new Worker(queueName(channel), processor(run, time, DelayedError), options);
      // The host alone: a password may stand in the rest.
      const server = `redis.url (REDIS_URL): the Redis at ${new URL(redisUrl).host}`;
      return startJobs({ queue, worker, server }, time, onError);
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
  /** Lets go of its connections, whatever is under way. */
  disconnect(): Promise<void>;
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
  { queue, worker, server }: { queue: QueueFace; worker: WorkerFace; server: string },
  time: TimeSource,
  onError: (error: Error) => void,
): Promise<Jobs> {
  queue.on('error', onError);
  worker.on('error', onError);
  const both = [worker, queue];
  const isReady = await within(time, Promise.all(both.map((part) => part.waitUntilReady())));
  if (!isReady) {
    for (const part of both) part.disconnect().catch(onError);
    throw new UnavailableError('JOB_QUEUE_UNAVAILABLE', `${server} does not answer; notification jobs live there`);
  }
  worker.run().catch(onError);
  return {
    async add(ids) {
      await queue.addBulk(ids.map((jobId) => ({ name: 'deliver', data: {}, opts: { ...EPHEMERAL, jobId } })));
    },
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
