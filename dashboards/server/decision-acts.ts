import type { Logger } from '../../domain/index.ts';
import type { Decisions, Steps, Suspicions } from '../../quality/index.ts';
import type { FactCommands } from './fact-commands.ts';

/**
 * Tells the log of decisions in force, of suspect product that is stopped, and of readings that signed steps set aside. Once after each signature; what could not be told then (the log was full, the
 * process ended) is told with the next one or by the clock: a decision told twice acts once.
 */
export class DecisionActs {
  readonly #decisions: Decisions;
  readonly #steps: Steps;
  readonly #suspicions: Suspicions;
  readonly #factCommands: FactCommands;
  readonly #logger: Logger;

  constructor(options: {
    readonly decisions: Decisions;
    readonly steps: Steps;
    readonly suspicions: Suspicions;
    readonly factCommands: FactCommands;
    readonly logger: Logger;
  }) {
    this.#decisions = options.decisions;
    this.#steps = options.steps;
    this.#suspicions = options.suspicions;
    this.#factCommands = options.factCommands;
    this.#logger = options.logger;
  }

  async run(): Promise<void> {
    try {
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
    } catch (error) {
      this.#logger.warn({ error }, 'decisions could not be told to the log yet');
    }
  }
}
