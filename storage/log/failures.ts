import type { Trouble } from '../../domain/index.ts';
import { reasonOf } from '../failure.ts';

/** What of the log does not get on just now: a part is in trouble from its first failure to its next success. */
export class Failures {
  readonly #parts = new Map<string, Trouble>();

  /** @param now epoch ms UTC */
  failed(part: string, error: unknown, now: number): void {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    this.#parts.set(part, { part, reason: reasonOf(cause), since: this.#parts.get(part)?.since ?? now });
  }

  passed(part: string): void {
    this.#parts.delete(part);
  }

  list(): readonly Trouble[] {
    return [...this.#parts.values()];
  }
}
