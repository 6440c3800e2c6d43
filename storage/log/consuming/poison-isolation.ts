import type { LogPartition } from '../../../domain/index.ts';

/** Failures of one batch after which it is taken apart. */
export const PATIENCE = 3;

export type RetryDecision =
  /** Try the same again, after a pause. */
  | 'retry'
  /** Try a smaller batch from the same position. */
  | 'narrow'
  /** This one record is at fault. */
  | 'deadLetter';

/**
 * Finds the record that a handler cannot take: after three failures of a batch its first half is tried, and again,
 * until what fails is one record. Batches grow back as they succeed, up to the end of the batch that failed.
 */
export class PoisonIsolation {
  #at: LogPartition | null = null;
  /** Checkpoint before the failing batch, and its last position. */
  #after = 0;
  #until = 0;
  #failures = 0;
  #limit = 0;

  /** Most records of the next batch after `position`, and the last position it may hold. */
  limit(at: LogPartition, position: number): { records: number; until: number } | null {
    if (!this.#covers(at, position)) return null;
    return { records: this.#limit, until: this.#until };
  }

  failed(at: LogPartition, after: number, last: number, records: number): RetryDecision {
    if (!this.#covers(at, after)) {
      this.#at = at;
      this.#until = last;
      this.#failures = 0;
    }
    this.#after = after;
    this.#failures++;
    this.#limit = records;
    if (this.#failures < PATIENCE) return 'retry';
    if (records === 1) return 'deadLetter';
    this.#limit = Math.ceil(records / 2);
    return 'narrow';
  }

  /** The batch up to `position` went through, or its record was set aside. */
  passed(at: LogPartition, position: number): void {
    if (!this.#isAt(at)) return;
    this.#after = position;
    this.#limit *= 2;
    if (position >= this.#until) this.#at = null;
  }

  #covers(at: LogPartition, position: number): boolean {
    return this.#isAt(at) && position >= this.#after && position < this.#until;
  }

  #isAt({ family, partition }: LogPartition): boolean {
    return this.#at?.family === family && this.#at.partition === partition;
  }
}
