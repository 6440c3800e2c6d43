import { setImmediate as endOfTurn } from 'node:timers/promises';
import {
  DefectError,
  type IsothermError,
  type Logger,
  type LogRecord,
  type NewRecord,
  type Receipt,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import { isPassing, sqlState } from '../../failure.ts';
import { type Connection, openConnection } from '../connection.ts';
import type { LogMetrics } from '../metrics.ts';
import type { LogLimits } from '../options.ts';
import { type AppendedPart, appendParts, partsOf } from './statement.ts';

export interface CommitterOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly troubles: Troubles;
  readonly limits: LogLimits;
  /** Marks our notifications, so that we need not listen to ourselves. */
  readonly tag: string;
  /** A mandatory consumer is past the cap: why appends are refused. */
  readonly fullBecause: () => UnavailableError | null;
  /** After every commit, before the appends resolve. Its records are the ones that were new. */
  readonly onCommitted: (part: AppendedPart, records: readonly LogRecord[]) => void;
  /** Makes the segments that the heads are in and the next ones. */
  readonly createSegments: () => Promise<void>;
  /** An append failed and may have been committed all the same. */
  readonly onUnknown: () => void;
}

interface Pending {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  /** On the monotonic clock. */
  readonly deadline: number;
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (error: unknown) => void;
  isSettled: boolean;
}

const CHECK_VIOLATION = '23514';

/**
 * Group commit: appends from all over the process queue up, and one transaction at a time takes what has gathered.
 * The slower the disk, the larger the groups.
 */
export class Committer {
  readonly #options: CommitterOptions;
  #queue: Pending[] = [];
  #underWay: readonly Pending[] = [];
  #queuedBytes = 0;
  #connection: Connection | null = null;
  #running: Promise<void> | null = null;
  #deadline: Timer | null = null;
  #isStopped = false;
  readonly #stopping = new AbortController();

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    if (records.length === 0) return Promise.resolve([]);
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
      const deadline = time.monotonic() + limits.appendTimeoutMs;
      this.#queue.push({ records, bytes, deadline, resolve, reject, isSettled: false });
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
    await this.#connection?.close();
    this.#connection = null;
  }

  async #run(): Promise<void> {
    // What arrives in this turn of the event loop shares the first commit.
    await endOfTurn();
    let pauseMs = 0;
    while (this.#queue.length > 0) {
      try {
        const connection = this.#connection?.lost.aborted === false ? this.#connection : await this.#connect();
        await this.#commitNext(connection);
        pauseMs = 0;
      } catch (error) {
        // The queue waits for its deadline; a sender is better off with a late commit than with an early error.
        this.#options.logger.warn({ error, queued: this.#queue.length }, 'the log cannot append; trying again');
        pauseMs = Math.min(Math.max(2 * pauseMs, 50), 1000);
        await this.#options.time.sleep('log append pause', pauseMs, this.#stopping.signal);
      }
    }
    this.#running = null;
  }

  async #connect(): Promise<Connection> {
    const { database, time, limits } = this.#options;
    this.#connection = await openConnection({
      database,
      time,
      name: 'isotherm log append',
      isPipelined: true,
      timeoutMs: limits.appendTimeoutMs,
      // The server gives up by itself as well, so that a statement nobody waits for holds no lock.
      settings: { synchronous_commit: 'on', statement_timeout: String(limits.appendTimeoutMs), jit: 'off' },
    });
    return this.#connection;
  }

  async #commitNext(connection: Connection): Promise<void> {
    const group = this.#takeGroup();
    if (group.length === 0) return;
    this.#underWay = group;
    const isCut = connection.lost;
    try {
      await this.#commit(connection, group);
    } catch (error) {
      if (isPassing(error) || isCut.aborted) {
        connection.destroy();
        this.#fail(group, this.#unavailable(error));
        this.#options.onUnknown();
        throw error;
      }
      await this.#commitEach(connection, group, error);
    } finally {
      this.#underWay = [];
    }
  }

  /** The server refused the group as it is: only the append at fault fails. */
  async #commitEach(connection: Connection, group: readonly Pending[], refusal: unknown): Promise<void> {
    for (const pending of group) {
      try {
        if (group.length === 1) throw refusal;
        await this.#commit(connection, [pending]);
      } catch (error) {
        const failure = isPassing(error)
          ? this.#unavailable(error)
          : new DefectError('LOG_APPEND_REFUSED', 'the database refused records', { sqlState: sqlState(error) }, error);
        if (failure instanceof DefectError) this.#options.logger.error({ error }, 'the database refused records');
        this.#fail([pending], failure);
      }
    }
  }

  async #commit(connection: Connection, group: readonly Pending[]): Promise<void> {
    const { time, limits, metrics, tag, createSegments } = this.#options;
    const records = group.length === 1 ? (group[0]?.records ?? []) : group.flatMap((pending) => pending.records);
    const parts = partsOf(records);
    const settings = { tag, now: time.now(), segmentBytes: limits.segmentBytes, segmentMs: limits.segmentMs };
    const from = time.monotonic();
    const appended = await appendParts(connection, parts, settings).catch(async (error) => {
      if (sqlState(error) !== CHECK_VIOLATION) throw error;
      // The next segment was not there yet.
      await createSegments();
      return appendParts(connection, parts, settings);
    });
    this.#options.troubles.passed('append');
    metrics.commitSeconds.observe((time.monotonic() - from) / 1000);
    metrics.commitRecords.observe(records.length);
    const receipts: Receipt[] = new Array(records.length);
    for (const part of appended) this.#publish(part, receipts);
    let end = 0;
    for (const pending of group) {
      const start = end;
      end += pending.records.length;
      if (!this.#settle(pending)) continue;
      pending.resolve(receipts.slice(start, end));
    }
  }

  /** Writes the receipts of one part to where its records stood, and hands on what is new. */
  #publish(part: AppendedPart, receipts: Receipt[]): void {
    const { metrics, onCommitted } = this.#options;
    const fresh: LogRecord[] = [];
    let bytes = 0;
    for (const [index, record] of part.records.entries()) {
      const position = part.positions[index] ?? 0;
      const isDuplicate = part.isDuplicate[index] ?? false;
      receipts[part.indexes[index] ?? 0] = { position, isDuplicate };
      if (isDuplicate) continue;
      fresh.push({ ...record, partition: part.partition, position });
      bytes += record.payload.length;
    }
    const labels = { family: part.family };
    metrics.appendedRecords.add(fresh.length, labels);
    metrics.appendedBytes.add(bytes, labels);
    if (fresh.length < part.records.length) metrics.duplicates.add(part.records.length - fresh.length, labels);
    if (fresh.length > 0) onCommitted(part, fresh);
  }

  #takeGroup(): Pending[] {
    const { commitBytes, commitRecords } = this.#options.limits;
    let taken = 0;
    let bytes = 0;
    let records = 0;
    for (const pending of this.#queue) {
      bytes += pending.bytes;
      records += pending.records.length;
      if (taken > 0 && (bytes > commitBytes || records > commitRecords)) break;
      taken++;
    }
    return this.#queue.splice(0, taken);
  }

  /** One timer for all: it looks at the oldest, and fires again for the next oldest. */
  #watchDeadline(): void {
    if (this.#deadline !== null) return;
    const oldest = this.#underWay[0] ?? this.#queue[0];
    if (oldest === undefined) return;
    const { time } = this.#options;
    this.#deadline = time.after('log append deadline', Math.max(oldest.deadline - time.monotonic(), 0), () => {
      this.#deadline = null;
      this.#expire();
      this.#watchDeadline();
    });
  }

  #expire(): void {
    const now = this.#options.time.monotonic();
    const expired = this.#queue.filter(({ deadline }) => deadline <= now);
    this.#queue = this.#queue.slice(expired.length);
    const stalled = new UnavailableError('LOG_UNAVAILABLE', 'the log did not commit in time');
    this.#fail(expired, stalled);
    if ((this.#underWay[0]?.deadline ?? Number.POSITIVE_INFINITY) > now) return;
    this.#connection?.destroy();
    this.#fail(this.#underWay, this.#unavailable(stalled));
    this.#underWay = [];
  }

  #fail(group: readonly Pending[], error: IsothermError): void {
    const failing = group.filter((pending) => this.#settle(pending));
    if (failing.length > 0) this.#refused(error);
    if (failing.length > 0 && error instanceof UnavailableError) {
      this.#options.troubles.failed('append', error, this.#options.time.now());
    }
    for (const { reject } of failing) reject(error);
  }

  /** @returns false if it has been answered already */
  #settle(pending: Pending): boolean {
    if (pending.isSettled) return false;
    pending.isSettled = true;
    this.#count(-pending.bytes);
    return true;
  }

  #unavailable(cause: unknown): UnavailableError {
    return new UnavailableError(
      'LOG_UNAVAILABLE',
      'the log is away; whether the records were appended is unknown',
      {},
      cause,
    );
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
