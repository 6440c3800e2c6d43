import type { Counter, Logger, Timer, TimeSource } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import { noteAcknowledged } from './ledger.ts';

export interface AcknowledgedNotesOptions {
  readonly database: Pick<Database, 'query'>;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** Label `step`. */
  readonly failures: Counter;
}

/** What was acknowledged is written down this long after, at the latest, and one statement. */
const NOTE_MS = 250;
const AGAIN_MS = 3_000;

/**
 * Writes down in PostgreSQL how far each stream was acknowledged, so that one that has lost its end while every process was
 * gone is found to have lost it. Acknowledgements do not wait for it: a PostgreSQL that is away holds nobody up, and until
 * it is back the notes are in memory alone.
 */
export class AcknowledgedNotes {
  readonly #options: AcknowledgedNotesOptions;
  /** By partition, what is not written down yet. */
  readonly #due = new Map<number, number>();
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: AcknowledgedNotesOptions) {
    this.#options = options;
  }

  /** A message of a stream is about to be acknowledged. */
  acknowledged(partition: number, sequence: number): void {
    this.#due.set(partition, Math.max(sequence, this.#due.get(partition) ?? 0));
    this.#schedule(NOTE_MS);
  }

  /** Writes down what is due, where it can. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  #schedule(inMs: number): void {
    if (this.#timer !== null || this.#writing !== null || this.#isStopped) return;
    this.#timer = this.#options.time.after('log note', inMs, () => {
      this.#timer = null;
      this.#writing = this.#write().then((isWritten) => {
        this.#writing = null;
        if (this.#due.size > 0) this.#schedule(isWritten ? NOTE_MS : AGAIN_MS);
      });
    });
  }

  /** @returns false where it has to be tried again */
  async #write(): Promise<boolean> {
    if (this.#due.size === 0) return true;
    const noting = new Map(this.#due);
    try {
      await noteAcknowledged(this.#options.database, noting);
    } catch (error) {
      this.#options.failures.add(1, { step: 'note' });
      this.#options.logger.warn({ error, step: 'note' }, 'an upkeep step of the log failed; it is tried again');
      return false;
    }
    for (const [partition, sequence] of noting) if (this.#due.get(partition) === sequence) this.#due.delete(partition);
    return true;
  }
}
