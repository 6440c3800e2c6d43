import type { Socket } from 'node:net';
import {
  CONNECTION_ATTEMPT,
  decodeTags,
  type MessageOf,
  type ParameterOf,
  parameterOf,
  REQUEST_CONFIGURATION_STATE,
  TAG,
  TagColumns,
} from '../codecs/llrp/index.ts';
import {
  doorText,
  type GpiEvent,
  IsothermError,
  type Logger,
  type ReadGap,
  type TimeSource,
  UnavailableError,
} from '../domain/index.ts';
import type { ReaderCapabilities } from './capabilities.ts';
import { LlrpClient } from './client.ts';
import { type ClockState, ReaderClock } from './clock.ts';
import type { ReaderProfile } from './config.ts';
import type { ReaderLine } from './line.ts';
import type { GatewayMetrics } from './metrics.ts';
import { gpoData, type SetUp, setUpReader } from './setup.ts';

/** First wait after a failure, doubled each time with jitter up to the last. */
const BACKOFF_MS = { first: 500, last: 30_000, occupied: 30_000 } as const;
/** Everything a reader saw this long before it answered has been reported. */
const SETTLE_MS = 250;
/** A sender whose bytes nobody acknowledges notices by then (tcp(7): tcp_retries2 of 15). */
const TCP_GIVES_UP_MS = 924_600;
/** How often a reader is asked whether everything is reported: while tags are about, and otherwise. */
const BARRIER_MS = { busy: 1000, quiet: 5000, busyFor: 30_000 } as const;
/** The year 10000, epoch ms. */
const LATEST_TIME = 253_402_300_800_000;
/** Longest of a malformed frame that goes into the log. */
const KEPT_BYTES = 4096;

/** Where a session's reads go. All times are event times by the gateway's clock. */
export interface ReadSink {
  /** Rows of one report; `columns` is reused after the call. */
  tags(reader: string, columns: TagColumns, clock: ReaderClock): void;
  gpi(event: GpiEvent): void;
  gap(gap: ReadGap): void;
  /** Everything this reader saw before `at` has been handed over. */
  complete(reader: string, at: number): void;
  /** Event time up to which the reader was complete, also from before a restart; null if never. */
  completeUntil(reader: string): number | null;
}

export type SessionState = 'idle' | 'connecting' | 'configuring' | 'reading' | 'waiting' | 'stopped';

export interface ReaderStatus {
  readonly id: string;
  readonly state: SessionState;
  /** In plain words, while the state is not `reading`. */
  readonly reason: string | null;
  readonly clock: ClockState;
  readonly firmware: string | null;
  /** A read or an input came at this time, epoch ms UTC. */
  readonly lastActivity: number | null;
}

export interface SessionOptions {
  readonly profile: ReaderProfile;
  readonly line: ReaderLine;
  readonly sink: ReadSink;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** Resolves when reads can be put on disk; until then the reader keeps them. */
  readonly ready: () => Promise<void>;
  /** State or reason changed. */
  readonly changed: () => void;
  /** 0 <= jitter < 1, for the backoff. */
  readonly random: () => number;
}

/**
 * A reader, for as long as the gateway runs: connect, configure, release what the reader held, read, and again after
 * every failure. Nothing is sent before the reader has said that the connection stands (LLRP 1.0.1, clause 13.1).
 */
export class ReaderSession {
  readonly #options: SessionOptions;
  readonly #clock: ReaderClock;
  readonly #columns = new TagColumns();
  readonly #stopping = new AbortController();
  #state: SessionState = 'idle';
  #reason: string | null = null;
  #client: LlrpClient | null = null;
  #capabilities: ReaderCapabilities | null = null;
  #running: Promise<void> | null = null;
  #failures = 0;
  #asksVersion = true;
  #asksImpinj = true;
  #isLive = false;
  #nudge = new AbortController();
  /** The last connection broke then, with reports under way. */
  #lostAt: number | null = null;
  /** A gap that is told once it is known how far it goes: reads of [from, lostAt) and perhaps later ones, `until` at the latest. */
  #doubt: { readonly from: number; readonly lostAt: number; until: number } | null = null;
  #lastActivity: number | null = null;
  #outputs = new Map<number, boolean>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = new ReaderClock(options.profile.clockToleranceMs);
  }

  start(): void {
    if (this.#running === null) this.#running = this.#run();
  }

  async stop(): Promise<void> {
    const client = this.#client;
    if (client !== null && this.#state === 'reading') await client.farewell();
    await this.abandon();
    this.#enter('stopped', null);
  }

  /** Ends without a farewell. */
  async abandon(): Promise<void> {
    this.#stopping.abort();
    this.#client?.close(stopped());
    await this.#running;
  }

  get status(): ReaderStatus {
    return {
      id: this.#options.profile.id,
      state: this.#state,
      reason: this.#reason,
      clock: this.#clock.state,
      firmware: this.#capabilities?.firmware ?? null,
      lastActivity: this.#lastActivity,
    };
  }

  /**
   * Ends the connection in an orderly way; what the reader sees from now on it keeps until the next one is released.
   * What it has sent already is taken: a socket that is simply closed would lose it.
   */
  async letGo(reason: string): Promise<void> {
    const client = this.#client;
    if (client === null || this.#state !== 'reading') return;
    await client.farewell();
    client.close(new UnavailableError('LLRP_LET_GO', reason));
  }

  /** Sets output ports now, and again after every reconnect. */
  async setOutputs(outputs: ReadonlyMap<number, boolean>): Promise<void> {
    for (const [port, isHigh] of outputs) this.#outputs.set(port, isHigh);
    const client = this.#client;
    if (client === null || this.#state !== 'reading') return;
    await client.must({ name: 'SET_READER_CONFIG', ResetToFactoryDefault: false, parameters: gpoData(outputs) });
  }

  async #run(): Promise<void> {
    const { time, logger, metrics, profile } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const error = await this.#once().then(
        () => stopped(),
        (reason: unknown) => reason,
      );
      this.#client = null;
      this.#isLive = false;
      if (this.#stopping.signal.aborted) return;
      if (!(error instanceof Error)) throw error;
      const isOccupied = error instanceof IsothermError && error.code === 'LLRP_OCCUPIED';
      const doubled = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** this.#failures++);
      const waitMs = (isOccupied ? BACKOFF_MS.occupied : doubled) * (0.5 + this.#options.random());
      this.#enter('waiting', error.message);
      metrics.reconnects.add(1, { reader: profile.id });
      logger.warn({ reader: profile.id, err: error, waitMs: Math.round(waitMs) }, 'reader is away; trying again');
      await time.sleep('gateway.reader.backoff', waitMs, this.#stopping.signal);
    }
  }

  /** One connection from dial to its end; rejects with the reason it ended. */
  async #once(): Promise<void> {
    const { line, profile, time } = this.#options;
    this.#enter('connecting', null);
    const socket = await line.open(this.#stopping.signal);
    const { client, attempt, end } = this.#wire(socket);
    this.#client = client;
    try {
      await withinTime(attempt, time, profile.answerMs, 'the reader does not say that the connection stands');
      this.#enter('configuring', null);
      const { asksVersion, capabilities, wasReading } = await this.#setUp(client);
      this.#asksVersion = asksVersion;
      this.#capabilities = capabilities;
      this.#judgeOutage(wasReading);
      await Promise.race([end, this.#options.ready()]);
      client.send({ name: 'ENABLE_EVENTS_AND_REPORTS' });
      this.#enter('reading', null);
      await Promise.race([end, this.#keepComplete(client)]);
    } finally {
      client.close(stopped());
      if (this.#state === 'reading' && !client.isOrderly) this.#lostAt = time.now();
    }
  }

  async #setUp(client: LlrpClient): Promise<SetUp> {
    const { profile, logger } = this.#options;
    const asks = { asksVersion: this.#asksVersion, asksImpinj: this.#asksImpinj };
    try {
      return await setUpReader(client, { profile, outputs: this.#outputs, ...asks, logger });
    } catch (error) {
      // A reader that hangs up over a question is not asked it again.
      if (error instanceof IsothermError && error.code === 'LLRP_VERSION_UNASKABLE') this.#asksVersion = false;
      if (error instanceof IsothermError && error.code === 'LLRP_EXTENSIONS_UNASKABLE') this.#asksImpinj = false;
      throw error;
    }
  }

  #wire(socket: Socket): { client: LlrpClient; attempt: Promise<void>; end: Promise<never> } {
    const { profile, time } = this.#options;
    const attempt = Promise.withResolvers<void>();
    const end = Promise.withResolvers<never>();
    // Whoever waits for them gets the reason; where nobody waits any more it has been given already.
    attempt.promise.catch(() => undefined);
    end.promise.catch(() => undefined);
    const client = new LlrpClient({
      socket,
      time,
      keepaliveMs: profile.keepaliveMs,
      answerMs: profile.answerMs,
      events: {
        report: (frame) => this.#report(frame),
        notification: (message) => this.#notification(message, attempt),
        malformed: (error, frame) => this.#malformed(error, frame),
        closed: (reason) => {
          attempt.reject(reason);
          end.reject(reason);
        },
      },
    });
    client.start();
    return { client, attempt: attempt.promise, end: end.promise };
  }

  /** Whatever the reader did not see, or could not keep, since it was last complete is a gap. */
  #judgeOutage(wasReading: boolean): void {
    const { sink, profile, time } = this.#options;
    const from = sink.completeUntil(profile.id);
    const lostAt = this.#lostAt ?? this.#doubt?.lostAt ?? null;
    this.#lostAt = null;
    this.#doubt = null;
    const canHold = this.#capabilities?.canHold ?? false;
    if (from === null || (wasReading && canHold && lostAt === null)) return;
    const now = time.now();
    if (wasReading && canHold && lostAt !== null) {
      this.#doubt = { from, lostAt, until: Math.min(now, lostAt + TCP_GIVES_UP_MS) };
      return;
    }
    if (now > from) sink.gap({ reader: profile.id, from, to: now, reason: gapReason(wasReading, canHold) });
  }

  /**
   * What the reader sent into a dead connection is gone, and it may have noticed later than the gateway: its first read since then
   * tells from when on it has kept what it saw.
   */
  #settleDoubt(): void {
    if (this.#doubt === null) return;
    const { from, lostAt, until } = this.#doubt;
    this.#doubt = null;
    const to = Math.max(lostAt, until);
    const { sink, profile } = this.#options;
    if (to > from) sink.gap({ reader: profile.id, from, to, reason: gapReason(true, true) });
  }

  /** Asks the reader again and again; each answer says that everything before the question has been reported. */
  async #keepComplete(client: LlrpClient): Promise<never> {
    const { time, sink, profile } = this.#options;
    for (;;) {
      const at = time.now();
      if (await isEverythingReported(client)) {
        // Only now has the connection worked: a reader that accepts it and refuses, or drops it at once, is waited for.
        this.#failures = 0;
        this.#isLive = true;
        this.#settleDoubt();
        sink.complete(profile.id, at - SETTLE_MS);
      }
      const isBusy = this.#lastActivity !== null && at - this.#lastActivity < BARRIER_MS.busyFor;
      this.#nudge = new AbortController();
      // In a quiet time the first tag ends the wait; after that the beat is steady.
      const signal = isBusy ? this.#stopping.signal : AbortSignal.any([this.#stopping.signal, this.#nudge.signal]);
      await time.sleep('gateway.reader.barrier', isBusy ? BARRIER_MS.busy : BARRIER_MS.quiet, signal);
      if (client.closedBecause !== null) throw client.closedBecause;
      if (this.#stopping.signal.aborted) throw stopped();
    }
  }

  #report(frame: Uint8Array): void {
    const rows = decodeTags(frame, this.#columns);
    if (rows === 0) return;
    this.#activity();
    if (this.#doubt !== null) this.#doubt.until = Math.min(this.#doubt.until, this.#earliest(rows) + SETTLE_MS);
    this.#options.metrics.tags.add(rows, { reader: this.#options.profile.id });
    this.#options.sink.tags(this.#options.profile.id, this.#columns, this.#clock);
  }

  /** Of the reads in the columns, by the gateway's clock. */
  #earliest(rows: number): number {
    const { flags, firstSeen, lastSeen } = this.#columns;
    let earliest = Number.POSITIVE_INFINITY;
    for (let row = 0; row < rows; row++) {
      const has = flags[row] ?? 0;
      const micros = has & TAG.hasFirst ? firstSeen[row] : has & TAG.hasLast ? lastSeen[row] : undefined;
      if (micros !== undefined) earliest = Math.min(earliest, this.#clock.toGateway(micros / 1000));
    }
    return earliest;
  }

  #notification(message: MessageOf<'READER_EVENT_NOTIFICATION'>, attempt: PromiseWithResolvers<void>): void {
    const data = parameterOf(message, 'ReaderEventNotificationData');
    if (data === undefined) return;
    const at = this.#eventTime(data);
    const connection = parameterOf(data, 'ConnectionAttemptEvent');
    if (connection !== undefined) this.#connectionAttempt(connection.Status, attempt);
    const { profile, logger, sink, metrics } = this.#options;
    const gpi = parameterOf(data, 'GPIEvent');
    if (gpi !== undefined) {
      this.#activity();
      sink.gpi({ reader: profile.id, port: gpi.GPIPortNumber, isHigh: gpi.GPIEvent, at });
    }
    if (parameterOf(data, 'ReportBufferOverflowErrorEvent') !== undefined) {
      metrics.overflows.add(1, { reader: profile.id });
      // Whether the oldest or the newest reads went is the reader's secret: the gap covers both.
      const from = Math.min(sink.completeUntil(profile.id) ?? at, at);
      const to = Math.max(at, this.#options.time.now());
      logger.error({ reader: profile.id, from }, 'the reader ran out of room: reads are lost');
      sink.gap({ reader: profile.id, from, to, reason: doorText('en', 'pass.gap.overflow') });
    }
    const level = parameterOf(data, 'ReportBufferLevelWarningEvent');
    if (level !== undefined) {
      logger.warn({ reader: profile.id, percent: level.ReportBufferPercentageFull }, 'reader buffer fills up');
    }
    const exception = parameterOf(data, 'ReaderExceptionEvent');
    if (exception !== undefined) logger.warn({ reader: profile.id, message: exception.Message }, 'reader exception');
    const antenna = parameterOf(data, 'AntennaEvent');
    if (antenna !== undefined) {
      const fields = { reader: profile.id, antenna: antenna.AntennaID };
      if (antenna.EventType === 0) logger.warn(fields, 'antenna disconnected');
      else logger.info(fields, 'antenna connected');
    }
    if (parameterOf(data, 'ConnectionCloseEvent') !== undefined) {
      this.#client?.close(new UnavailableError('LLRP_CONNECTION_LOST', 'the reader says it closes the connection'));
    }
  }

  /** Event time of a notification by the gateway's clock; its clock reading is a sample of the skew. */
  #eventTime(data: ParameterOf<'ReaderEventNotificationData'>): number {
    const { time, logger, profile, metrics } = this.#options;
    const utc = parameterOf(data, 'UTCTimestamp');
    const clock = utc ?? parameterOf(data, 'Uptime');
    const now = time.now();
    if (clock === undefined) return now;
    const readerMs = Number(clock.Microseconds) / 1000;
    const isConnect = parameterOf(data, 'ConnectionAttemptEvent')?.Status === CONNECTION_ATTEMPT.success;
    if (isConnect) {
      this.#clock.anchor(readerMs, now, utc === undefined);
      const { isCorrected, skewMs } = this.#clock.state;
      if (isCorrected && utc !== undefined) {
        logger.warn({ reader: profile.id, skewMs }, "the reader's clock is off; its times are corrected");
      }
    } else if (this.#clock.sample(readerMs, now, this.#isLive)) {
      logger.warn({ reader: profile.id, skewMs: this.#clock.state.skewMs }, "the reader's clock has jumped");
    }
    metrics.skew.set((this.#clock.state.skewMs ?? 0) / 1000, { reader: profile.id });
    const at = this.#clock.toGateway(readerMs);
    // A time that can be none (before 1970, after 9999) is no time; the event is heard when it comes.
    return at >= 0 && at < LATEST_TIME ? at : now;
  }

  #connectionAttempt(status: number, attempt: PromiseWithResolvers<void>): void {
    if (status === CONNECTION_ATTEMPT.success) {
      attempt.resolve();
    } else if (status === CONNECTION_ATTEMPT.another) {
      this.#options.logger.warn({ reader: this.#options.profile.id }, 'another client tried to connect to the reader');
    } else {
      const words = 'another client is connected to the reader';
      const code = status === CONNECTION_ATTEMPT.failed ? 'LLRP_CONNECTION_REFUSED' : 'LLRP_OCCUPIED';
      const error = new UnavailableError(code, code === 'LLRP_OCCUPIED' ? words : 'the reader refused the connection');
      attempt.reject(error);
      this.#client?.close(error);
    }
  }

  #activity(): void {
    this.#lastActivity = this.#options.time.now();
    this.#nudge.abort();
  }

  #malformed(error: IsothermError, frame: Uint8Array): void {
    const { profile, logger, metrics } = this.#options;
    metrics.malformed.add(1, { reader: profile.id });
    const hex = Buffer.from(frame.subarray(0, KEPT_BYTES)).toString('hex');
    logger.warn({ reader: profile.id, err: error, hex }, 'malformed frame left out');
  }

  #enter(state: SessionState, reason: string | null): void {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#options.changed();
  }
}

function gapReason(wasReading: boolean, canHold: boolean): string {
  if (!wasReading) return doorText('en', 'pass.gap.notReading');
  return doorText('en', canHold ? 'pass.gap.broken' : 'pass.gap.unheld');
}

/** A small question; its answer comes after every report of what was seen before. A slow reader may owe it. */
async function isEverythingReported(client: LlrpClient): Promise<boolean> {
  const nothing = { AntennaID: 0, GPIPortNum: 0, GPOPortNum: 0 };
  try {
    await client.request({ name: 'GET_READER_CONFIG', RequestedData: REQUEST_CONFIGURATION_STATE, ...nothing });
    return true;
  } catch (error) {
    // Whether a reader that does not answer is still there, its keepalives say.
    if (error instanceof IsothermError && error.code === 'LLRP_TIMEOUT') return false;
    throw error;
  }
}

async function withinTime(work: Promise<void>, time: TimeSource, ms: number, otherwise: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = time.after('gateway.reader.attempt', ms, () => {
    late.reject(new UnavailableError('LLRP_TIMEOUT', `${otherwise} within ${ms} ms`));
  });
  try {
    await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}

function stopped(): UnavailableError {
  return new UnavailableError('LLRP_STOPPED', 'the session is stopped');
}
