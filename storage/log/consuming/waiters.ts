import type { Checkpoints } from '../../../domain/index.ts';

interface Waiter {
  readonly positions: Checkpoints;
  readonly resolve: () => void;
}

/** Those who wait for a consumer to have passed positions. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** @throws the signal's reason when it aborts first */
  wait(positions: Checkpoints, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        positions,
        resolve: () => {
          this.#waiting.delete(waiter);
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** The consumer has committed this far. */
  reached(checkpoints: Checkpoints): void {
    for (const waiter of this.#waiting) if (hasPassed(checkpoints, waiter.positions)) waiter.resolve();
  }
}

export function hasPassed(checkpoints: Checkpoints, positions: Checkpoints): boolean {
  return Object.entries(positions).every(([key, position]) => (checkpoints[key] ?? 0) >= position);
}
