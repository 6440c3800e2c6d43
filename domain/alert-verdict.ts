import type { Origination } from './audit.ts';
import type { Effects } from './log.ts';

/** What a person said, with a signature, of the evidence of a case, as the alerts that it ends tell it. */
export interface AlertVerdict {
  /** `C-000123` */
  readonly case: string;
  /** Number of the step, or of the one that takes it back. */
  readonly step: number;
  /** A sentence part: what was said. */
  readonly said: string;
  readonly reason: string;
  readonly who: Origination;
  /** Epoch ms UTC. */
  readonly at: number;
}

/** The alert that a person looked at, and as it was then. */
export interface AlertLookedAt {
  readonly id: string;
  /** undefined: whatever it is now. */
  readonly revision: number | undefined;
}

/**
 * Ends alerts by what people say of their evidence, and opens them again where that is taken back. Implemented by alerts/,
 * used by quality/ in the transaction of the signed step: an alert is never behind what was signed.
 */
export interface AlertEnds {
  /**
   * @throws {InputError} ALERT_UNKNOWN
   * @throws {ConflictError} with the current state: ALERT_STATE_CONFLICT where it is over, ALERT_CHANGED where somebody acted since
   */
  requireOpen(effects: Effects, looked: AlertLookedAt): Promise<void>;
  /** What was said of an alert stands in its history, whether it ends by it or not. */
  judged(effects: Effects, id: string, verdict: AlertVerdict): Promise<void>;
  /** Nothing of these counts any more: they are resolved, and whoever was told is told. @param alerts their numbers */
  ended(effects: Effects, alerts: readonly number[], verdict: AlertVerdict): Promise<void>;
  /**
   * What their goods can still stand is worked out anew: what was signed gives budget back, or takes it.
   * @param alerts their numbers; those that are over stay as they are
   */
  stakeChanged(effects: Effects, alerts: readonly number[], verdict: AlertVerdict): Promise<void>;
  /** These count after all: those that {@link ended} resolved are open again. @param alerts their numbers */
  counted(effects: Effects, alerts: readonly number[], verdict: AlertVerdict): Promise<void>;
}
