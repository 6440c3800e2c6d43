import type { Effects } from './log.ts';

/**
 * Who keeps the cases that people decide on. Implemented by quality/, used by alerts/ in the transaction that settles
 * alerts: a case is never behind the alerts it rests on.
 */
export interface CaseEvents {
  /**
   * These alerts were opened, changed, merged, split or retracted, or stand as they did: the cases they touch are opened,
   * joined, left or changed. The same again changes nothing.
   *
   * @param alerts their numbers
   */
  alertsSettled(effects: Effects, alerts: readonly number[], at: number): Promise<void>;
}
