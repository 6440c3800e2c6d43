import type { Effects } from './log.ts';

/** An act that its asker gave a key (`Idempotency-Key`): done once, however often it is asked for and whoever is killed. */
export interface KeyedAct {
  /** What an earlier attempt made, whose answer never went out; null: nothing is made yet. */
  readonly made: string | null;
  /** In the transaction that makes it. @throws {ConflictError} REQUEST_UNDER_WAY another attempt made it first */
  mark(effects: Effects, made: string): Promise<void>;
}

/** An act without a key: asked for twice it is done twice. */
export const UNKEYED: KeyedAct = { made: null, mark: async () => {} };
