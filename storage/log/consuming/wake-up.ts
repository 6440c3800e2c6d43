/** Lets a loop sleep until there may be something to do; a call while it is awake is not lost. */
export class WakeUp {
  #isCalled = false;
  #resolve: (() => void) | null = null;

  wake(): void {
    this.#isCalled = true;
    this.#resolve?.();
    this.#resolve = null;
  }

  /** From now on a call counts: look around after this. */
  arm(): void {
    this.#isCalled = false;
  }

  /** Resolves at the next call since {@link arm}. */
  sleep(): Promise<void> {
    if (this.#isCalled) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
