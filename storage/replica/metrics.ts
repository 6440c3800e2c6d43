import type { Counter, Gauge, Meter } from '../../domain/index.ts';

/** What is counted of the read replica; of an installation without one, nothing. */
export interface ReplicaMetrics {
  readonly lagSeconds: Gauge;
  /** Label `answer`. */
  readonly questions: Counter;
}

export function replicaMetrics(meter: Meter): ReplicaMetrics {
  const metrics = {
    lagSeconds: meter.gauge({
      name: 'isotherm_database_replica_lag_seconds',
      help: 'How far the read replica is behind the primary, or for how long it has not been heard',
    }),
    questions: meter.counter({
      name: 'isotherm_database_replica_questions',
      help: 'Questions that a read replica may answer; label answer: replica, or why the primary did: behind, away, conflict (with recovery), refused',
      labels: ['answer'],
    }),
  };
  metrics.lagSeconds.set(0);
  return metrics;
}
