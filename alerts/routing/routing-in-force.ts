import { InputError, type Logger, type TimeSource, type Troubles } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { madeChannels } from '../channels.ts';
import { type AlertsConfig, simplePlan } from '../config.ts';
import { personalPlan } from './personal-plan.ts';
import { type Personal, personalSettings } from './personal-settings.ts';
import { channelsOfPlan } from './plan-channels.ts';
import type { RoutingPlan } from './routing.ts';
import { parseRouting } from './routing-file.ts';
import { latestVersions, ROUTING_CHANGED } from './routing-versions.ts';

/** Where the routing in force stands: a file of the configuration, a version from the page, `alerts.route`, or nowhere. */
export type RoutingSource =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'edited'; readonly version: number; readonly text: string }
  | { readonly kind: 'route' | 'none' };

export interface RoutingFound {
  readonly source: RoutingSource;
  /** With what people set for themselves. */
  readonly plan: RoutingPlan | null;
  /** As it is written. */
  readonly written: RoutingPlan | null;
  /** What people set for themselves, by name. */
  readonly personal: ReadonlyMap<string, Personal>;
  /** What of it does not work, a line each: a channel that is gone, a version that cannot be read any more. */
  readonly problems: readonly string[];
}

export interface RoutingInForceOptions {
  readonly database: Database;
  readonly alerts: AlertsConfig;
  /** The routing file that the configuration names, and what stands in it; null: none. */
  readonly file: { readonly name: string; readonly text: string } | null;
  readonly logger: Logger;
  readonly time: TimeSource;
  readonly troubles: Troubles;
}

/** Versions that are looked through for one that can be read. */
const TRIED = 20;
const TROUBLE = 'routing';

/**
 * The routing in force: of the file that the configuration names; else the latest version that people wrote; else
 * `alerts.route`. Asked for at the start, and again whenever it is changed, in every process.
 * @throws {InputError} ROUTING_FILE_BAD of a file: with a bad one nothing starts
 */
export async function routingFound({
  database,
  alerts,
  file,
}: Pick<RoutingInForceOptions, 'database' | 'alerts' | 'file'>): Promise<RoutingFound> {
  const personal = await personalSettings(database);
  const found = (written: RoutingPlan | null) => ({
    ...{ written, personal },
    plan: written === null ? null : personalPlan(written, personal),
  });
  const channels = [...alerts.channels.map(({ id }) => id), ...(await madeChannels(database))];
  if (file !== null) {
    const plan = parseRouting(file.text, file.name, channels);
    return { source: { kind: 'file', file: file.name, text: file.text }, ...found(plan), problems: [] };
  }
  const problems: string[] = [];
  for (const { version, text } of await latestVersions(database, TRIED)) {
    try {
      // A channel may have gone since: all else of the routing goes on.
      const plan = parseRouting(text, `version ${version}`, null);
      for (const [channel, where] of channelsOfPlan(plan)) {
        if (!channels.includes(channel)) problems.push(`${where}: the channel ${channel} is not there any more`);
      }
      return { source: { kind: 'edited', version, text }, ...found(plan), problems };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
    }
  }
  const plan = simplePlan(alerts);
  return { source: { kind: plan === null ? 'none' : 'route' }, ...found(plan), problems };
}

/** Keeps the routing in force at hand. */
export class RoutingInForce {
  readonly #options: RoutingInForceOptions;
  #found: RoutingFound = { source: { kind: 'none' }, plan: null, written: null, personal: new Map(), problems: [] };
  #listening: { stop(): Promise<void> } | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: RoutingInForceOptions) {
    this.#options = options;
  }

  /** @throws {InputError} ROUTING_FILE_BAD */
  async start(): Promise<void> {
    await this.#load();
    const again = () => {
      this.#work = this.#work.then(() => this.#loadAgain());
    };
    this.#listening = await this.#options.database.listen(ROUTING_CHANGED, again, again);
  }

  async stop(): Promise<void> {
    await this.#listening?.stop();
    await this.#work;
  }

  /** The file that the configuration names; null: people edit the routing. */
  get file(): string | null {
    return this.#options.file?.name ?? null;
  }

  get plan(): RoutingPlan | null {
    return this.#found.plan;
  }

  get found(): RoutingFound {
    return this.#found;
  }

  /** Looks now, for who has just changed it and must see it. */
  async refresh(): Promise<void> {
    await this.#load();
  }

  async #loadAgain(): Promise<void> {
    const { logger } = this.#options;
    // What was in force stays in force while the database is away; it is asked again when it is back.
    await this.#load().catch((error: unknown) =>
      logger.warn({ error }, 'the routing could not be read again; what was in force stays'),
    );
  }

  async #load(): Promise<void> {
    const { troubles, time } = this.#options;
    this.#found = await routingFound(this.#options);
    const [first] = this.#found.problems;
    if (first === undefined) troubles.passed(TROUBLE);
    else troubles.failed(TROUBLE, new InputError('ROUTING_BROKEN', first), time.now());
  }
}
