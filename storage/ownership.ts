import type { Owned, Ownership, TimeSource } from '../domain/index.ts';
import { clientOf } from './effects.ts';
import { isLatest, ownershipLost } from './lease-rows.ts';
import { type Lease, Leases, type LeasesOptions } from './leases.ts';

const LOOK_EVERY_MS = 1_000;

/** Ownership by a lease and an epoch in the table `owners`. */
export class PostgresOwnership implements Ownership {
  readonly #leases: Leases;
  readonly #time: TimeSource;

  constructor(options: LeasesOptions) {
    this.#leases = new Leases(options);
    this.#time = options.time;
  }

  async own(name: string, signal: AbortSignal): Promise<Owned> {
    for (;;) {
      signal.throwIfAborted();
      const owned = await this.ownNow(name);
      if (owned !== null && signal.aborted) await owned.release();
      else if (owned !== null) return owned;
      await this.#time.sleep(`own ${name}`, LOOK_EVERY_MS, signal);
    }
  }

  /** As {@link PostgresOwnership.own}, without waiting: null where it is another's now. */
  async ownNow(name: string): Promise<Owned | null> {
    const lease = await this.#leases.take(name);
    return lease === null ? null : owned(lease);
  }

  /** Which of these somebody owns now. */
  async held(names: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.#leases.held(names));
  }
}

function owned({ name, epoch, lost, release }: Lease): Owned {
  return {
    ...{ name, epoch, lost, release },
    async check(effects) {
      if (await isLatest(clientOf(effects), name, epoch)) return;
      throw ownershipLost(name, epoch);
    },
  };
}
