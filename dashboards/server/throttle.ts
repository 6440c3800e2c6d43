import type { TimeSource } from '../../domain/index.ts';
import { Refusal } from './problems.ts';

const WINDOW_MS = 60_000;
/** Failures in a window before one waits: for a name from anywhere, and for an address whatever the name. */
const MOST_PER_NAME = 10;
const MOST_PER_ADDRESS = 30;
/** Names and addresses remembered at once; the oldest are forgotten first. */
const MOST_REMEMBERED = 10_000;

interface Failures {
  count: number;
  /** Epoch ms UTC. */
  readonly since: number;
}

/**
 * Slows down guessing of passwords: too many failures in a minute, and the next attempt waits the minute out. An attempt
 * counts from its beginning, so that many at once are no way around it.
 */
export class SignInThrottle {
  readonly #time: TimeSource;
  readonly #failures = new Map<string, Failures>();

  constructor({ time }: { time: TimeSource }) {
    this.#time = time;
  }

  /** Counts as a failure unless it is taken back by {@link succeeded}. @throws {Refusal} SIGN_IN_THROTTLED, 429 */
  attempt(name: string, address: string): void {
    const wait = Math.max(this.#waitMs(`name ${name}`, MOST_PER_NAME), this.#waitMs(`at ${address}`, MOST_PER_ADDRESS));
    if (wait > 0) {
      const retryAfterSeconds = Math.ceil(wait / 1000);
      throw new Refusal(429, 'SIGN_IN_THROTTLED', `too many attempts; wait ${retryAfterSeconds} s`, {
        retryAfterSeconds,
      });
    }
    this.#count(`name ${name}`);
    this.#count(`at ${address}`);
  }

  succeeded(name: string, address: string): void {
    this.#failures.delete(`name ${name}`);
    const fromThere = this.#failures.get(`at ${address}`);
    if (fromThere !== undefined) fromThere.count--;
  }

  #waitMs(key: string, most: number): number {
    const failures = this.#failures.get(key);
    if (failures === undefined || failures.count < most) return 0;
    return Math.max(0, failures.since + WINDOW_MS - this.#time.now());
  }

  #count(key: string): void {
    const now = this.#time.now();
    const failures = this.#failures.get(key);
    if (failures !== undefined && now < failures.since + WINDOW_MS) {
      failures.count++;
      return;
    }
    this.#failures.delete(key);
    this.#failures.set(key, { count: 1, since: now });
    if (this.#failures.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      return;
    }
  }
}
