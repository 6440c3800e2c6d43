/**
 * The one source of time. Every clock reading and every timer goes through a TimeSource, and every timer has a name,
 * so that a test can advance time and a stuck process can say what it waits for.
 *
 * All times are epoch milliseconds UTC; all durations are milliseconds.
 */
export interface TimeSource {
  /** Wall clock, epoch ms UTC. */
  now(): number;
  /** Monotonic milliseconds with a fraction, for measuring durations only. */
  monotonic(): number;
  /** Runs `run` once after `ms`. */
  after(name: string, ms: number, run: () => void): Timer;
  /** Runs `run` every `ms` until cancelled; a run that is still under way is not started again by the caller's leave. */
  every(name: string, ms: number, run: () => void): Timer;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(name: string, ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer {
  readonly name: string;
  cancel(): void;
}

/** The machine's clock. Timers do not keep the process alive by themselves; servers and sockets do. */
export const systemTime: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(name, ms, run) {
    const handle = setTimeout(run, ms);
    handle.unref();
    return { name, cancel: () => clearTimeout(handle) };
  },
  every(name, ms, run) {
    const handle = setInterval(run, ms);
    handle.unref();
    return { name, cancel: () => clearInterval(handle) };
  },
  sleep(_name, ms, signal) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(handle);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const handle = setTimeout(done, ms);
      if (signal?.aborted) done();
      else signal?.addEventListener('abort', done, { once: true });
    });
  },
};

interface Due {
  readonly name: string;
  at: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** A clock that stands still until `advance` moves it. For tests and for simulations faster than life. */
export class ManualTime implements TimeSource {
  #now: number;
  readonly #due: Due[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(name: string, ms: number, run: () => void): Timer {
    return this.#add({ name, at: this.#now + ms, everyMs: null, run });
  }

  every(name: string, ms: number, run: () => void): Timer {
    return this.#add({ name, at: this.#now + ms, everyMs: ms, run });
  }

  sleep(name: string, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.after(name, ms, resolve);
      const stop = () => {
        timer.cancel();
        resolve();
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Names of the timers that are waiting, soonest first. */
  waiting(): string[] {
    return this.#due.toSorted((a, b) => a.at - b.at).map((due) => due.name);
  }

  /** Moves the clock by `ms`, firing due timers in order and letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    for (;;) {
      const next = this.#due.filter((due) => due.at <= target).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.everyMs === null) this.#remove(next);
      else next.at += next.everyMs;
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = target;
    await new Promise((resolve) => setImmediate(resolve));
  }

  #add(due: Due): Timer {
    this.#due.push(due);
    return { name: due.name, cancel: () => this.#remove(due) };
  }

  #remove(due: Due): void {
    const index = this.#due.indexOf(due);
    if (index >= 0) this.#due.splice(index, 1);
  }
}
