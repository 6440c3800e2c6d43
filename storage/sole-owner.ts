import type { Effects, Owned } from '../domain/index.ts';
import { ownershipLost } from './lease-rows.ts';
import type { PostgresOwnership } from './ownership.ts';

/**
 * Of several processes that do the same from time to time, the one that does it: who asks first, until it ends, hangs, or
 * loses its database. The others ask again when it is their time.
 */
export class SoleOwner {
  readonly name: string;
  readonly #ownership: Pick<PostgresOwnership, 'ownNow'>;
  #owned: Owned | null = null;
  #asking: Promise<Owned | null> | null = null;

  constructor(options: { readonly ownership: Pick<PostgresOwnership, 'ownNow'>; readonly name: string }) {
    this.name = options.name;
    this.#ownership = options.ownership;
  }

  /** Raised with each new owner; null where it is another's, as far as is known here. */
  get epoch(): number | null {
    return this.#owned === null || this.#owned.lost.aborted ? null : this.#owned.epoch;
  }

  /** Aborted when it may be another's: of the ownership that {@link isOurs} has found last. */
  get lost(): AbortSignal {
    return this.#owned?.lost ?? AbortSignal.abort();
  }

  /** Takes it where nobody has it. @throws {UnavailableError} DATABASE_UNAVAILABLE */
  async isOurs(): Promise<boolean> {
    if (this.epoch !== null) return true;
    this.#asking ??= this.#ownership.ownNow(this.name).finally(() => {
      this.#asking = null;
    });
    this.#owned = await this.#asking;
    return this.#owned !== null;
  }

  /**
   * In the transaction of what the owner alone does.
   * @throws {ConflictError} OWNERSHIP_LOST
   */
  async check(effects: Effects): Promise<void> {
    if (this.#owned === null) throw ownershipLost(this.name, 0);
    await this.#owned.check(effects);
  }

  /** Another may take it at once. */
  async release(): Promise<void> {
    await this.#asking;
    const owned = this.#owned;
    this.#owned = null;
    await owned?.release();
  }
}
