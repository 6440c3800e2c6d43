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

/** A comment on a case that mentions people. */
export interface CaseMention {
  /** `C-000123` */
  readonly case: string;
  readonly title: string;
  readonly comment: number;
  readonly text: string;
  /** Who wrote it. */
  readonly by: string;
  /** User names. */
  readonly people: readonly string[];
  /** Epoch ms UTC. */
  readonly at: number;
}

/** Who tells people that they were mentioned. Implemented by alerts/, used by quality/ in the transaction of the comment. */
export interface CaseMentions {
  /** Tells each of them by the channels that lead to them; who has none finds it on the inbox alone. */
  mentioned(effects: Effects, mention: CaseMention): Promise<void>;
}
