import { type Log, type Logger, type Receipt, type Timer, type TimeSource, UnavailableError } from '../domain/index.ts';
import { type Done, Group } from './group.ts';
import type { IngestMetrics } from './metrics.ts';

export interface IntakeLimits {
  /** Messages, and bytes of their payloads, that wait for their commit at most. */
  readonly pendingMessages: number;
  readonly pendingBytes: number;
  /** A message that is not durable after this long is answered with an error, to be sent again. */
  readonly stallMs: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
  pendingMessages: 100_000,
  pendingBytes: 67_108_864,
  stallMs: 4_000,
};

const WATCH_EVERY_MS = 500;

export interface GroupCommitOptions {
  readonly log: Log;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: IngestMetrics;
  readonly limits: IntakeLimits;
}

/**
 * One append at a time: while it is under way the next group gathers, and when nothing is under way a group leaves with
 * the event loop's next turn, so that what one socket read brought travels together.
 *
 * Bounded in messages, bytes and time. A stalled append fails its messages and those behind it, and new ones at once,
 * until the log answers; what it may have appended after all is recognised behind the log as a repeat.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #open: Group;
  #spare: Group | null = null;
  #inFlight: Group | null = null;
  #isStalled = false;
  #isScheduled = false;
  #isStopping = false;
  #watch: Timer | null = null;
  #onIdle: (() => void) | null = null;
  readonly #flush = () => {
    this.#isScheduled = false;
    if (this.#inFlight === null && this.#open.messages > 0) this.#append();
  };

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#open = new Group();
  }

  /** The group that is gathering. Ask anew for every message. */
  get group(): Group {
    return this.#open;
  }

  /** Takes nothing more, and waits until what is pending is settled one way or the other. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#inFlight !== null || this.#open.messages > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#watch?.cancel();
  }

  /** Why a message of this size cannot be taken now; null where it can. */
  refusal(bytes: number): UnavailableError | null {
    const { limits, metrics } = this.#options;
    if (this.#isStopping) {
      metrics.unappended.add(1, { cause: 'stopped' });
      return new UnavailableError('INTAKE_STOPPED', 'the intake is stopping');
    }
    if (this.#isStalled) {
      metrics.unappended.add(1, { cause: 'stalled' });
      return new UnavailableError('LOG_STALLED', 'the log does not answer');
    }
    const messages = this.#open.messages + (this.#inFlight?.messages ?? 0);
    const pending = this.#open.bytes + (this.#inFlight?.bytes ?? 0);
    if (messages < limits.pendingMessages && pending + bytes <= limits.pendingBytes) return null;
    metrics.unappended.add(1, { cause: 'full' });
    return new UnavailableError('INTAKE_FULL', `${messages} messages wait for their commit`, { messages, pending });
  }

  /** Counts a message in whose readings or records are in `group`; `done` is called when they are durable, or not. */
  join(done: Done, bytes: number): void {
    this.#watch ??= this.#options.time.every('intake stall', WATCH_EVERY_MS, () => this.#check());
    this.#open.addMessage(done, bytes);
    if (this.#isScheduled || this.#inFlight !== null) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  #append(): void {
    const { log, metrics, time } = this.#options;
    const group = this.#open;
    this.#open = this.#spare ?? new Group();
    this.#spare = null;
    const records = group.records();
    this.#inFlight = group;
    group.since = time.monotonic();
    metrics.pendingMessages.set(group.messages);
    metrics.pendingBytes.set(group.bytes);
    if (records.length === 0) this.#settled(group, [], undefined);
    else
      log.append(records).then(
        (receipts) => this.#settled(group, receipts, undefined),
        (error: unknown) => this.#settled(group, [], asError(error)),
      );
  }

  #settled(group: Group, receipts: readonly Receipt[], error: Error | undefined): void {
    const { metrics, logger, time } = this.#options;
    this.#inFlight = null;
    if (this.#isStalled) {
      this.#isStalled = false;
      logger.info({ stalledMs: Math.round(time.monotonic() - group.since), err: error }, 'the log answers again');
    }
    metrics.appendSeconds.observe((time.monotonic() - group.since) / 1000);
    if (error !== undefined && group.messages > 0) {
      metrics.unappended.add(group.messages, { cause: 'failed' });
      logger.error({ messages: group.messages, err: error }, 'messages could not be appended');
    } else {
      metrics.messages.add(group.messages);
      metrics.readings.add(group.readings);
      const repeated = receipts.filter(({ isDuplicate }) => isDuplicate).length;
      if (repeated > 0) metrics.resentRecords.add(repeated);
    }
    // The next append is on its way before this group's acknowledgements are written.
    if (this.#open.messages > 0) this.#append();
    group.settle(error);
    this.#spare = group;
    this.#settleIdle();
  }

  /** Twice a second: has the append, or what gathers behind it, taken too long? */
  #check(): void {
    const { time, limits, metrics, logger } = this.#options;
    const group = this.#inFlight;
    if (group === null) return;
    const waitedMs = time.monotonic() - group.since;
    if (waitedMs < limits.stallMs) return;
    const messages = group.messages + this.#open.messages;
    const error = new UnavailableError('LOG_STALLED', `the log has not answered for ${Math.round(waitedMs)} ms`);
    if (!this.#isStalled) logger.error({ waitedMs: Math.round(waitedMs), messages }, 'the log does not answer');
    this.#isStalled = true;
    if (messages > 0) metrics.unappended.add(messages, { cause: 'stalled' });
    group.settle(error);
    this.#open.settle(error);
    this.#settleIdle();
  }

  #settleIdle(): void {
    if ((this.#inFlight === null || this.#isStalled) && this.#open.messages === 0) this.#onIdle?.();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new UnavailableError('LOG_UNAVAILABLE', 'the log failed', {}, error);
}
