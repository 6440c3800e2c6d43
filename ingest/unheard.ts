/** Messages in a row of a sender that was understood before. */
const STREAK = 3;
/** Senders remembered at most. */
const MOST = 10_000;

interface Streak {
  count: number;
  readonly since: number;
  reason: string;
  detail: string;
}

/** A sender of which nothing is taken. */
export interface Unheard {
  readonly source: string;
  /** Arrival of the first message of the row, epoch ms UTC. */
  readonly since: number;
  readonly messages: number;
  /** Of the latest refusal. */
  readonly reason: string;
  readonly detail: string;
}

/**
 * Senders whose every message is refused: they believe that they are heard, their goods are not watched, and no rule can
 * notice it, since silence is judged of devices that were heard. Over the life of this process.
 */
export class UnheardSenders {
  readonly #streaks = new Map<string, Streak>();
  readonly #understood = new Set<string>();

  /** Something of its message was taken. */
  taken(source: string): void {
    if (this.#streaks.size > 0) this.#streaks.delete(source);
    if (this.#understood.size < MOST) this.#understood.add(source);
  }

  /** Nothing of its message was taken. @param isChatter it may have been no reading at all */
  refused(source: string, at: number, reason: string, detail: string, isChatter: boolean): void {
    if (isChatter && this.#understood.has(source)) return;
    const streak = this.#streaks.get(source);
    if (streak !== undefined) {
      streak.count++;
      streak.reason = reason;
      streak.detail = detail;
    } else if (this.#streaks.size < MOST) {
      this.#streaks.set(source, { count: 1, since: at, reason, detail });
    }
  }

  list(): readonly Unheard[] {
    return [...this.#streaks]
      .filter(([source, { count }]) => count >= STREAK || !this.#understood.has(source))
      .map(([source, { count, since, reason, detail }]) => ({ source, since, messages: count, reason, detail }));
  }
}
