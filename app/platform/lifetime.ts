import { UnavailableError } from '../../domain/index.ts';

type Stop = () => Promise<void> | void;

/** What was started, to be stopped last first. */
export class Lifetime {
  readonly #stops: Stop[] = [];
  readonly #ending = new AbortController();

  /** Aborted as soon as the end begins: who waits for another part gives up. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Something has been started: `stop` ends it. */
  started(stop: Stop): void {
    this.#stops.push(stop);
  }

  async end(): Promise<void> {
    // Work that is given up now is nobody's fault, and is done after the next start.
    this.#ending.abort(new UnavailableError('PLATFORM_STOPPING', 'Isotherm is stopping'));
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
