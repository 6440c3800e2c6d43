import type { RefusalCount } from '../domain/index.ts';

/** One entry in quarantine an hour of what a device sends all day and nobody acts on. */
const ENTRY_EVERY_MS = 3_600_000;
/** Counts of a (source, reason) that was counted before wait this long for the next record. */
const NEWS_EVERY_MS = 10_000;
/** Pairs of source and reason remembered at most. */
const MOST = 20_000;

interface Recent {
  entryAt: number;
  appendedAt: number;
  waiting: RefusalCount | null;
}

/**
 * How often what was refused of whom. A refusal that costs nothing but itself (a field that nobody knows, a topic that
 * nobody decodes) gets an entry in quarantine once an hour and is otherwise only counted; counts leave for the log at
 * once where they are news, and else together, every ten seconds.
 */
export class RefusalTally {
  readonly #recent = new Map<string, Recent>();
  #news: RefusalCount[] = [];

  /** Whether a refusal of this kind should have an entry in quarantine again. */
  isEntryDue(source: string, reason: string, now: number): boolean {
    const recent = this.#recentOf(source, reason);
    if (now - recent.entryAt < ENTRY_EVERY_MS && now >= recent.entryAt) return false;
    recent.entryAt = now;
    return true;
  }

  count(refused: RefusalCount): void {
    const recent = this.#recentOf(refused.source, refused.reason);
    const { waiting } = recent;
    if (waiting !== null) {
      recent.waiting = { ...refused, from: waiting.from, count: waiting.count + refused.count };
    } else if (refused.to - recent.appendedAt < NEWS_EVERY_MS && refused.to >= recent.appendedAt) {
      recent.waiting = refused;
    } else {
      recent.appendedAt = refused.to;
      this.#news.push(refused);
    }
  }

  /** Counts of what was not heard of for a while, which are forgotten here. */
  takeNews(): RefusalCount[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /** All counts that are left, which are forgotten here. */
  takeAll(): RefusalCount[] {
    const counts = this.takeNews();
    for (const recent of this.#recent.values()) {
      if (recent.waiting === null) continue;
      counts.push(recent.waiting);
      recent.appendedAt = recent.waiting.to;
      recent.waiting = null;
    }
    return counts;
  }

  #recentOf(source: string, reason: string): Recent {
    const key = `${source} ${reason}`;
    let recent = this.#recent.get(key);
    if (recent === undefined) {
      recent = { entryAt: Number.NEGATIVE_INFINITY, appendedAt: Number.NEGATIVE_INFINITY, waiting: null };
      this.#recent.set(key, recent);
      if (this.#recent.size > MOST) this.#forgetOldest();
    }
    return recent;
  }

  #forgetOldest(): void {
    for (const [key, { waiting }] of this.#recent) {
      if (waiting !== null) continue;
      this.#recent.delete(key);
      return;
    }
  }
}
