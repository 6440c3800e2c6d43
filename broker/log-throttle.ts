import type { TimeSource } from '../domain/index.ts';

/** Lines a minute of one group, however many subjects it names. */
const MOST_PER_GROUP = 10;

/**
 * Lets one event a subject through per interval, so that a client that keeps failing costs one log line a minute; and a few
 * of one group, so that whoever fails under a new name each time costs no more.
 */
export class LogThrottle {
  readonly #time: TimeSource;
  readonly #everyMs: number;
  readonly #mostSubjects: number;
  readonly #last = new Map<string, number>();
  readonly #groups = new Map<string, { readonly since: number; lines: number }>();

  constructor(time: TimeSource, everyMs = 60_000, mostSubjects = 1_000) {
    this.#time = time;
    this.#everyMs = everyMs;
    this.#mostSubjects = mostSubjects;
  }

  /**
   * True where the subject has not been heard of for the interval. Forgets the oldest subjects beyond its bound.
   * @param group where it comes from
   */
  allows(subject: string, group?: string): boolean {
    const now = this.#time.monotonic();
    const last = this.#last.get(subject);
    if (last !== undefined && now - last < this.#everyMs) return false;
    if (group !== undefined && !this.#groupAllows(group, now)) return false;
    keep(this.#last, subject, now, this.#mostSubjects);
    return true;
  }

  #groupAllows(name: string, now: number): boolean {
    const known = this.#groups.get(name);
    if (known === undefined || now - known.since >= this.#everyMs) {
      keep(this.#groups, name, { since: now, lines: 1 }, this.#mostSubjects);
      return true;
    }
    known.lines++;
    return known.lines <= MOST_PER_GROUP;
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
