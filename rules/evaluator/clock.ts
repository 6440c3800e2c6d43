import type { Checkpoints, Tick } from '../../domain/index.ts';

/** Ticks that may wait at once; past it the oldest waiting ones go, the newest says more. */
const MOST_WAITING = 360;

/**
 * Lets a tick pass once everything that was in the log when it was made has been judged: silence is never raised for
 * readings that only wait to be read. Ticks wait in order, so that a consumer that lags by a while still has a clock
 * that moves.
 */
export class Clock {
  #waiting: Tick[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  add(tick: Tick): void {
    // A partition that a later tick does not have is no more, as on the way back from NATS: it was read to its end before.
    this.#waiting = this.#waiting.map((one) => ({ ...one, heads: withoutGone(one.heads, tick.heads) }));
    this.#waiting.push(tick);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.splice(1, 1);
  }

  /** The latest now that may be told to a consumer that stands at `positions`; null where none may yet. */
  reached(positions: Checkpoints): number | null {
    let passed = 0;
    let now: number | null = null;
    for (const tick of this.#waiting) {
      if (!hasReached(positions, tick.heads)) break;
      now = Math.max(now ?? tick.now, tick.now);
      passed++;
    }
    this.#waiting = this.#waiting.slice(passed);
    return now;
  }
}

function withoutGone(heads: Checkpoints, later: Checkpoints): Checkpoints {
  if (Object.keys(heads).every((key) => key in later)) return heads;
  return Object.fromEntries(Object.entries(heads).filter(([key]) => key in later));
}

/** Whether a consumer or table that stands at `positions` has passed all of `wanted`. */
export function hasReached(positions: Checkpoints, wanted: Checkpoints): boolean {
  return Object.entries(wanted).every(([key, position]) => (positions[key] ?? 0) >= position);
}
