import type { Effects } from './log.ts';

/**
 * What a consumer must remember beside its checkpoint and cannot rebuild from the record tables: one small state per
 * consumer, written in the transaction of its effects. Implemented by storage.
 */
export interface ConsumerState {
  /** The state as last committed; null where there is none. */
  load(consumer: string): Promise<Uint8Array | null>;
  /** Takes the place of the consumer's state when the transaction commits. */
  save(effects: Effects, consumer: string, state: Uint8Array): Promise<void>;
}
