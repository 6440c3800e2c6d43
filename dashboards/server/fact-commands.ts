import {
  encodeJson,
  FACT_VERSION,
  type Fact,
  type Log,
  type NewRecord,
  OriginalsBuilder,
  type Origination,
  positionIn,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import { originalsRecord } from '../../storage/index.ts';
import type { Directory } from './directory.ts';
import { type Received, subjectsOf } from './received.ts';

/** How long an answer waits for the tracer, ms (trace.md: 201 within it, else 202). */
const WAIT_MS = 2_000;

export interface FactCommandsOptions {
  readonly log: Log;
  readonly directory: Directory;
  /** Whether the tracer has applied everything up to this position of `trace`, within the time. */
  readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
  readonly time: TimeSource;
}

/** Appends what people decide to the log, as facts. */
export class FactCommands {
  readonly #options: FactCommandsOptions;

  constructor(options: FactCommandsOptions) {
    this.#options = options;
  }

  /**
   * Waits until all that is in the log has been worked in: who decides upon what is must not look at what was.
   * @throws {UnavailableError} FACTS_WAITING
   */
  async settled(): Promise<void> {
    const { log, tracerPassed } = this.#options;
    const head = positionIn(await log.heads(), 'trace');
    if (await tracerPassed(head, WAIT_MS)) return;
    throw new UnavailableError('FACTS_WAITING', 'what was told before is not worked in yet; try again in a moment');
  }

  /**
   * Durable when it resolves, the request itself with it.
   * @param received the request that brought them; null where nobody sent one, or its original is kept already
   * @param origination who told them; default: who sent the request
   * @returns whether the tracer has applied them already
   * @throws {UnavailableError} LOG_FULL, LOG_UNAVAILABLE
   */
  async record(
    facts: readonly Fact[],
    received: Received | null,
    origination: Origination | null = received?.origination ?? null,
  ): Promise<boolean> {
    const { log, directory, tracerPassed, time } = this.#options;
    const arrival = time.now();
    const records = facts.map(
      (fact): NewRecord => ({
        family: 'trace',
        kind: 'fact',
        version: FACT_VERSION,
        source: 'http',
        sequence: null,
        arrival,
        payload: encodeJson(origination === null ? fact : { ...fact, origination }),
      }),
    );
    if (received !== null) records.push(originalOf(received, facts, arrival));
    const receipts = await log.append(records);
    const position = receipts.slice(0, facts.length).reduce((last, receipt) => Math.max(last, receipt.position), 0);
    const isApplied = await tracerPassed(position, WAIT_MS);
    directory.forget();
    return isApplied;
  }
}

function originalOf(received: Received, facts: readonly Fact[], arrival: number): NewRecord {
  const originals = new OriginalsBuilder();
  const { source, door, payload } = received;
  originals.add({ source, door, payload, arrival, subjects: subjectsOf(facts, arrival) });
  return originalsRecord(originals, { source: 'http', arrival });
}
