import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Logger } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

const CHANNEL = 'isotherm_web';

const newsItem = z.discriminatedUnion('what', [
  /** Places, portals, devices or what is set aside are other than they were. */
  z.strictObject({ what: z.literal('registered') }),
  /** A device is other than it was. */
  z.strictObject({ what: z.literal('device'), id: z.string() }),
  /** Somebody tries to sign in, or did: digests, for names are as long as strangers type them. */
  z.strictObject({
    what: z.literal('try'),
    outcome: z.enum(['begun', 'right', 'undecided']),
    keys: z.strictObject({ pair: z.string(), there: z.string(), named: z.string() }),
  }),
]);
const message = z.strictObject({ from: z.string(), news: newsItem });

/** What a web process tells the others. */
export type NeighbourNews = z.output<typeof newsItem>;

export interface NeighboursOptions {
  readonly database: Database;
  readonly logger: Logger;
}

/**
 * The other web processes on the same database: what one keeps in memory and another changes is told over NOTIFY. What is lost
 * on the way is no more than late: names are looked up again within seconds, and a page asks anew.
 */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #self = randomUUID();
  readonly #listeners = new Set<(news: NeighbourNews) => void>();
  #listening: { stop(): Promise<void> } | null = null;
  /** One after another: the end of a try is not heard before its beginning. */
  #telling: Promise<void> = Promise.resolve();

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} DATABASE_UNAVAILABLE */
  async start(): Promise<void> {
    this.#listening = await this.#options.database.listen(CHANNEL, (payload) => this.#take(payload));
  }

  async stop(): Promise<void> {
    await this.#telling;
    await this.#listening?.stop();
    this.#listening = null;
  }

  /** What the others tell, not what is told here. */
  onNews(hear: (news: NeighbourNews) => void): void {
    this.#listeners.add(hear);
  }

  /** Nobody waits for it. */
  tell(news: NeighbourNews): void {
    const { database, logger } = this.#options;
    this.#telling = this.#telling
      .then(() => database.notify(CHANNEL, JSON.stringify({ from: this.#self, news })))
      .catch((error: unknown) => logger.debug({ error }, 'the other web processes were not told'));
  }

  #take(payload: string): void {
    let given: unknown;
    try {
      given = JSON.parse(payload);
    } catch (error) {
      this.#options.logger.debug({ error }, 'another web process told what is no JSON');
      return;
    }
    // Of a version that tells more, what is not known here is left out.
    const told = message.safeParse(given);
    if (!told.success || told.data.from === this.#self) return;
    for (const hear of this.#listeners) hear(told.data.news);
  }
}
