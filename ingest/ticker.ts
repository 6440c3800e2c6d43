import {
  type Counter,
  encodeJson,
  type Log,
  type Logger,
  type Meter,
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
}

/**
 * The clock of everything behind the log: appends a tick at once and then every ten seconds, one at a time. A tick says
 * how far the readings had come, so that silence is judged on what had been heard by then. A tick that fails is counted
 * and left out; the next one says more.
 */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #ticks: Counter;
  readonly #failedTicks: Counter;
  #timer: Timer | null = null;
  #underWay: Promise<void> | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#ticks = options.meter.counter(INGEST_METRICS.ticks);
    this.#failedTicks = options.meter.counter(INGEST_METRICS.failedTicks);
  }

  start(): void {
    const { time, everyMs = TICK_EVERY_MS } = this.#options;
    this.#timer = time.every('tick', everyMs, () => this.#run());
    this.#run();
  }

  /** Waits for the tick under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
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
        partition: 0,
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
