import {
  type Counter,
  encodeJson,
  type Log,
  type Logger,
  type Meter,
  type Ownership,
  TICK_EVERY_MS,
  type Tick,
  type Timer,
  type TimeSource,
} from '../domain/index.ts';
import { INGEST_METRICS } from './metrics.ts';

const TICK_VERSION = 1;

export interface TickerOptions {
  readonly log: Log;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** ms between ticks; default {@link TICK_EVERY_MS}. */
  readonly everyMs?: number;
  /** Ticks come from one process at a time; absent: from whoever is started. */
  readonly ownership?: Ownership;
}

const OWNED = 'ticks';
const AGAIN_AFTER_MS = 1_000;

/**
 * The clock of everything behind the log: appends a tick at once and then every ten seconds, one at a time. A tick says
 * how far the readings had come, so that silence is judged on what had been heard by then. A tick that fails is counted
 * and left out; the next one says more.
 */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #ticks: Counter;
  readonly #failedTicks: Counter;
  readonly #stopping = new AbortController();
  #owning: Promise<void> | null = null;
  #timer: Timer | null = null;
  #underWay: Promise<void> | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#ticks = options.meter.counter(INGEST_METRICS.ticks);
    this.#failedTicks = options.meter.counter(INGEST_METRICS.failedTicks);
  }

  start(): void {
    const { ownership } = this.#options;
    if (ownership === undefined) this.#begin();
    else this.#owning = this.#tickWhileOwning(ownership);
  }

  #begin(): void {
    const { time, everyMs = TICK_EVERY_MS } = this.#options;
    this.#timer = time.every('tick', everyMs, () => this.#run());
    this.#run();
  }

  /** Another process ticks until this one is the owner, and again once it is not any more. */
  async #tickWhileOwning(ownership: Ownership): Promise<void> {
    const { signal } = this.#stopping;
    const { time, logger } = this.#options;
    while (!signal.aborted) {
      try {
        const owned = await ownership.own(OWNED, signal);
        this.#begin();
        await ended(AbortSignal.any([owned.lost, signal]));
        this.#timer?.cancel();
        await this.#underWay;
        await owned.release();
      } catch (error) {
        if (signal.aborted) return;
        logger.debug({ error }, 'whether this process ticks cannot be asked; asked again');
        await time.sleep('tick owner', AGAIN_AFTER_MS, signal);
      }
    }
  }

  /** Waits for the tick under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#stopping.abort();
    await this.#owning;
    await this.#underWay;
  }

  #run(): void {
    if (this.#underWay !== null) return;
    const { logger } = this.#options;
    this.#underWay = this.#tick()
      .then(
        () => this.#ticks.add(),
        (error: unknown) => {
          this.#failedTicks.add();
          logger.warn({ err: error }, 'tick not appended');
        },
      )
      .finally(() => {
        this.#underWay = null;
      });
  }

  async #tick(): Promise<void> {
    const { log, time } = this.#options;
    const heads = Object.fromEntries(
      Object.entries(await log.heads()).filter(([partition]) => partition.startsWith('readings/')),
    );
    // Read after the heads: everything up to them was heard before `now`.
    const now = time.now();
    const tick: Tick = { now, heads };
    await log.append([
      {
        family: 'trace',
        kind: 'tick',
        version: TICK_VERSION,
        source: 'ingest',
        sequence: null,
        arrival: now,
        payload: encodeJson(tick),
      },
    ]);
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
