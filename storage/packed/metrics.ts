import type { Counter, Gauge, Meter } from '../../domain/index.ts';

/** What the packing of readings counts. */
export interface PackingMetrics {
  readonly readings: Counter;
  readonly stretches: Counter;
  readonly bytes: Counter;
  /** Weeks, or looks for them. */
  readonly failures: Counter;
  readonly lastRun: Gauge;
  readonly waiting: Gauge;
  readonly damaged: Gauge;
}

export function packingMetrics(meter: Meter): PackingMetrics {
  return {
    readings: meter.counter({
      name: 'isotherm_storage_packed_readings',
      help: 'Readings that were packed; those of a week that is packed again count again',
    }),
    stretches: meter.counter({
      name: 'isotherm_storage_packed_stretches',
      help: 'Stretches that readings were packed into',
    }),
    bytes: meter.counter({
      name: 'isotherm_storage_packed_bytes',
      help: 'Bytes of those stretches',
    }),
    failures: meter.counter({
      name: 'isotherm_storage_packing_failures',
      help: 'Rounds of packing that failed and are tried again',
    }),
    lastRun: meter.gauge({
      name: 'isotherm_storage_packing_last_run_seconds',
      help: 'When a round of packing last came to its end, Unix time in seconds; 0: none has since the start',
    }),
    waiting: meter.gauge({
      name: 'isotherm_storage_packing_waiting_weeks',
      help: 'Weeks that could be packed and are not yet',
    }),
    damaged: meter.gauge({
      name: 'isotherm_storage_damaged_stretches',
      help: 'Stretches of packed readings that were not as written when they were last checked (isotherm readings check names them)',
    }),
  };
}
