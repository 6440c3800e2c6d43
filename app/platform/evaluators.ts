import { type Checkpoints, ConflictError, type Consumer, type Turns } from '../../domain/index.ts';
import { EVALUATOR, Evaluator, sharesOf } from '../../rules/index.ts';
import { forgetFormer, PostgresConsumerState, PostgresOwnership, sharesInForce } from '../../storage/index.ts';
import { evaluatorConsumer } from '../processes.ts';
import { takeOver } from './share-handover.ts';
import { passedByShares } from './share-progress.ts';
import { ShareTurns } from './share-turns.ts';
import type { Storage } from './storage.ts';
import { SummedGauges } from './summed-gauges.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** How often it is tried to divide the evaluator as this process says, while others are at work. */
const TRY_EVERY_MS = 1_000;

/** The evaluator, in as many shares as are configured. */
export interface Evaluators extends Pick<Consumer, 'passed' | 'start'> {}

/**
 * With one share (`rules.shares`) the evaluator is a consumer as any other. With more each process has a consumer for every
 * share and runs as many of them as are its part. Where the installation is divided in another number, nothing starts until
 * nobody is at work as one of those; then the new ones take over from where they stood.
 */
export function evaluatorsOf(
  surroundings: Surroundings,
  storage: Storage,
  { writer, tracer }: { readonly writer: Consumer; readonly tracer: Consumer },
): Evaluators {
  const { lifetime, time, troubles } = surroundings;
  const { database, facts, findings, history, log, scan } = storage;
  const { ending } = lifetime;
  const count = surroundings.config.rules.shares;
  const shares = sharesOf(count);
  const names = shares.map(({ name }) => name);
  const ownership = new PostgresOwnership({ database, time });
  const { logger } = tools(surroundings, 'app');
  const { logger: rulesLogger, meter } = tools(surroundings, 'rules');
  let differsSince: number | null = null;
  const isInForce = async (): Promise<boolean> => {
    const inForce = (await sharesInForce(database, EVALUATOR)) ?? count;
    if (inForce === count) {
      if (differsSince !== null) troubles.passed(EVALUATOR);
      differsSince = null;
      return true;
    }
    differsSince ??= time.now();
    troubles.failed(
      EVALUATOR,
      new ConflictError(
        'RULES_SHARES_DIFFER',
        `rules.shares is ${count} here, and rules are judged in ${inForce} shares: that changes once no process with ${inForce} runs; give every process the same number`,
      ),
      differsSince,
    );
    // Entered by a process that had not heard of the change: nobody would ever move them.
    await forgetFormer(database, EVALUATOR, count, names);
    return false;
  };
  const own = new ShareTurns({ consumers: names, isInForce, ownership, time, logger });
  const never = new AbortController().signal;
  const turns: Turns = count === 1 ? { ask: async () => ((await isInForce()) ? never : null), told: () => {} } : own;
  if (count > 1) lifetime.started(() => own.stop());
  const gauges = new SummedGauges(meter);
  const consumers = shares.map((share) => {
    const consumer = log.consumer({
      ...evaluatorConsumer(share.name),
      turns,
      handler: new Evaluator({
        ...{ facts, findings, history, scan, time, logger: rulesLogger },
        meter: count === 1 ? meter : gauges.of(share.name),
        // A writer that is stuck must not keep an evaluator that waits for it from stopping.
        ready: async (positions) => {
          await Promise.all([writer, tracer].map((one) => one.passed(positions, ending)));
        },
        storedUpTo: () => log.checkpoints('writer'),
        consumerState: new PostgresConsumerState({ database }),
        ...(count === 1 ? {} : { share }),
      }),
    });
    lifetime.started(() => consumer.stop());
    return consumer;
  });

  const begin = async () => {
    if (count > 1) await own.start();
    await Promise.all(consumers.map((consumer) => consumer.start()));
  };
  const divide = async () =>
    (await isInForce()) || ((await takeOver({ database, log, ownership, time, logger, count })) && isInForce());
  return {
    async start() {
      if (await divide()) return begin();
      const waiting = new AbortController();
      const inForce = await sharesInForce(database, EVALUATOR);
      logger.warn(
        { shares: count, inForce },
        'rules are judged in another number of shares; waiting to divide them anew',
      );
      const dividing = (async () => {
        while (!waiting.signal.aborted) {
          await time.sleep('evaluator divided', TRY_EVERY_MS, waiting.signal);
          if (waiting.signal.aborted) return;
          try {
            if (await divide()) return await begin();
          } catch (error) {
            logger.warn({ error }, 'rules could not be divided anew; it is tried again');
          }
        }
      })();
      lifetime.started(async () => {
        waiting.abort();
        await dividing;
      });
    },
    async passed(positions: Checkpoints, signal?: AbortSignal) {
      const inForce = (await sharesInForce(database, EVALUATOR)) ?? count;
      if (inForce !== count) return passedByShares({ database, log, time }, positions, signal);
      await Promise.all(consumers.map((consumer) => consumer.passed(positions, signal)));
    },
  };
}
