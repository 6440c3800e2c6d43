/**
 * Runs one piece of work at a time. Who asks while it runs is joined to one run after it, however many ask: so that each is
 * answered when work that began after its question is done.
 */
export class JoinedRuns {
  readonly #work: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  /** Not begun yet. */
  #next: Promise<void> | null = null;

  /** @param work never rejects */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  run(): Promise<void> {
    if (this.#next === null) {
      const turn = this.#running.then(() => {
        this.#next = null;
        return this.#work();
      });
      this.#next = turn;
      this.#running = turn;
    }
    return this.#next;
  }
}
