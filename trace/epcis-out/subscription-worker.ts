import { createHmac, randomUUID } from 'node:crypto';
import { queryDocumentXml } from '../../codecs/epcis/index.ts';
import {
  type AuditTrail,
  BY_PLATFORM,
  bareAddress,
  InputError,
  type Logger,
  type Meter,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey } from '../../storage/index.ts';
import { lastArrival, placeArrivals } from './arrivals.ts';
import { type EpcisDeliveryMetrics, epcisDeliveryMetrics } from './metrics.ts';
import { parametersOfQuery } from './named-queries.ts';
import { nextArrived } from './next-arrived.ts';
import { EpcisQueries } from './queries.ts';
import { queryDocument } from './query-document.ts';
import { type EpcisSchedule, nextRun } from './schedule.ts';
import { type EpcisMessageFormat, placeOf } from './subscriptions.ts';

/** A message to a subscriber; the same `id` and body at every attempt. */
export interface EpcisDelivery {
  readonly id: string;
  readonly dest: string;
  readonly body: string;
  readonly mediaType: string;
  /** What it is signed with; null = it is not. */
  readonly signatureToken: string | null;
  readonly signal: AbortSignal;
}

export interface SubscriptionWorkerOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly troubles: Troubles;
  /** Sends one. @throws {UnavailableError} with `status` among its details where the receiver answered */
  readonly deliver: (delivery: EpcisDelivery) => Promise<void>;
  /** How long until the next attempt, ms; null: it is given up. */
  readonly waitBeforeRetry: (attempts: number, ageMs: number) => number | null;
  /** Whether who made a subscription may still read events. */
  readonly mayRead: (actor: string) => Promise<boolean>;
}

const LOOK_EVERY_MS = 500;
/** Streams that were passed over as they were put to rest are looked at again. */
const SWEEP_EVERY_MS = 30_000;
/** Longer than an attempt takes. A process that died is followed up after it. */
const CLAIM_MS = 30_000;
/** Messages under way: a receiver that is slow holds up none of the others. */
const MOST_UNDER_WAY = 32;
/** How long the past of one subscription is looked through at a stretch: well within its claim. */
const LOOKING_MS = 10_000;
/** Not due until something arrives. */
const AT_REST = 8_640_000_000_000_000;
const MAY_NOT = 'who made it may no longer read events';

interface Claimed {
  readonly id: string;
  readonly query: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly format: EpcisMessageFormat;
  readonly dest: string;
  readonly signature_token: string | null;
  readonly schedule: EpcisSchedule | null;
  readonly report_if_empty: boolean;
  readonly since: number;
  readonly actor: string;
  readonly arrival: number;
  readonly batch: number;
  readonly is_draining: boolean;
  readonly sending: string | null;
  readonly sending_arrivals: readonly number[] | null;
  readonly sending_upto: number | null;
  readonly sending_at: number | null;
  readonly attempts: number;
  readonly failing_since: number | null;
}

interface Message {
  readonly id: string;
  readonly arrivals: readonly number[];
  readonly upTo: number;
  readonly at: number;
}

/**
 * Tells subscribers. What a message holds is kept under its id before it is sent, and how far a subscription is moves with the
 * answer: killed in between it is sent again, the same under the same id. Any number of processes may run it.
 */
export class SubscriptionWorker {
  readonly #options: SubscriptionWorkerOptions;
  readonly #queries: EpcisQueries;
  readonly #metrics: EpcisDeliveryMetrics;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #timers: readonly Timer[] = [];
  #looking: Promise<void> | null = null;
  #isSweepWanted = true;

  constructor(options: SubscriptionWorkerOptions) {
    this.#options = options;
    this.#queries = new EpcisQueries(options);
    this.#metrics = epcisDeliveryMetrics(options.meter);
  }

  start(): void {
    const { time } = this.#options;
    this.#timers = [
      time.every('epcis: subscriptions', LOOK_EVERY_MS, () => this.#look()),
      time.every('epcis: sweep subscriptions', SWEEP_EVERY_MS, () => {
        this.#isSweepWanted = true;
      }),
    ];
  }

  /** Attempts under way are cut off: they are made again, under the same ids. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#stopping.abort();
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  #look(): void {
    if (this.#looking !== null || this.#stopping.signal.aborted) return;
    const { logger, time, troubles } = this.#options;
    this.#looking = this.#turn()
      .then(
        () => troubles.passed(PART),
        (error: unknown) => {
          troubles.failed(PART, error, time.now());
          logger.debug({ error }, 'subscriptions could not be looked at');
        },
      )
      .finally(() => {
        this.#looking = null;
      });
  }

  async #turn(): Promise<void> {
    const { database, time } = this.#options;
    const placed = await placeArrivals(database);
    if (placed > 0 || this.#isSweepWanted) {
      this.#isSweepWanted = false;
      await database.query(
        `UPDATE epcis_subscriptions SET next_at = $1 WHERE ended_at IS NULL AND next_at = $2
         AND arrival < (SELECT coalesce(max(arrival), 0) FROM epcis_arrivals)`,
        [time.now(), AT_REST],
      );
    }
    const free = MOST_UNDER_WAY - this.#underWay.size;
    if (free <= 0) return;
    for (const claimed of await this.#claim(free)) {
      const work = this.#work(claimed).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    }
  }

  async #claim(most: number): Promise<readonly (Claimed & { claim: string })[]> {
    const { database, time } = this.#options;
    const claim = randomUUID();
    const now = time.now();
    const { rows } = await database.query<Claimed>(
      `UPDATE epcis_subscriptions s SET claim = $1, claimed_until = $2 FROM (
         SELECT id FROM epcis_subscriptions WHERE ended_at IS NULL AND next_at <= $3 AND claimed_until <= $3
         ORDER BY next_at LIMIT $4 FOR UPDATE SKIP LOCKED) due
       WHERE s.id = due.id
       RETURNING s.id, coalesce(s.query, 'SimpleEventQuery') AS query, s.format, s.dest,
         coalesce(s.parameters, (SELECT q.query FROM epcis_queries q WHERE q.name = s.query)) AS parameters, s.signature_token, s.schedule, s.report_if_empty,
         s.initial_record_time AS since, s.actor, s.arrival, s.batch, s.is_draining, s.sending, s.sending_arrivals,
         s.sending_upto, s.sending_at, s.attempts, s.failing_since`,
      [claim, now + CLAIM_MS, now, most],
    );
    return rows.map((row) => ({ ...row, claim }));
  }

  async #work(claimed: Claimed & { readonly claim: string }): Promise<void> {
    const { logger, time, mayRead, troubles } = this.#options;
    const part = `${PART}:${claimed.id}`;
    try {
      if (!(await mayRead(claimed.actor))) return await this.#end(claimed, MAY_NOT);
      const message = kept(claimed) ?? (await this.#next(claimed));
      if (message === null) return;
      const failure = await this.#send(claimed, message);
      if (this.#stopping.signal.aborted && failure !== null) return await this.#release(claimed);
      if (failure === null) {
        troubles.passed(part);
        return await this.#taken(claimed, message);
      }
      await this.#failed(claimed, message, failure);
    } catch (error) {
      // It is held until its claim ends, and then tried again.
      troubles.failed(part, error, time.now());
      logger.debug({ subscription: claimed.id, error }, 'a subscription could not be worked on');
    }
  }

  /** What is to be told next, kept; null: nothing, and when to look again is kept. */
  async #next(claimed: Claimed & { readonly claim: string }): Promise<Message | null> {
    const { database, time } = this.#options;
    const last = await lastArrival(database);
    const parameters = parametersOfQuery(claimed.parameters);
    const began = time.monotonic();
    const { events: found, upTo } = await nextArrived(this.#queries, parameters, {
      ...{ after: claimed.arrival, last, since: claimed.since, most: claimed.batch },
      isTimeUp: () => time.monotonic() - began >= LOOKING_MS || this.#stopping.signal.aborted,
    });
    const now = time.now();
    if (found.length === 0 && upTo < last) {
      // A long past in which little is found: how far it is stays known, and the others have their turn.
      await this.#searched(claimed, upTo);
      return null;
    }
    const isDue = claimed.schedule !== null && !claimed.is_draining && claimed.report_if_empty;
    if (found.length === 0 && !isDue) {
      await this.#rest(claimed, upTo);
      return null;
    }
    const message = { id: `msg_${randomUUID()}`, arrivals: found.map(({ arrival }) => arrival), upTo, at: now };
    const { rowCount } = await database.query(
      `UPDATE epcis_subscriptions SET sending = $3, sending_arrivals = $4, sending_upto = $5, sending_at = $6, attempts = 0
       WHERE id = $1 AND claim = $2 AND ended_at IS NULL`,
      [claimed.id, claimed.claim, message.id, JSON.stringify(message.arrivals), upTo, now],
    );
    return rowCount === 0 ? null : message;
  }

  /** @returns why it was not taken; null where it was */
  async #send(claimed: Claimed, { id, arrivals, at }: Message): Promise<Error | null> {
    const { deliver, key, time } = this.#options;
    const { dest, signature_token: sealed } = claimed;
    const began = time.monotonic();
    try {
      const events = await this.#queries.ofArrivals(arrivals);
      const told = { now: at, queryName: claimed.query, subscriptionID: claimed.id };
      const { body, mediaType } = writtenMessage(claimed.format, queryDocument(events, told));
      const signatureToken = sealed === null ? null : key.open(placeOf(claimed.id), sealed);
      await deliver({ id, dest, body, mediaType, signatureToken, signal: this.#stopping.signal });
      this.#metrics.attempts.add(1, { outcome: 'taken' });
      this.#metrics.events.add(events.length);
      return null;
    } catch (error) {
      this.#metrics.attempts.add(1, { outcome: 'failed' });
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#metrics.seconds.observe((time.monotonic() - began) / 1000);
    }
  }

  async #taken(claimed: Claimed & { readonly claim: string }, message: Message): Promise<void> {
    const { database, time } = this.#options;
    const now = time.now();
    const last = await lastArrival(database);
    const isMore = message.upTo < last;
    const nextAt = isMore || claimed.schedule === null ? now : nextRun(claimed.schedule, now);
    await database.query(
      `UPDATE epcis_subscriptions SET arrival = $3, is_draining = $4, next_at = $5, last_notified_at = $6, sending = NULL,
         sending_arrivals = NULL, sending_upto = NULL, sending_at = NULL, attempts = 0, failing_since = NULL,
         last_error = NULL, claim = NULL, claimed_until = 0 WHERE id = $1 AND claim = $2`,
      [claimed.id, claimed.claim, message.upTo, isMore && claimed.schedule !== null, nextAt, now],
    );
  }

  /** Nothing to tell: until something arrives, or until the schedule's next moment. */
  async #rest(claimed: Claimed & { readonly claim: string }, upTo: number): Promise<void> {
    const { database, time } = this.#options;
    const nextAt = claimed.schedule === null ? AT_REST : nextRun(claimed.schedule, time.now());
    await database.query(
      `UPDATE epcis_subscriptions SET arrival = greatest(arrival, $3::bigint), is_draining = false, claim = NULL, claimed_until = 0,
         next_at = CASE WHEN $4 = $5::bigint AND (SELECT coalesce(max(arrival), 0) FROM epcis_arrivals) > $3::bigint
           THEN $6::bigint ELSE $4::bigint END
       WHERE id = $1 AND claim = $2`,
      [claimed.id, claimed.claim, upTo, nextAt, AT_REST, time.now()],
    );
  }

  /** Nothing was found so far: looked on from there, after those that are due before. */
  async #searched(claimed: Claimed & { readonly claim: string }, upTo: number): Promise<void> {
    const { database, time } = this.#options;
    await database.query(
      `UPDATE epcis_subscriptions SET arrival = greatest(arrival, $3::bigint), next_at = $4, claim = NULL, claimed_until = 0
       WHERE id = $1 AND claim = $2`,
      [claimed.id, claimed.claim, upTo, time.now()],
    );
  }

  async #release(claimed: Claimed & { readonly claim: string }): Promise<void> {
    await this.#options.database.query(
      'UPDATE epcis_subscriptions SET claim = NULL, claimed_until = 0 WHERE id = $1 AND claim = $2',
      [claimed.id, claimed.claim],
    );
  }

  async #failed(claimed: Claimed & { readonly claim: string }, message: Message, failure: Error): Promise<void> {
    const { database, logger, time, troubles, waitBeforeRetry } = this.#options;
    const status = failure instanceof UnavailableError ? failure.details.status : undefined;
    const text = failure.message.slice(0, 500);
    if (status === 410) return this.#end(claimed, `the receiver answered 410: ${text}`);
    if (failure instanceof InputError) return this.#end(claimed, text);
    const now = time.now();
    troubles.failed(`${PART}:${claimed.id}`, failure, now);
    if (status === 413 && message.arrivals.length > 1) {
      // It took nothing of it: what follows is another message.
      await database.query(
        `UPDATE epcis_subscriptions SET batch = $3, sending = NULL, sending_arrivals = NULL, sending_upto = NULL,
           sending_at = NULL, attempts = 0, last_error = $4, next_at = $5, claim = NULL, claimed_until = 0
         WHERE id = $1 AND claim = $2`,
        [claimed.id, claimed.claim, Math.ceil(message.arrivals.length / 2), text, now],
      );
      return;
    }
    const attempts = claimed.attempts + 1;
    const waitMs = waitBeforeRetry(attempts, now - (claimed.failing_since ?? now));
    if (waitMs === null) return this.#end(claimed, `given up after ${attempts} attempts: ${text}`);
    await database.query(
      `UPDATE epcis_subscriptions SET attempts = $3, last_error = $4, failing_since = coalesce(failing_since, $5),
         next_at = $6, claim = NULL, claimed_until = 0 WHERE id = $1 AND claim = $2`,
      [claimed.id, claimed.claim, attempts, text, now, now + waitMs],
    );
    const fields = { subscription: claimed.id, query: claimed.query, attempts, reason: text };
    if (attempts === 1) logger.warn(fields, 'a subscriber did not take its events; they are sent again');
  }

  async #end(claimed: Claimed & { readonly claim: string }, because: string): Promise<void> {
    const { audit, database, logger, time, troubles } = this.#options;
    const at = time.now();
    const { id, claim, query, dest } = claimed;
    const isOver = await database.transaction(async (client) => {
      const { rowCount } = await client.query(
        // The message stays: gone on with, it comes again under its id.
        `UPDATE epcis_subscriptions SET ended_at = $3, ended_because = $4, last_error = coalesce(last_error, $4),
           claim = NULL, claimed_until = 0 WHERE id = $1 AND claim = $2`,
        [id, claim, at, because],
      );
      if (rowCount === 0) return false;
      await audit.add(effectsOf(client), {
        ...{ ...BY_PLATFORM, at, action: 'epcis-subscription.end', subject: `epcis-subscription:${id}` },
        old: { query, dest: bareAddress(dest) },
        reason: because,
      });
      return true;
    });
    troubles.passed(`${PART}:${id}`);
    if (isOver) this.#metrics.ended.add();
    if (isOver) logger.error({ subscription: id, query, reason: because }, 'a subscription ended');
  }
}

/** The part that is in trouble where it fails. */
const PART = 'epcis-subscriptions';

/** A message as its subscriber reads it. */
function writtenMessage(format: EpcisMessageFormat, document: ReturnType<typeof queryDocument>) {
  if (format === 'json') return { body: JSON.stringify(document), mediaType: 'application/json' };
  const { creationDate, '@context': context } = document;
  const { queryName, subscriptionID = null, resultsBody } = document.epcisBody.queryResults;
  const written = { creationDate, context, queryName, subscriptionID, events: resultsBody.eventList };
  const version = format === 'xml 1.2' ? '1.2' : '2.0';
  return { body: queryDocumentXml(written, { words: 'URN', version }), mediaType: 'application/xml' };
}

/** The message that was under way when its sender failed, was cut off or died. */
function kept({ sending, sending_arrivals, sending_upto, sending_at }: Claimed): Message | null {
  if (sending === null || sending_upto === null || sending_at === null) return null;
  return { id: sending, arrivals: sending_arrivals ?? [], upTo: sending_upto, at: sending_at };
}

/** `GS1-Signature` of a message (EPCIS 2.0, section 12.6): HMAC with SHA-256 of the body, in hex. */
export function gs1Signature(signatureToken: string, body: string): string {
  return createHmac('sha256', signatureToken).update(body).digest('hex');
}
