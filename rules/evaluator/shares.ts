import { type Checkpoints, SLOTS, slotOf } from '../../domain/index.ts';
import type { Memory, Origin } from './memory.ts';

/** The one evaluator that judges all devices, and what its consumer is called. */
export const EVALUATOR = 'evaluator';

/** The part of all devices that one evaluator of several judges. */
export interface EvaluatorShare {
  /** The consumer's name, by which its checkpoint and its memory are kept. */
  readonly name: string;
  /** Disjoint from those of every other evaluator; together they are all 64 (domain/reading.ts). */
  readonly slots: ReadonlySet<number>;
}

/** All devices in so many shares, as even as slots are. One is the evaluator itself. @param count 1 to 64 */
export function sharesOf(count: number): readonly EvaluatorShare[] {
  return Array.from({ length: count }, (_, share) => ({
    name: count === 1 ? EVALUATOR : `${EVALUATOR}-${share + 1}-of-${count}`,
    slots: new Set(Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => slot % count === share)),
  }));
}

/** Where the evaluator of a share stood when it was stopped for good. */
export interface FormerShare {
  readonly slots: ReadonlySet<number>;
  readonly checkpoints: Checkpoints;
  readonly memory: Memory;
}

/** Where the evaluator of a share begins. */
export interface NextShare extends EvaluatorShare {
  readonly checkpoints: Checkpoints;
  readonly memory: Memory;
}

/**
 * What the evaluators of `count` shares have to begin with, so that together they go on where the former ones stood, each
 * with its slots at its own place.
 *
 * A new share takes readings from where the furthest behind of its slots stood: for the others those are in the stored
 * readings already, and known ones change nothing. Facts it takes from where the foremost stood: those that the others have
 * not had are in `facts`, and are told them when the share takes up its state ({@link Origin}).
 */
export function dividedAnew(former: readonly FormerShare[], count: number): readonly NextShare[] {
  const origins = former.flatMap(originsOf);
  return sharesOf(count).map((share) => {
    const own = origins.flatMap((origin): Origin[] => {
      const slots = origin.slots.filter((slot) => share.slots.has(slot));
      return slots.length === 0 ? [] : [{ ...origin, slots }];
    });
    const parked = former
      .flatMap(({ memory }) => memory.parked)
      .filter(({ device }) => share.slots.has(slotOf(device)));
    return { ...share, checkpoints: beginningOf(own), memory: { now: null, parked, origins: own } };
  });
}

/** A share that was divided anew before it had taken anything stands where its slots came from. */
function originsOf({ slots, checkpoints, memory }: FormerShare): readonly Origin[] {
  const own = [{ slots: [...slots], checkpoints, now: memory.now }];
  return memory.origins === undefined ? own : standing(memory.origins, checkpoints);
}

/**
 * Where the slots of a share stand that it has taken nothing of yet, by its own checkpoints: readings may have moved into
 * another home meanwhile (`isotherm log to-postgres`), with everything read, other positions and other partitions.
 */
export function standing(origins: readonly Origin[], checkpoints: Checkpoints): readonly Origin[] {
  return origins.map((origin) => ({
    ...origin,
    checkpoints: Object.fromEntries(
      Object.entries(checkpoints).map(([key, position]) => {
        const before = origin.checkpoints[key] ?? 0;
        return [key, key.startsWith('readings/') ? Math.max(before, position) : before];
      }),
    ),
  }));
}

function beginningOf(origins: readonly Origin[]): Checkpoints {
  const keys = new Set(origins.flatMap(({ checkpoints }) => Object.keys(checkpoints)));
  return Object.fromEntries(
    [...keys].map((key) => {
      const positions = origins.map(({ checkpoints }) => checkpoints[key] ?? 0);
      return [key, key.startsWith('readings/') ? Math.min(...positions) : Math.max(...positions)];
    }),
  );
}
