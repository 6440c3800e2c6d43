import type { TimeSource } from '../domain/index.ts';

/** Lets one event a subject through per interval, so that a client that keeps failing costs one log line a minute. */
export class LogThrottle {
  readonly #time: TimeSource;
  readonly #everyMs: number;
  readonly #mostSubjects: number;
  readonly #last = new Map<string, number>();

  constructor(time: TimeSource, everyMs = 60_000, mostSubjects = 1_000) {
    this.#time = time;
    this.#everyMs = everyMs;
    this.#mostSubjects = mostSubjects;
  }

  /** True where the subject has not been heard of for the interval. Forgets the oldest subjects beyond its bound. */
  allows(subject: string): boolean {
    const now = this.#time.monotonic();
    const last = this.#last.get(subject);
    if (last !== undefined && now - last < this.#everyMs) return false;
    this.#last.delete(subject);
    this.#last.set(subject, now);
    if (this.#last.size > this.#mostSubjects) {
      const oldest = this.#last.keys().next();
      if (!oldest.done) this.#last.delete(oldest.value);
    }
    return true;
  }
}
