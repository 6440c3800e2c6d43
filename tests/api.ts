import { whyGone } from './testing/endings.ts';

/** The platform answered 503: a part of it is away, and asking again is right. */
class AwayError extends Error {}

/** The platform's HTTP API as a partner system sees it, for tests. */
export class Api {
  readonly #baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return this.#send<T>('GET', path);
  }

  async send<T>(method: 'POST' | 'PUT', path: string, body: object): Promise<T> {
    return this.#send<T>(method, path, body);
  }

  /** Every item of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; nextCursor: string | null } = await this.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=1000${next}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#baseUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(async (cause: Error) => {
      const why = (await whyGone(this.#baseUrl)) ?? cause.cause ?? cause;
      throw new Error(`${method} ${path}: ${why}`, { cause });
    });
    const text = await response.text();
    if (!response.ok) {
      const said = `${method} ${path}: ${response.status} ${text}`;
      throw response.status === 503 ? new AwayError(said) : new Error(said);
    }
    return JSON.parse(text) as T;
  }
}

/**
 * Polls until `check` holds, also through times when a part is away (a killed PostgreSQL recovers for seconds on a busy
 * machine). The deadline is generous, for slow machines, and a miss says what was last seen.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  check: (seen: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => {
      if (error instanceof AwayError) return error;
      throw error;
    });
    if (!(seen instanceof AwayError) && check(seen)) return seen;
    if (Date.now() > deadline) {
      const last = seen instanceof AwayError ? seen.message : JSON.stringify(seen);
      throw new Error(`${what}: still ${last?.slice(0, 2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
