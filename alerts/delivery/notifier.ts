import {
  type Logger,
  type Meter,
  type Outgoing,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { CHANNELS_CHANGED, type Channels } from '../channels.ts';
import type { Channel } from '../config.ts';
import type { AcknowledgePins } from '../message/acknowledge-pins.ts';
import type { MessageLinks } from '../message/message.ts';
import { type DeliveryMetrics, deliveryMetrics } from '../metrics.ts';
import type { BrowserPush } from '../push/browser-push.ts';
import { noteDelivery } from '../routing/notice-store.ts';
import { type JobBackend, type Jobs, postgresJobs, redisJobs } from './jobs.ts';
import {
  earlierMessage,
  forgetDelivered,
  giveUpAfter,
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
import type { FindRecipients } from './recipients.ts';
import { RETRY_SCHEDULE, type RetrySchedule, waitBeforeRetry } from './retry.ts';
import { type Sender, senderOf } from './sender.ts';

export interface NotifierDependencies {
  readonly database: Database;
  /** Where jobs live, unless there is a Redis; default: in the same database. */
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | null | undefined;
  /** To whom a message goes; default: to the addresses of the channel. */
  readonly recipients?: FindRecipients | undefined;
  /** Tells people in their browsers. */
  readonly push?: Pick<BrowserPush, 'send'> | undefined;
  /** Makes PINs for messages to phones; absent: nobody takes answers. */
  readonly pins?: Pick<AcknowledgePins, 'make' | 'makeForGroup'> | undefined;
  /** Those of the configuration. */
  readonly channels: readonly Channel[];
  /** Those that people made; they come, change and go while this runs. */
  readonly kept?: Pick<Channels, 'kept'> | undefined;
  /** Judges where those lead. */
  readonly outgoing?: Outgoing | undefined;
  /** Where the links of messages lead. */
  readonly links?: ((channel: string) => MessageLinks) | undefined;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Where a receiver or a job queue that only fails is seen. Default: nowhere. */
  readonly troubles?: Troubles;
  /** Default: that of the contract. */
  readonly schedule?: RetrySchedule;
}

const SWEEP_EVERY_MS = 30_000;
/** After a look that failed. */
const LOOK_AGAIN_MS = 5_000;
/** Messages under way to one receiver at the same time. */
const CONCURRENCY = 5;
const MESSAGES_AT_ONCE = 500;
/** Connections of the pool for channels that people make. */
const MOST_KEPT = 16;
const KEEP_DELIVERED_MS = 7 * 24 * 3_600_000;
/** How long a receiver may take to finish its answer when we stop. */
const GRACE_MS = 2_000;
/** A message that waits for an earlier one of its alert looks again so long after that is due. */
const AFTER_EARLIER_MS = 250;
const NO_LINKS = (): MessageLinks => ({ page: '', acknowledge: null });

interface OpenChannel {
  /** Of one that a person made; null of the configuration. */
  readonly version: string | null;
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
  #listening: readonly { stop(): Promise<void> }[] = [];
  #timer: Timer | null = null;
  #again: Timer | null = null;
  #work: Promise<void> | null = null;
  #isWanted = false;
  #isSweepWanted = false;
  /** The last look through the outbox. */
  #isFailing = false;

  constructor(dependencies: NotifierDependencies) {
    this.#dependencies = dependencies;
    this.#metrics = deliveryMetrics(dependencies.meter);
  }

  /** A Redis that is away keeps it from nothing: messages wait, and it is a trouble. @throws {UnavailableError} DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    const { database, channels, time } = this.#dependencies;
    this.#state = 'running';
    try {
      for (const channel of channels) this.#channels.push(await this.#open(channel, null));
      await this.#openKept();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const look = () => this.#look(false);
    const lookAtAll = () => this.#look(true);
    this.#listening = [
      await database.listen(OUTBOX_CHANNEL, look, look),
      await database.listen(CHANNELS_CHANGED, lookAtAll, lookAtAll),
    ];
    this.#timer = time.every('alerts: sweep the outbox', SWEEP_EVERY_MS, () => this.#look(true));
    this.#look(true);
  }

  /** Lets deliveries under way finish for a moment; what is cut off is delivered after the next start. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.cancel();
    this.#again?.cancel();
    const grace = this.#dependencies.time.after('alerts: let deliveries finish', GRACE_MS, () =>
      this.#stopping.abort(),
    );
    for (const listening of this.#listening) await listening.stop();
    // A job queue that is away takes no jobs; what it was to be given stays in the outbox.
    await Promise.race([this.#work, untilAborted(this.#stopping.signal)]);
    await Promise.all(this.#channels.map(({ jobs }) => jobs.close()));
    grace.cancel();
    await this.#backend?.close();
  }

  /** Channels that people made, as they are now: new ones open, those that were changed or removed close. */
  async #openKept(): Promise<void> {
    const kept = (await this.#dependencies.kept?.kept()) ?? [];
    const isAsBefore = ({ channel, version }: OpenChannel) =>
      version === null || kept.some((one) => one.channel.id === channel.id && one.version === version);
    const closing = this.#channels.filter((open) => !isAsBefore(open));
    this.#channels = this.#channels.filter(isAsBefore);
    await Promise.all(closing.map(({ jobs }) => jobs.close()));
    for (const { channel, version } of kept) {
      if (this.#channels.some((open) => open.channel.id === channel.id)) continue;
      this.#channels.push(await this.#open(channel, version));
    }
    for (const { channel } of closing) {
      if (!this.#channels.some((open) => open.channel.id === channel.id)) {
        this.#dependencies.troubles?.passed(`channel:${channel.id}`);
      }
    }
  }

  /** The first channel opens it: an installation that tells nobody has no jobs. */
  async #jobBackend(): Promise<JobBackend> {
    const { database, databaseUrl, redisUrl, channels, time, logger } = this.#dependencies;
    this.#backend ??=
      redisUrl == null
        ? await postgresJobs({
            ...{ databaseUrl: databaseUrl ?? database.url, channels: channels.length + MOST_KEPT },
            ...{ time, logger },
          })
        : await redisJobs(redisUrl, time);
    return this.#backend;
  }

  /** @param version null of one of the configuration, which is the operator's word */
  async #open(channel: Channel, version: string | null): Promise<OpenChannel> {
    const { time, logger, outgoing = null, links = NO_LINKS, recipients, push, pins } = this.#dependencies;
    const backend = await this.#jobBackend();
    const sender = senderOf(channel, {
      ...{ time, links, recipients, push, pins },
      outgoing: version === null ? null : outgoing,
    });
    const jobs = await backend.open({
      channel: channel.id,
      concurrency: CONCURRENCY,
      run: (id) => this.#deliver(channel.id, sender, id),
      onError: (error) => {
        this.#metrics.jobErrors.add();
        logger.debug({ channel: channel.id, error }, 'the job queue stumbled');
      },
      onAnswer: () => this.#look(true),
    });
    return { version, channel, jobs };
  }

  /** @returns ms until the next attempt, or null when nothing is left to do */
  async #deliver(channel: string, sender: Sender, id: string): Promise<number | null> {
    const { database, time, logger, troubles, schedule = RETRY_SCHEDULE } = this.#dependencies;
    // In this order: what is given up with an earlier one is given up before that.
    const earlier = await earlierMessage(database, id);
    const message = await pendingMessage(database, id);
    if (message === null) return null;
    // Of one alert nothing overtakes: what opened it is told before what became of it.
    if (earlier !== null) return Math.max(earlier - time.now(), 0) + AFTER_EARLIER_MS;
    const started = time.monotonic();
    let failure: Error | null = null;
    let note: string | null = null;
    try {
      note = await sender.send(message, this.#stopping.signal);
    } catch (error) {
      // Cut off by our own stop: not the receiver's failure. The job ends here, the message waits in the outbox.
      if (this.#stopping.signal.aborted) throw error;
      failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#metrics.seconds.observe((time.monotonic() - started) / 1000, { channel });
    const now = time.now();
    if (failure === null) {
      troubles?.passed(`channel:${channel}`);
      await noteDelivery(database, id, now);
      await markDelivered(database, id, now);
      if (note !== null) logger.warn({ channel, message: id, reason: note }, 'a message was delivered, but not to all');
      this.#metrics.alertToDelivery.observe(Math.max(0, now - message.createdAt) / 1000, { channel });
      this.#metrics.attempts.add(1, { channel, outcome: 'delivered' });
      return null;
    }
    troubles?.failed(`channel:${channel}`, failure, now);
    const attempts = message.attempts + 1;
    const asked = failure instanceof UnavailableError ? Number(failure.details.retryAfterMs ?? 0) : 0;
    const drawn = waitBeforeRetry(schedule, attempts, now - message.createdAt, Math.random());
    // A receiver that asks for time has it, within reason.
    const waitMs = drawn === null ? null : Math.max(drawn, Math.min(asked, schedule.slowMs));
    const nextAttempt = waitMs === null ? null : now + waitMs;
    if (waitMs === null) await giveUpAfter(database, id, { now, olderThan: now - schedule.giveUpMs });
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
      if (isSweep) await this.#openKept();
      await Promise.all(this.#channels.map((open) => this.#makeJobsFor(open, isSweep)));
      if (isSweep) await this.#tidy();
      troubles?.passed('notifier');
      this.#isFailing = false;
    } catch (error) {
      this.#metrics.jobErrors.add();
      troubles?.failed('notifier', error, time.now());
      // Each new message is a look too: a storm while the jobs' server is away would be a line each.
      if (isSweep || !this.#isFailing) {
        logger.warn({ error }, 'the outbox could not be looked through; it is again in 5 s');
      }
      this.#isFailing = true;
      this.#again?.cancel();
      if (this.#state === 'running')
        this.#again = time.after('alerts: look at the outbox again', LOOK_AGAIN_MS, () => this.#look(false));
    }
  }

  async #makeJobsFor({ channel, jobs }: OpenChannel, isSweep: boolean): Promise<void> {
    const { database, time } = this.#dependencies;
    // Whether or not there is anything to tell: that nobody could be told is to be seen before.
    if (isSweep) await jobs.check();
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
    const { database, time, schedule = RETRY_SCHEDULE } = this.#dependencies;
    const now = time.now();
    const ids = this.#channels.map(({ channel }) => channel.id);
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
