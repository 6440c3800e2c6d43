import type { Logger, Meter, Timer, TimeSource, Troubles } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import type { Channel } from '../config.ts';
import { type DeliveryMetrics, deliveryMetrics } from '../metrics.ts';
import { type JobBackend, type Jobs, postgresJobs, redisJobs } from './jobs.ts';
import {
  forgetDelivered,
  giveUpOrphans,
  markDelivered,
  markFailed,
  markQueued,
  newMessages,
  OUTBOX_CHANNEL,
  outboxState,
  overdueMessages,
  pendingMessage,
} from './outbox.ts';
import { RETRY_SCHEDULE, type RetrySchedule, waitBeforeRetry } from './retry.ts';
import { type WebhookSender, webhookSender } from './webhook.ts';

export interface NotifierDependencies {
  readonly database: Database;
  /** Where jobs live, unless there is a Redis; default: in the same database. */
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | null | undefined;
  readonly channels: readonly Channel[];
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Where a receiver or a job queue that only fails is seen. Default: nowhere. */
  readonly troubles?: Troubles;
  /** Default: that of the contract. */
  readonly schedule?: RetrySchedule;
}

const SWEEP_EVERY_MS = 30_000;
/** Messages under way to one receiver at the same time. */
const CONCURRENCY = 5;
const MESSAGES_AT_ONCE = 500;
const KEEP_DELIVERED_MS = 7 * 24 * 3_600_000;
/** How long a receiver may take to finish its answer when we stop. */
const GRACE_MS = 2_000;

interface OpenChannel {
  readonly channel: Channel;
  readonly jobs: Jobs;
}

/**
 * Tells the configured channels what the outbox holds, until each message is delivered or given up. Every channel has
 * a queue of its own: a dead receiver lags alone. Jobs carry the work and remember nothing that the outbox does not
 * know: whatever they lose, the sweeper makes again. A message may arrive twice, under the same `webhook-id`.
 */
export class Notifier {
  readonly #dependencies: NotifierDependencies;
  readonly #metrics: DeliveryMetrics;
  readonly #stopping = new AbortController();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #backend: JobBackend | null = null;
  #channels: OpenChannel[] = [];
  #listening: { stop(): Promise<void> } | null = null;
  #timer: Timer | null = null;
  #work: Promise<void> | null = null;
  #isWanted = false;
  #isSweepWanted = false;

  constructor(dependencies: NotifierDependencies) {
    this.#dependencies = dependencies;
    this.#metrics = deliveryMetrics(dependencies.meter);
  }

  /** @throws {UnavailableError} JOB_QUEUE_UNAVAILABLE, DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    const { database, databaseUrl, redisUrl, channels, time } = this.#dependencies;
    this.#state = 'running';
    if (channels.length > 0) {
      const backend =
        redisUrl == null
          ? await postgresJobs(databaseUrl ?? database.url, channels.length, time)
          : await redisJobs(redisUrl, time);
      this.#backend = backend;
      try {
        for (const channel of channels) this.#channels.push(await this.#open(backend, channel));
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
    const look = () => this.#look(false);
    this.#listening = await database.listen(OUTBOX_CHANNEL, look, look);
    this.#timer = time.every('alerts: sweep the outbox', SWEEP_EVERY_MS, () => this.#look(true));
    this.#look(true);
  }

  /** Lets deliveries under way finish for a moment; what is cut off is delivered after the next start. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.cancel();
    const grace = this.#dependencies.time.after('alerts: let deliveries finish', GRACE_MS, () =>
      this.#stopping.abort(),
    );
    await this.#listening?.stop();
    // A job queue that is away takes no jobs; what it was to be given stays in the outbox.
    await Promise.race([this.#work, untilAborted(this.#stopping.signal)]);
    await Promise.all(this.#channels.map(({ jobs }) => jobs.close()));
    grace.cancel();
    await this.#backend?.close();
  }

  async #open(backend: JobBackend, channel: Channel): Promise<OpenChannel> {
    const { time, logger } = this.#dependencies;
    const sender = webhookSender(channel, time);
    const jobs = await backend.open({
      channel: channel.id,
      concurrency: CONCURRENCY,
      run: (id) => this.#deliver(channel.id, sender, id),
      onError: (error) => {
        this.#metrics.jobErrors.add();
        logger.debug({ channel: channel.id, error }, 'the job queue stumbled');
      },
    });
    return { channel, jobs };
  }

  /** @returns ms until the next attempt, or null when nothing is left to do */
  async #deliver(channel: string, sender: WebhookSender, id: string): Promise<number | null> {
    const { database, time, logger, troubles, schedule = RETRY_SCHEDULE } = this.#dependencies;
    const message = await pendingMessage(database, id);
    if (message === null) return null;
    const started = time.monotonic();
    let failure: Error | null = null;
    try {
      await sender.send(message, this.#stopping.signal);
    } catch (error) {
      // Cut off by our own stop: not the receiver's failure. The job ends here, the message waits in the outbox.
      if (this.#stopping.signal.aborted) throw error;
      failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#metrics.seconds.observe((time.monotonic() - started) / 1000, { channel });
    const now = time.now();
    if (failure === null) {
      troubles?.passed(`channel:${channel}`);
      await markDelivered(database, id, now);
      this.#metrics.attempts.add(1, { channel, outcome: 'delivered' });
      return null;
    }
    troubles?.failed(`channel:${channel}`, failure, now);
    const attempts = message.attempts + 1;
    const waitMs = waitBeforeRetry(schedule, attempts, now - message.createdAt, Math.random());
    const nextAttempt = waitMs === null ? null : now + waitMs;
    await markFailed(database, id, { error: failure.message.slice(0, 500), now, nextAttempt });
    this.#metrics.attempts.add(1, { channel, outcome: waitMs === null ? 'dead' : 'failed' });
    const fields = { channel, message: id, attempts, reason: failure.message };
    if (waitMs === null) logger.error(fields, 'a message was given up');
    else if (attempts === 1) logger.warn(fields, 'a message could not be delivered; it is tried again');
    return waitMs;
  }

  #look(isSweep: boolean): void {
    this.#isWanted = true;
    this.#isSweepWanted ||= isSweep;
    if (this.#state !== 'running' || this.#work !== null) return;
    this.#work = this.#makeJobs().finally(() => {
      this.#work = null;
      if (this.#isWanted) this.#look(false);
    });
  }

  async #makeJobs(): Promise<void> {
    const { logger, time, troubles } = this.#dependencies;
    const isSweep = this.#isSweepWanted;
    this.#isWanted = false;
    this.#isSweepWanted = false;
    try {
      await Promise.all(this.#channels.map((open) => this.#makeJobsFor(open, isSweep)));
      if (isSweep) await this.#tidy();
      troubles?.passed('notifier');
    } catch (error) {
      this.#metrics.jobErrors.add();
      troubles?.failed('notifier', error, time.now());
      logger.warn({ error }, 'the outbox could not be looked through; it is again in 30 s');
    }
  }

  async #makeJobsFor({ channel, jobs }: OpenChannel, isSweep: boolean): Promise<void> {
    const { database, time } = this.#dependencies;
    for (;;) {
      const ids = await newMessages(database, channel.id, MESSAGES_AT_ONCE);
      if (ids.length === 0) break;
      await jobs.add(ids);
      await markQueued(database, ids, time.now());
    }
    if (!isSweep) return;
    const overdue = await overdueMessages(database, channel.id, time.now(), MESSAGES_AT_ONCE);
    if (overdue.length > 0) await jobs.add(overdue);
  }

  async #tidy(): Promise<void> {
    const { database, channels, time, schedule = RETRY_SCHEDULE } = this.#dependencies;
    const now = time.now();
    const ids = channels.map(({ id }) => id);
    await giveUpOrphans(database, ids, { now, olderThan: now - schedule.giveUpMs });
    await forgetDelivered(database, now - KEEP_DELIVERED_MS);
    const states = new Map((await outboxState(database)).map((state) => [state.channel, state]));
    for (const channel of new Set([...ids, ...states.keys()])) {
      const state = states.get(channel);
      this.#metrics.pending.set(state?.pending ?? 0, { channel });
      this.#metrics.dead.set(state?.dead ?? 0, { channel });
      this.#metrics.oldest.set(state?.oldest == null ? 0 : (now - state.oldest) / 1000, { channel });
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
