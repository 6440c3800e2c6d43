import type { TimeSource } from '../domain/index.ts';
import { TIME_AHEAD_MS } from './admission.ts';

/** Senders that were heard in this time are asked. */
const HEARD_MS = 10 * 60_000;
/** One sender alone, or two of one maker, have a bad clock of their own. */
const LEAST_SENDERS = 3;
const SHARE = 0.9;
/** The database server's clock may differ by this much. */
const DATABASE_MS = 60_000;
/** Counting everybody is for once a second, not for each message. */
const JUDGE_EVERY_MS = 1_000;
/** Senders remembered at most. */
const MOST = 50_000;

interface Heard {
  /** The latest time it stated, and when that was, by the clock that no one sets. */
  statedAt: number;
  heardAt: number;
}

/**
 * Whether it is our clock that is wrong. Where at least three senders, and nine in ten of those heard in the last ten
 * minutes, are ahead of it by more than ten minutes, or the database server's differs by more than a minute, their
 * readings are good and must not be acknowledged into quarantine.
 *
 * A sender's clock goes on between its messages as ours does, so that setting ours right is noticed at once.
 */
export class OwnClock {
  readonly #time: TimeSource;
  readonly #heard = new Map<string, Heard>();
  #databaseLeadMs: number | null = null;
  #judgedAt = Number.NEGATIVE_INFINITY;
  #reason: string | null = null;

  constructor(time: TimeSource) {
    this.#time = time;
  }

  /** @param statedAt the latest time of a message that states times, epoch ms UTC */
  heard(sender: string, statedAt: number): void {
    this.#note(sender, statedAt, this.#time.monotonic());
  }

  /**
   * Both in one look at the clock, for each message.
   * @param statedAt as above; -Infinity where the message states no time
   */
  faultAfter(sender: string, statedAt: number): string | null {
    const now = this.#time.monotonic();
    if (statedAt > 0) this.#note(sender, statedAt, now);
    return this.#faultAt(now);
  }

  /** How far the database server's clock is ahead of ours, ms; null where it cannot be asked. */
  databaseIsAhead(ms: number | null): void {
    this.#databaseLeadMs = ms;
    this.#judgedAt = Number.NEGATIVE_INFINITY;
  }

  /** Why our clock is not to be trusted; null where it is. */
  get fault(): string | null {
    return this.#faultAt(this.#time.monotonic());
  }

  #note(sender: string, statedAt: number, heardAt: number): void {
    const known = this.#heard.get(sender);
    if (known !== undefined) {
      known.statedAt = statedAt;
      known.heardAt = heardAt;
      return;
    }
    if (this.#heard.size >= MOST) this.#forget(heardAt);
    this.#heard.set(sender, { statedAt, heardAt });
  }

  #faultAt(now: number): string | null {
    if (now - this.#judgedAt >= JUDGE_EVERY_MS) {
      this.#judgedAt = now;
      this.#reason = this.#judge(now);
    }
    return this.#reason;
  }

  #judge(now: number): string | null {
    const lead = this.#databaseLeadMs;
    if (lead !== null && Math.abs(lead) > DATABASE_MS) {
      const seconds = Math.round(Math.abs(lead) / 1000);
      return `the clock of this machine is ${seconds} s ${lead > 0 ? 'behind' : 'ahead of'} the database server's; set it`;
    }
    let [asked, ahead] = [0, 0];
    for (const { statedAt, heardAt } of this.#heard.values()) {
      if (now - heardAt > HEARD_MS) continue;
      asked++;
      if (statedAt + (now - heardAt) > this.#time.now() + TIME_AHEAD_MS) ahead++;
    }
    if (ahead < LEAST_SENDERS || ahead < asked * SHARE) return null;
    return `${ahead} of the ${asked} senders heard in the last ten minutes are more than ten minutes ahead; set the clock of this machine`;
  }

  #forget(now: number): void {
    for (const [sender, { heardAt }] of this.#heard) if (now - heardAt > HEARD_MS) this.#heard.delete(sender);
    if (this.#heard.size >= MOST) this.#heard.clear();
  }
}
