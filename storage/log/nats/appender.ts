import { randomUUID } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import {
  type IsothermError,
  type Logger,
  type NewRecord,
  type Receipt,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../../../domain/index.ts';
import type { LogMetrics } from '../metrics.ts';
import type { LogLimits } from '../options.ts';
import { type Outgoing, type OutgoingRecord, outgoingOf } from './outgoing.ts';
import { positionOf } from './positions.ts';
import type { Published } from './stream.ts';

export interface AppenderOptions {
  /** Over so many readings are parted just now. */
  readonly partitions: () => number;
  /** Most bytes of a message. */
  readonly messageBytes: () => number;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly troubles: Troubles;
  readonly limits: LogLimits;
  /** A mandatory consumer is past the cap: why appends are refused. */
  readonly fullBecause: () => UnavailableError | null;
  /**
   * Makes a message durable in its stream, behind all that is known to be there.
   * @param timeoutMs until an answer is given up; the same id may be published again
   * @throws {UnavailableError} {@link PARTED_ANEW}: it is in no stream, and its records are parted otherwise by now
   */
  readonly publish: (message: Outgoing, timeoutMs: number) => Promise<Published>;
  /** Once a message is durable, before the appends resolve. */
  readonly onPublished: (message: Outgoing, published: Published) => void;
}

interface Pending {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  /** On the monotonic clock. */
  readonly deadline: number;
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (error: unknown) => void;
}

/** An answer is waited for this long before the same message, under the same id, is sent once more. */
const ANSWER_MS = 1_500;
const PAUSE_MS = 100;
/** Of a message that was parted over fewer streams than there are now. */
export const PARTED_ANEW = 'NATS_PARTED_ANEW';

/**
 * Group commit to the streams: what has gathered leaves together, as few messages as its records allow, while the next
 * group gathers. A message whose answer is lost is sent again under its id until its appends' deadline; the server
 * recognises it.
 */
export class Appender {
  readonly #options: AppenderOptions;
  #queue: Pending[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | null = null;
  #deadline: Timer | null = null;
  #isStopped = false;
  readonly #stopping = new AbortController();

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    const { limits, time, fullBecause } = this.#options;
    let bytes = 0;
    for (const record of records) bytes += record.payload.length;
    const refusal = this.#isStopped
      ? new UnavailableError('LOG_UNAVAILABLE', 'the log has been stopped')
      : this.#queuedBytes > 0 && this.#queuedBytes + bytes > limits.queueBytes
        ? new UnavailableError('LOG_BUSY', 'too much is waiting to be committed', { queuedBytes: this.#queuedBytes })
        : fullBecause();
    if (refusal !== null) return Promise.reject(this.#refused(refusal));
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, bytes, deadline: time.monotonic() + limits.appendTimeoutMs, resolve, reject });
      this.#count(bytes);
      this.#watchDeadline();
      this.#running ??= this.#run();
    });
  }

  /** Commits what is queued, then ends. Appends from now on are refused. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#stopping.abort();
    this.#deadline?.cancel();
  }

  async #run(): Promise<void> {
    // What arrives in this turn of the event loop shares the first message.
    await endOfTurn();
    while (this.#queue.length > 0) await this.#commit(this.#takeGroup());
    this.#running = null;
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    const { time, metrics, troubles, logger } = this.#options;
    const records = group.flatMap((pending) => pending.records);
    const receipts: Receipt[] = new Array(records.length);
    const from = time.monotonic();
    const deadline = Math.min(...group.map((pending) => pending.deadline));
    try {
      let left: readonly OutgoingRecord[] = records.map((record, index) => ({ record, index }));
      while (left.length > 0) left = await this.#send(left, deadline, receipts);
    } catch (error) {
      logger.warn({ error, queued: this.#queue.length }, 'the log cannot append; trying again');
      this.#fail(group, asAppendError(error));
      return;
    }
    troubles.passed('append');
    metrics.commitSeconds.observe((time.monotonic() - from) / 1000);
    metrics.commitRecords.observe(records.length);
    let end = 0;
    for (const pending of group) {
      const start = end;
      end += pending.records.length;
      this.#count(-pending.bytes);
      pending.resolve(receipts.slice(start, end));
    }
  }

  /** @returns those that are in no stream, since the number of streams was raised meanwhile; in order */
  async #send(
    records: readonly OutgoingRecord[],
    deadline: number,
    receipts: Receipt[],
  ): Promise<readonly OutgoingRecord[]> {
    const { partitions, messageBytes } = this.#options;
    const limits = { partitions: partitions(), maxBytes: messageBytes(), newId: randomUUID };
    const messages = outgoingOf(records, limits);
    const published = await Promise.all(messages.map((message) => this.#publish(message, deadline)));
    const left: OutgoingRecord[] = [];
    for (const [index, message] of messages.entries()) {
      const at = published[index] ?? null;
      if (at !== null) this.#settled(message, at, receipts);
      else for (const family of message.families) left.push(...family.records);
    }
    return left.toSorted((one, other) => one.index - other.index);
  }

  /** Until it is durable, or its deadline. @returns null where it is not, and its records have to be parted anew */
  async #publish(message: Outgoing, deadline: number): Promise<Published | null> {
    const { time, publish } = this.#options;
    for (;;) {
      const left = deadline - time.monotonic();
      try {
        const published = await publish(message, Math.max(1, Math.min(left, ANSWER_MS)));
        // Its own id: ours, stored before its answer was lost. A record with an identity of its own may be anybody's.
        return message.isIdentity ? published : { ...published, isDuplicate: false };
      } catch (error) {
        if ((error as Partial<IsothermError>).code === PARTED_ANEW) return null;
        const isOver = time.monotonic() + PAUSE_MS >= deadline || this.#stopping.signal.aborted;
        if (isOver || (error as Partial<IsothermError>).code === 'LOG_FULL') throw error;
        await time.sleep('log append pause', PAUSE_MS, this.#stopping.signal);
      }
    }
  }

  /** Writes the receipts of a message's records to where they stood. */
  #settled(message: Outgoing, published: Published, receipts: Receipt[]): void {
    const { metrics, onPublished } = this.#options;
    const { isDuplicate } = published;
    const indexes = { readings: 0, originals: 0 };
    for (const { family, records } of message.families) {
      const labels = { family };
      if (isDuplicate) metrics.duplicates.add(records.length, labels);
      else {
        metrics.appendedRecords.add(records.length, labels);
        metrics.appendedBytes.add(
          records.reduce((sum, { record }) => sum + record.payload.length, 0),
          labels,
        );
      }
      for (const { index } of records) {
        const position = positionOf(published.sequence, indexes[family]++, records.length);
        const earlier = receipts[index];
        // In several partitions: new where it is new in one of them.
        receipts[index] = { position, isDuplicate: isDuplicate && (earlier?.isDuplicate ?? true) };
      }
    }
    if (!isDuplicate) onPublished(message, published);
  }

  #takeGroup(): Pending[] {
    const { commitBytes, commitRecords } = this.#options.limits;
    let [taken, bytes, records] = [0, 0, 0];
    for (const pending of this.#queue) {
      bytes += pending.bytes;
      records += pending.records.length;
      if (taken > 0 && (bytes > commitBytes || records > commitRecords)) break;
      taken++;
    }
    return this.#queue.splice(0, taken);
  }

  /** What waits behind a stalled group fails at its own deadline. */
  #watchDeadline(): void {
    const [oldest] = this.#queue;
    if (this.#deadline !== null || oldest === undefined) return;
    const { time } = this.#options;
    this.#deadline = time.after('log append deadline', Math.max(oldest.deadline - time.monotonic(), 0), () => {
      this.#deadline = null;
      const now = time.monotonic();
      const expired = this.#queue.filter(({ deadline }) => deadline <= now);
      this.#queue = this.#queue.slice(expired.length);
      if (expired.length > 0) this.#fail(expired, asAppendError(new Error('the log did not commit in time')));
      this.#watchDeadline();
    });
  }

  #fail(group: readonly Pending[], error: UnavailableError): void {
    this.#refused(error);
    this.#options.troubles.failed('append', error, this.#options.time.now());
    for (const { bytes, reject } of group) {
      this.#count(-bytes);
      reject(error);
    }
  }

  #refused<E extends IsothermError>(error: E): E {
    this.#options.metrics.refused.add(1, { code: error.code });
    return error;
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#options.metrics.queueBytes.set(this.#queuedBytes);
  }
}

function asAppendError(error: unknown): UnavailableError {
  if (error instanceof UnavailableError && error.code === 'LOG_FULL') return error;
  const message = 'the log is away; whether the records were appended is unknown';
  return new UnavailableError('LOG_UNAVAILABLE', message, {}, error);
}
