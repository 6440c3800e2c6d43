import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from './bounds.ts';

export interface UnderWay<T> {
  readonly end: Promise<T>;
  /** Waits until its condition holds. @throws what the work failed with meanwhile */
  until(what: string, holds: () => boolean): Promise<void>;
}

/**
 * Work that goes on beside a test, which asks for its end later. Where it fails before that, the test fails with its error;
 * by itself the rejection would be an error outside every test.
 */
export function underWay<T>(work: Promise<T>): UnderWay<T> {
  const failures: unknown[] = [];
  work.catch((error: unknown) => failures.push(error));
  return {
    end: work,
    async until(what, holds) {
      const deadline = performance.now() + 2 * PATIENCE_MS;
      while (!holds()) {
        if (failures.length > 0) throw failures[0];
        if (performance.now() > deadline) throw new Error(`${what}: not in time`);
        await sleep(5);
      }
    },
  };
}
