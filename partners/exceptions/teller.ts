import {
  type Logger,
  type Origination,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../../domain/index.ts';
import { exceptionId, type PartnerException } from './exception.ts';
import type { ExceptionMessages } from './exception-messages.ts';
import type { Exceptions } from './exceptions.ts';
import type { ClaimedTelling, Tellings } from './tellings.ts';

export interface TellerOptions {
  readonly exceptions: Exceptions;
  readonly messages: ExceptionMessages;
  readonly tellings: Tellings;
  readonly logger: Logger;
  readonly time: TimeSource;
  /** How long until the next attempt, ms; null: it is given up. */
  readonly waitBeforeRetry: (attempts: number, ageMs: number) => number | null;
}

const LOOK_EVERY_MS = 1_000;
/** Under way at once: a partner that is slow holds up none of the others. */
const MOST_UNDER_WAY = 8;
const PART = 'exceptions-told';

/**
 * Tells partners what we said of exceptions. That it is to be told is kept before the first attempt, and how far the partner
 * has it after each answer: killed in between, the entry is sent again under the same id.
 */
export class ExceptionTeller {
  readonly #options: TellerOptions;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** Follows up what could not be told at once. */
  start(troubles: Troubles): void {
    const { logger, time } = this.#options;
    this.#timer = time.every('exceptions: tell partners', LOOK_EVERY_MS, () => {
      if (this.#looking !== null || this.#stopping.signal.aborted) return;
      this.#looking = this.look()
        .then(
          () => troubles.passed(PART),
          (error: unknown) => {
            troubles.failed(PART, error, time.now());
            logger.debug({ error }, 'exceptions that are to be told could not be looked at');
          },
        )
        .finally(() => {
          this.#looking = null;
        });
    });
  }

  /** Attempts under way are cut off: they are made again, under the same ids. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopping.abort();
    await this.idle();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  /**
   * Tells the partner all we said, now.
   * @returns why the partner does not have it all, in a line; it is tried again, but where `obstacle` says so. null: it has
   */
  async tell(exception: PartnerException, by: Origination): Promise<string | null> {
    const obstacle = await this.#options.messages.obstacle(exception);
    if (obstacle !== null) return obstacle;
    return this.#attempt(await this.#options.tellings.ask(exception.number, by));
  }

  /** One look at what is due. */
  async look(): Promise<void> {
    const free = MOST_UNDER_WAY - this.#underWay.size;
    if (free <= 0) return;
    for (const claimed of await this.#options.tellings.claim(free)) {
      const work = this.#attempt(claimed)
        .catch((error: unknown) => {
          // It is held until its claim ends, and then tried again.
          this.#options.logger.debug({ exception: claimed.exception, error }, 'an exception could not be told');
        })
        .finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    }
  }

  async #attempt(claimed: ClaimedTelling): Promise<string | null> {
    const { exceptions, messages, tellings } = this.#options;
    const { exception: number, upto, taken } = claimed;
    const obstacle = await messages.obstacle(await exceptions.get(exceptionId(number)));
    if (obstacle !== null) return this.#giveUp(claimed, obstacle);
    const entries = (await exceptions.thread(number)).filter(
      ({ side, number: entry }) => side === 'ours' && entry > taken && entry <= upto,
    );
    let failedBefore = claimed.attempts;
    for (const entry of entries) {
      try {
        await messages.send(number, entry, this.#stopping.signal);
      } catch (error) {
        return this.#failed({ ...claimed, attempts: failedBefore }, error);
      }
      failedBefore = 0;
      // Somebody else has it in hand, from the beginning.
      if (!(await tellings.taken(claimed, entry.number))) return null;
    }
    await tellings.done(claimed);
    return null;
  }

  async #failed(claimed: ClaimedTelling, error: unknown): Promise<string> {
    const { logger, tellings, time, waitBeforeRetry } = this.#options;
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    if (this.#stopping.signal.aborted) {
      await tellings.release(claimed);
      return failure;
    }
    if (error instanceof UnavailableError && error.details.status === 410) return this.#giveUp(claimed, failure);
    const now = time.now();
    const attempts = claimed.attempts + 1;
    const waitMs = waitBeforeRetry(attempts, now - claimed.since);
    if (waitMs === null) return this.#giveUp(claimed, failure);
    await tellings.failed(claimed, failure, now + waitMs);
    const fields = { exception: exceptionId(claimed.exception), attempts, reason: failure };
    if (attempts === 1) logger.warn(fields, 'a partner did not take what was said of an exception; it is sent again');
    return failure;
  }

  async #giveUp(claimed: ClaimedTelling, failure: string): Promise<string> {
    const { logger, tellings } = this.#options;
    if (await tellings.giveUp(claimed, failure)) {
      const fields = { exception: exceptionId(claimed.exception), reason: failure };
      logger.error(fields, 'a partner could not be told of an exception');
    }
    return failure;
  }
}
