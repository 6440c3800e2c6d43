import {
  encodeJson,
  FACT_VERSION,
  type Fact,
  type KeyedAct,
  type Log,
  type NewRecord,
  OriginalsBuilder,
  type Origination,
  positionIn,
  type TimeSource,
  UNKEYED,
  UnavailableError,
} from '../../domain/index.ts';
import { type Database, effectsOf, originalsRecord } from '../../storage/index.ts';
import { decidedAt } from './decided-at.ts';
import type { Directory } from './directory.ts';
import { type Received, subjectsOf } from './received.ts';

/** How long an answer waits for the tracer, ms (trace.md: 201 within it, else 202). */
const WAIT_MS = 2_000;

export interface FactCommandsOptions {
  readonly database: Database;
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
   * When a person did what is asked for, which names it among the facts: a request under a key that was cut off keeps the moment
   * of its first attempt, and all that it may have told is worked in when this resolves.
   * @param said when, as the asker says, epoch ms; absent: now
   * @throws {InputError} DECIDED_AT_AHEAD
   * @throws {UnavailableError} FACTS_WAITING
   */
  async momentOf(act: KeyedAct, said: number | undefined): Promise<number> {
    if (act.made === null) return decidedAt(said, this.#options.time);
    await this.settled();
    return Number(act.made);
  }

  /**
   * As {@link record}, of a request that may bear a key: its moment is on record before anything is told, so that who asks again
   * after a kill in between need not wait, and is recognised by it.
   * @param at of {@link momentOf}
   * @throws {ConflictError} REQUEST_UNDER_WAY
   * @throws {UnavailableError} LOG_FULL, LOG_UNAVAILABLE
   */
  async recordKeyed(
    facts: readonly Fact[],
    received: Received,
    { act, at }: { readonly act: KeyedAct; readonly at: number },
  ): Promise<boolean> {
    const isFirst = act !== UNKEYED && act.made === null;
    if (isFirst) await this.#options.database.transaction((client) => act.mark(effectsOf(client), String(at)));
    return this.record(facts, received);
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
