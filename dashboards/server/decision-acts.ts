import type { Logger } from '../../domain/index.ts';
import type { Decisions, Steps, Suspicions } from '../../quality/index.ts';
import type { Database } from '../../storage/index.ts';
import type { FactCommands } from './fact-commands.ts';
import { JoinedRuns } from './joined-runs.ts';

/**
 * Tells the log of decisions in force, of suspect product that is stopped, and of readings that signed steps set aside. Once
 * after each signature; what could not be told then (the log was full, the process ended) is told with the next one or by
 * the clock. Whoever tells holds a lock, in whichever process: the trail has each act once. What was told before a process
 * ended and not noted is told again, and acts once.
 */
export class DecisionActs {
  readonly #database: Database;
  readonly #decisions: Decisions;
  readonly #steps: Steps;
  readonly #suspicions: Suspicions;
  readonly #factCommands: FactCommands;
  readonly #logger: Logger;
  /** One connection waits for the lock, however many sign at once. */
  readonly #runs = new JoinedRuns(() => this.#locked());

  constructor(options: {
    readonly database: Database;
    readonly decisions: Decisions;
    readonly steps: Steps;
    readonly suspicions: Suspicions;
    readonly factCommands: FactCommands;
    readonly logger: Logger;
  }) {
    this.#database = options.database;
    this.#decisions = options.decisions;
    this.#steps = options.steps;
    this.#suspicions = options.suspicions;
    this.#factCommands = options.factCommands;
    this.#logger = options.logger;
  }

  /** Resolves when what was signed before the call was told, or could not be. Never rejects. */
  run(): Promise<void> {
    return this.#runs.run();
  }

  async #locked(): Promise<void> {
    try {
      await this.#database.transaction(async (client) => {
        await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm decision acts'))");
        await this.#tell();
      });
    } catch (error) {
      this.#logger.warn({ error }, 'decisions could not be told to the log yet');
    }
  }

  async #tell(): Promise<void> {
    for (const { fact, by, name } of await this.#suspicions.toAct()) {
      await this.#factCommands.record([{ type: 'decision', decision: fact, by: name }], null, by);
      await this.#suspicions.acted(fact);
    }
    for (const { fact, by, name } of await this.#decisions.toAct()) {
      await this.#factCommands.record([{ type: 'decision', decision: fact, by: name }], null, by);
      await this.#decisions.acted(fact);
    }
    for (const step of await this.#steps.toAct()) {
      const { setAside, by } = step;
      await this.#factCommands.record(
        setAside.map((one) => ({ type: 'setAside' as const, setAside: one, by: by.actor.name })),
        null,
        by,
      );
      await this.#steps.acted(step);
    }
  }
}
