import type { TimeSource } from '../domain/index.ts';

/** A client that has used this much of one turn of the event loop waits for the next with what else it sent. */
const CLIENT_MS = 4;
/** How long waiting messages are worked on before others' bytes are read again. */
const TURN_MS = 8;

/**
 * Shares the processor between clients: what costs little is done at once, and who sends what costs much is served in
 * turn with the others, a message each, with a look at everyone's sockets in between. Keeps each client's order.
 */
export class FairTurns {
  readonly #time: TimeSource;
  /** Clients that wait, in the order of their turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #used = new Map<string, number>();
  #isScheduled = false;

  constructor(time: TimeSource) {
    this.#time = time;
  }

  /** Runs `work` now or in one of the next turns of the event loop. It must not throw. */
  run(client: string, work: () => void): void {
    const waiting = this.#waiting.get(client);
    if (waiting !== undefined) {
      waiting.push(work);
    } else if ((this.#used.get(client) ?? 0) >= CLIENT_MS) {
      this.#waiting.set(client, [work]);
    } else {
      this.#measure(client, work);
    }
    this.#schedule();
  }

  #measure(client: string, work: () => void): void {
    const from = this.#time.monotonic();
    work();
    this.#used.set(client, (this.#used.get(client) ?? 0) + this.#time.monotonic() - from);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#used.clear();
      const from = this.#time.monotonic();
      while (this.#waiting.size > 0 && this.#time.monotonic() - from < TURN_MS) this.#next();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  /** One message of the client whose turn it is; then it goes to the end of the line. */
  #next(): void {
    const first = this.#waiting.entries().next();
    if (first.done) return;
    const [client, works] = first.value;
    this.#waiting.delete(client);
    const work = works.shift();
    if (works.length > 0) this.#waiting.set(client, works);
    if (work !== undefined) this.#measure(client, work);
  }
}
