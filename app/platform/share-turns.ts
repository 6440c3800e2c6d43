import type { Logger, Owned, Timer, TimeSource, Turns } from '../../domain/index.ts';
import { UnavailableError } from '../../domain/index.ts';
import { ownerOf, type PostgresOwnership } from '../../storage/index.ts';

const LOOK_EVERY_MS = 1_000;

export interface ShareTurnsOptions {
  /** The consumers that have the shares, one each. */
  readonly consumers: readonly string[];
  /** Whether the work is divided so still. */
  readonly isInForce: () => Promise<boolean>;
  readonly ownership: Pick<PostgresOwnership, 'held' | 'ownNow'>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/**
 * Hands the shares of a work out to processes, evenly. Each process has a seat, which is a lease, and from who sits works out
 * how many shares are its own: of 4 shares and 3 seats the first has two. Who has too many gives one back after its batch;
 * who has too few takes what nobody has. Nothing is right or wrong by this: whose a share is, is its consumer's lease and
 * the epoch in the transaction of its effects.
 */
export class ShareTurns implements Turns {
  readonly #options: ShareTurnsOptions;
  readonly #seats: readonly string[];
  /** Shares that are this process's, or that it may try for. */
  readonly #claims = new Map<string, AbortController>();
  readonly #own = new Set<string>();
  #seat: Owned | null = null;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: ShareTurnsOptions) {
    this.#options = options;
    const [first = ''] = options.consumers;
    // More processes than shares would have nothing to do.
    this.#seats = options.consumers.map((_, i) => `seat:${first}:${i + 1}`);
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = this.#options.time.every('shares looked at', LOOK_EVERY_MS, () => {
      this.#looking ??= this.#lookAgain().finally(() => {
        this.#looking = null;
      });
    });
  }

  /** After the consumers have been stopped. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
    await this.#seat?.release();
    this.#seat = null;
  }

  async ask(consumer: string): Promise<AbortSignal | null> {
    return this.#claims.get(consumer)?.signal ?? null;
  }

  told(consumer: string, isOwn: boolean): void {
    if (isOwn) this.#own.add(consumer);
    else this.#own.delete(consumer);
  }

  /** One look now. @throws {UnavailableError} DATABASE_UNAVAILABLE */
  async look(): Promise<void> {
    const { consumers, isInForce, ownership } = this.#options;
    if (!(await isInForce())) return this.#giveBack(0);
    this.#seat = await this.#sit();
    const held = await ownership.held([...this.#seats, ...consumers.map(ownerOf)]);
    for (const name of this.#claims.keys()) {
      // Another was quicker.
      if (!this.#own.has(name) && held.has(ownerOf(name))) this.#claims.delete(name);
    }
    const wanted = this.#quota(held);
    this.#giveBack(wanted);
    for (const name of consumers) {
      if (this.#claims.size >= wanted) break;
      if (!this.#claims.has(name) && !held.has(ownerOf(name))) this.#claims.set(name, new AbortController());
    }
  }

  /** How many of the shares are this process's. */
  #quota(held: ReadonlySet<string>): number {
    const { consumers } = this.#options;
    const sitting = this.#seats.filter((seat) => seat === this.#seat?.name || held.has(seat));
    const rank = this.#seat === null ? -1 : sitting.indexOf(this.#seat.name);
    if (rank < 0) return 0;
    return Math.floor(consumers.length / sitting.length) + (rank < consumers.length % sitting.length ? 1 : 0);
  }

  /** The newest first, those that have not begun before all. */
  #giveBack(wanted: number): void {
    const newest = [...this.#claims.keys()].reverse();
    const order = [...newest.filter((name) => !this.#own.has(name)), ...newest.filter((name) => this.#own.has(name))];
    for (const name of order.slice(0, Math.max(0, order.length - wanted))) {
      this.#claims.get(name)?.abort();
      this.#claims.delete(name);
    }
  }

  async #sit(): Promise<Owned | null> {
    if (this.#seat?.lost.aborted === false) return this.#seat;
    for (const name of this.#seats) {
      const seat = await this.#options.ownership.ownNow(name);
      if (seat !== null) return seat;
    }
    return null;
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      // A database that is away shows in every consumer.
      if (error instanceof UnavailableError) return;
      this.#options.logger.warn({ error }, 'who has which share could not be looked at; it is again in a second');
    }
  }
}
