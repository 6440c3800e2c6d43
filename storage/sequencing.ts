import type pg from 'pg';
import type { Timer, TimeSource } from '../domain/index.ts';
import { STANDS_STILL } from './session-transaction.ts';

/** Half the second within which what was committed is promised its place. */
const EVERY_MS = 500;

export interface SequencingOptions {
  readonly time: TimeSource;
  /** Of the timer. */
  readonly name: string;
  /** Places at most so many. */
  readonly batch: number;
  /** Places one batch, the oldest first. @returns how many; 0 also where another process is at it */
  readonly place: () => Promise<number>;
  /** Told after each turn; null: nothing failed. */
  readonly onResult: (error: unknown) => void;
}

/**
 * Gives what is committed its place in one order, in batches, behind those who write it: no writer waits for another. Any
 * number may run on one database; one at a time works.
 */
export class Sequencing {
  readonly #options: SequencingOptions;
  #timer: Timer | null = null;
  #run: Promise<unknown> | null = null;

  constructor(options: SequencingOptions) {
    this.#options = options;
  }

  start(): void {
    const { time, name } = this.#options;
    this.#timer = time.every(name, EVERY_MS, () => this.#wake());
  }

  /** Finishes the turn that is under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#run;
  }

  /** @returns how many were placed */
  async placeAll(): Promise<number> {
    let all = 0;
    for (;;) {
      const placed = await this.#options.place();
      all += placed;
      if (placed < this.#options.batch) return all;
    }
  }

  #wake(): void {
    if (this.#run !== null) return;
    const { onResult } = this.#options;
    this.#run = this.placeAll()
      .then(() => onResult(null), onResult)
      .finally(() => {
        this.#run = null;
      });
  }
}

/**
 * Whether this transaction is the one that may place. A process that stands still in it keeps nobody else from it for long.
 * @param lock any number that nobody else locks
 */
export async function mayPlace(client: pg.ClientBase, lock: number): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock($1) AS mine, set_config('idle_in_transaction_session_timeout', $2, true)`,
    [lock, STANDS_STILL],
  );
  return rows[0]?.mine === true;
}
