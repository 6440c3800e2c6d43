import type { Accounts } from '../../access/index.ts';
import type { Channels } from '../../alerts/index.ts';
import type { InstallationPurpose } from '../../domain/index.ts';
import type { OrganisationStore } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { SetUpStep, SetUpView } from '../api/index.ts';
import type { Directory } from './directory.ts';

export interface SetUpProgressOptions {
  readonly accounts: Accounts;
  readonly channels: Channels;
  readonly directory: Directory;
  readonly purpose: () => Promise<InstallationPurpose>;
  readonly organisation: OrganisationStore;
  readonly trace: TraceQueries;
}

/** Steps that a pharmacy does without: it has no readers, no loggers and nobody on duty at night. */
const NOT_OF_A_PHARMACY: readonly SetUpStep[] = ['portals', 'devices', 'channels'];

/** How far an installation is set up: read off what is there, so that it does not matter how it came to be there. */
export class SetUpProgress {
  readonly #options: SetUpProgressOptions;

  constructor(options: SetUpProgressOptions) {
    this.#options = options;
  }

  async view(): Promise<SetUpView> {
    const { organisation, purpose } = this.#options;
    const isFor = await purpose();
    const without = isFor === 'pharmacy' ? NOT_OF_A_PHARMACY : [];
    const skipped = new Set<string>([...without, ...(await organisation.skippedSteps())]);
    const counts = await this.#counts();
    const steps = counts.map(([id, count]) => ({
      id,
      count,
      state: count > 0 ? ('done' as const) : skipped.has(id) ? ('skipped' as const) : ('open' as const),
    }));
    return { for: isFor, steps, done: steps.filter(({ state }) => state !== 'open').length };
  }

  async #counts(): Promise<readonly (readonly [SetUpStep, number])[]> {
    const { accounts, channels, directory, organisation, trace } = this.#options;
    const [own, { places, portals, devices }, products, people, told] = await Promise.all([
      organisation.get(),
      directory.registered(),
      trace.products({ limit: 1_000 }),
      accounts.users.list(),
      channels.list(),
    ]);
    return [
      ['organisation', own === null ? 0 : 1],
      ['places', places.size],
      ['portals', portals.size],
      ['products', products.items.length],
      ['devices', devices.size],
      // Whoever sets it up is there already.
      ['people', Math.max(0, people.length - 1)],
      ['channels', told.filter(({ isTold }) => isTold).length],
    ];
  }
}
