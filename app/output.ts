import { writeSync } from 'node:fs';
import type { Counter } from '../domain/index.ts';

/** How long a line waits for whoever reads stderr, before it is lost. */
const PATIENCE_MS = 200;
const LOOK_EVERY_MS = 10;
const STDERR = 2;

/**
 * stdout and stderr of a process that goes on whatever becomes of them: a full disk, a pipe nobody reads, a terminal
 * that was closed. What cannot be written is counted and given up.
 */
export class Output {
  #lost = 0;
  #counter: Counter | null = null;
  /** The reader did not take the last line: the next ones do not wait for it. */
  #isBlocked = false;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));

  /** From here on a write that fails does not end the process. Once a process. */
  guard(): void {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => this.#lose());
  }

  /** Lines lost so far, and from now on, are counted there as well. */
  countInto(counter: Counter): void {
    this.#counter = counter;
    if (this.#lost > 0) counter.add(this.#lost);
  }

  /** One line of the log, whole or not at all where nobody takes it. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    let written = 0;
    let waitedMs = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(STDERR, bytes, written);
        this.#isBlocked = false;
      } catch (error) {
        const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!isFull || this.#isBlocked || waitedMs >= PATIENCE_MS) {
          this.#isBlocked = isFull;
          this.#lose();
          return;
        }
        // Lines are few and each is written at once: the process waits for it, as it would for a file.
        Atomics.wait(this.#sleeper, 0, 0, LOOK_EVERY_MS);
        waitedMs += LOOK_EVERY_MS;
      }
    }
  }

  #lose(): void {
    this.#lost++;
    this.#counter?.add();
  }
}
