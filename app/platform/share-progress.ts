import type { Checkpoints, Log, TimeSource } from '../../domain/index.ts';
import { EVALUATOR, hasReached, sharesOf } from '../../rules/index.ts';
import { type Database, sharesInForce } from '../../storage/index.ts';

const LOOK_EVERY_MS = 50;

/**
 * Resolves when whoever judges rules has taken everything up to these positions, in however many shares that is by now: a
 * process that judges nothing need not be started again when their number is changed.
 * @throws the signal's reason when it aborts first
 */
export async function passedByShares(
  { database, log, time }: ShareProgress,
  positions: Checkpoints,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const shares = sharesOf((await sharesInForce(database, EVALUATOR)) ?? 1);
    const standing = await Promise.all(shares.map(({ name }) => log.checkpoints(name)));
    if (standing.every((checkpoints) => hasReached(checkpoints, positions))) return;
    await time.sleep('evaluator passed', LOOK_EVERY_MS, signal);
  }
}

export interface ShareProgress {
  readonly database: Database;
  readonly log: Pick<Log, 'checkpoints'>;
  readonly time: TimeSource;
}
