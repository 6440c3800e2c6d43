import type { Counter, Gauge, Meter } from '../../domain/index.ts';

/** What the evaluator counts. */
export interface EvaluatorMetrics {
  readonly readings: Counter;
  readonly changes: Counter;
  readonly reevaluated: Counter;
  readonly refusedRules: Counter;
  readonly keys: Gauge;
  readonly parked: Gauge;
  readonly heldTicks: Gauge;
}

export function evaluatorMetrics(meter: Meter): EvaluatorMetrics {
  return {
    readings: meter.counter({ name: 'isotherm_rules_readings', help: 'Readings judged, repeats included' }),
    changes: meter.counter({ name: 'isotherm_rules_finding_changes', help: 'Changes of findings', labels: ['event'] }),
    reevaluated: meter.counter({
      name: 'isotherm_rules_reevaluated_keys',
      help: 'Keys judged again from stored readings, after data later than the tail in memory or changed rules',
    }),
    refusedRules: meter.counter({ name: 'isotherm_rules_refused_versions', help: 'Rule versions that do not compile' }),
    keys: meter.gauge({ name: 'isotherm_rules_keys', help: 'Keys (device and metric) in memory' }),
    parked: meter.gauge({
      name: 'isotherm_rules_parked_keys',
      help: 'Keys that wait for the writer to be judged again',
    }),
    heldTicks: meter.gauge({ name: 'isotherm_rules_held_ticks', help: 'Ticks that wait for readings before them' }),
  };
}
