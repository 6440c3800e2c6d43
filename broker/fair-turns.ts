import type { TimeSource } from '../domain/index.ts';

/** A client that has used this much of one turn of the event loop waits for the next with what else it sent. */
const CLIENT_MS = 4;
/** How long waiting messages are worked on before others' bytes are read again. */
const TURN_MS = 8;

/**
 * Shares the processor between clients: what costs little is done at once, and who sends what costs much is served in
 * turn with the others, a message each, with a look at everyone's sockets in between. Keeps each client's order.
 */
export class FairTurns<T> {
  readonly #time: TimeSource;
  readonly #work: (item: T) => void;
  /** Clients that wait, in the order of their turn. */
  readonly #waiting = new Map<string, T[]>();
  readonly #used = new Map<string, number>();
  #isScheduled = false;

  /** @param work what is done with each item. It must not throw. */
  constructor(time: TimeSource, work: (item: T) => void) {
    this.#time = time;
    this.#work = work;
  }

  /** Works on `item` now or in one of the next turns of the event loop. */
  take(client: string, item: T): void {
    const waiting = this.#waiting.get(client);
    if (waiting !== undefined) {
      waiting.push(item);
    } else if ((this.#used.get(client) ?? 0) >= CLIENT_MS) {
      this.#waiting.set(client, [item]);
    } else {
      this.#measure(client, item);
    }
    this.#schedule();
  }

  #measure(client: string, item: T): void {
    const from = this.#time.monotonic();
    this.#work(item);
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
    const [client, items] = first.value;
    this.#waiting.delete(client);
    const item = items.shift();
    if (items.length > 0) this.#waiting.set(client, items);
    if (item !== undefined) this.#measure(client, item);
  }
}
