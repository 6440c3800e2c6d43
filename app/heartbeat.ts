import { httpPost } from '../alerts/index.ts';
import { type Logger, type Timer, type TimeSource, type Troubles, UnavailableError } from '../domain/index.ts';
import { isLesserPart } from './health-watch.ts';

export interface HeartbeatOptions {
  /** Where the watchdog listens: the operator's word. */
  readonly url: string;
  readonly everyMs: number;
  readonly troubles: Troubles;
  /** Rejects where the database does not answer. */
  readonly answers: () => Promise<void>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

const PART = 'heartbeat';

/**
 * A dead man's switch: a POST to a watchdog outside (healthchecks.io, an Uptime Kuma push, Alertmanager's own) for as long as alerts
 * would go out from here. It is held back while a part fails without which readings or alerts are lost or late, so that
 * the watchdog speaks when Isotherm cannot.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #stopping = new AbortController();
  #timer: Timer | null = null;
  #beating: Promise<void> | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    const { time, everyMs } = this.#options;
    const beat = () => {
      this.#beating ??= this.#beat().finally(() => {
        this.#beating = null;
      });
    };
    this.#timer = time.every('alerts: heartbeat', everyMs, beat);
    beat();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopping.abort();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const { url, troubles, answers, time, logger } = this.#options;
    const failing = troubles.list().filter(({ part }) => part !== PART && !isLesserPart(part));
    if (failing.length > 0) {
      logger.warn({ parts: failing.map(({ part }) => part) }, 'the heartbeat is held back: alerts might not go out');
      return;
    }
    try {
      await answers();
      const request = { url, headers: { 'content-type': 'text/plain' }, body: '' };
      await httpPost(request, { channel: PART, time, outgoing: null, signal: this.#stopping.signal });
      troubles.passed(PART);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const text = error instanceof Error ? error.message : String(error);
      troubles.failed(PART, new UnavailableError('HEARTBEAT_FAILED', `the watchdog: ${text}`), time.now());
    }
  }
}
