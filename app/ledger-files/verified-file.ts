import { IsothermError } from '../../domain/index.ts';
import type { Checkpoint, VerifierKey } from '../../storage/index.ts';

/** What became of a file that was verified. */
export interface VerifiedFile {
  /** What it proves, for programs; null: nothing. */
  readonly proves: object | null;
  /** Checkpoints that it rests on. */
  readonly checkpoints: readonly Checkpoint[];
  readonly signedBy: readonly VerifierKey[];
  /** What does not fit, a line each. */
  readonly faults: readonly string[];
}

/** Gathers what does not fit; a fault of one part keeps no other from being looked at. */
export class Faults {
  readonly found: string[] = [];

  add(...faults: readonly string[]): void {
    this.found.push(...faults);
  }

  /** @returns null where it went wrong */
  async of<T>(what: string, work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      this.found.push(what === '' ? error.message : `${what}: ${error.message}`);
      return null;
    }
  }
}
