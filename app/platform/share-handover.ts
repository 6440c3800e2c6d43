import { encodeJson, type Log, type Logger, type Owned, type TimeSource } from '../../domain/index.ts';
import { dividedAnew, EVALUATOR, memoryOf, sharesOf } from '../../rules/index.ts';
import {
  type Database,
  divideAnew,
  effectsOf,
  ownerOf,
  PostgresConsumerState,
  type PostgresOwnership,
  sharesInForce,
} from '../../storage/index.ts';
import { evaluatorConsumer } from '../processes.ts';

/**
 * The evaluators of `count` shares take the place of those in force, if nobody is at work as one of these.
 * @returns whether they have
 */
export async function takeOver({
  database,
  log,
  ownership,
  time,
  logger,
  count,
}: {
  readonly database: Database;
  readonly log: Pick<Log, 'checkpoints'>;
  readonly ownership: Pick<PostgresOwnership, 'ownNow'>;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly count: number;
}): Promise<boolean> {
  const from = await sharesInForce(database, EVALUATOR);
  if (from === null || from === count) return false;
  const former = sharesOf(from);
  const states = new PostgresConsumerState({ database });
  const owned: Owned[] = [];
  try {
    for (const { name } of former) {
      const one = await ownership.ownNow(ownerOf(name));
      if (one === null) return false;
      owned.push(one);
    }
    // Nobody moves them from here on.
    const standing = await Promise.all(
      former.map(async ({ name, slots }) => {
        const [checkpoints, state] = await Promise.all([log.checkpoints(name), states.load(name)]);
        return { slots, checkpoints, memory: memoryOf(state) };
      }),
    );
    const next = dividedAnew(standing, count);
    const hasChanged = await database.transaction(async (client) => {
      const effects = effectsOf(client);
      for (const one of owned) await one.check(effects);
      const hasChanged = await divideAnew(effects, {
        ...{ consumer: EVALUATOR, from, now: time.now() },
        former: former.map(({ name }) => name),
        next: next.map(({ name, checkpoints }) => ({ ...evaluatorConsumer(name), checkpoints })),
      });
      if (hasChanged) for (const { name, memory } of next) await states.save(effects, name, encodeJson(memory));
      return hasChanged;
    });
    if (hasChanged) logger.info({ from, to: count }, 'rules are judged in another number of shares from here on');
    return hasChanged;
  } finally {
    for (const one of owned) await one.release();
  }
}
