import type { Effects } from './log.ts';

/** What one process of the installation does at a time: the ticks, a sequencer. Implemented by storage. */
export interface Ownership {
  /**
   * Waits until nobody else owns it.
   * @param signal ends the waiting; rejects with its reason
   */
  own(name: string, signal: AbortSignal): Promise<Owned>;
}

/** An ownership that lasts until it is released, or its connection is lost. */
export interface Owned {
  readonly name: string;
  /** Raised with each new owner: a former one, that has not noticed, has a lower one. */
  readonly epoch: number;
  /** Aborted when it may be another's. */
  readonly lost: AbortSignal;
  /**
   * In the transaction of what is done as the owner: it commits only while this is the latest owner.
   * @throws {ConflictError} OWNERSHIP_LOST
   */
  check(effects: Effects): Promise<void>;
  release(): Promise<void>;
}
