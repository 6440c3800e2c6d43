/** When a delivery that failed is tried again. All in ms. */
export interface RetrySchedule {
  /** Before the second attempt. */
  readonly firstMs: number;
  /** Doubling goes up to here. */
  readonly mostMs: number;
  /** For so long after the event. */
  readonly eagerMs: number;
  /** From then on. */
  readonly slowMs: number;
  /** Older than this it is a dead letter. */
  readonly giveUpMs: number;
}

/** First after 1 s, doubling to at most 30 s for an hour, then every 10 minutes for 3 days. */
export const RETRY_SCHEDULE: RetrySchedule = {
  firstMs: 1_000,
  mostMs: 30_000,
  eagerMs: 3_600_000,
  slowMs: 600_000,
  giveUpMs: 3 * 24 * 3_600_000,
};

/**
 * How long to wait after a failed attempt, in whole ms, or null to give up. Doubling steps are drawn from their upper half, so that
 * receivers that come back are not met by everyone at once; no step is longer than the schedule says.
 *
 * @param attempts made so far, at least 1
 * @param ageMs since the event
 * @param random in [0, 1)
 */
export function waitBeforeRetry(
  schedule: RetrySchedule,
  attempts: number,
  ageMs: number,
  random: number,
): number | null {
  if (ageMs >= schedule.giveUpMs) return null;
  if (ageMs >= schedule.eagerMs) return schedule.slowMs;
  const doubled = Math.min(schedule.mostMs, schedule.firstMs * 2 ** Math.min(attempts - 1, 30));
  return attempts === 1 ? doubled : Math.round(doubled * (0.5 + random / 2));
}
