import { encodeJson, FACT_VERSION, type Fact, type Log, type NewRecord, type TimeSource } from '../../domain/index.ts';
import type { Directory } from './directory.ts';

/** How long an answer waits for the tracer, ms (trace.md: 201 within it, else 202). */
const WAIT_MS = 2_000;

export interface FactDeskOptions {
  readonly log: Log;
  readonly directory: Directory;
  /** Whether the tracer has worked in everything up to this position of `trace`, within the time. */
  readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
  readonly time: TimeSource;
}

/** Where what people tell becomes a fact in the log. */
export class FactDesk {
  readonly #options: FactDeskOptions;

  constructor(options: FactDeskOptions) {
    this.#options = options;
  }

  /**
   * Durable when it resolves.
   * @returns whether the tracer has worked it in already
   * @throws {UnavailableError} LOG_FULL, LOG_UNAVAILABLE
   */
  async tell(facts: readonly Fact[]): Promise<boolean> {
    const { log, directory, tracerPassed, time } = this.#options;
    const arrival = time.now();
    const records = facts.map(
      (fact): NewRecord => ({
        family: 'trace',
        partition: 0,
        kind: 'fact',
        version: FACT_VERSION,
        source: 'http',
        sequence: null,
        arrival,
        payload: encodeJson(fact),
      }),
    );
    const receipts = await log.append(records);
    const position = receipts.reduce((last, receipt) => Math.max(last, receipt.position), 0);
    const isWorkedIn = await tracerPassed(position, WAIT_MS);
    directory.forget();
    return isWorkedIn;
  }
}
