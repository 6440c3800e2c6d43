import type { Counter, Meter } from '../../domain/index.ts';

/** What the keeping of readings counts. */
export interface ReadingsMetrics {
  readonly partitionsMade: Counter;
  /** Label `step`. */
  readonly upkeepFailures: Counter;
}

export function readingsMetrics(meter: Meter): ReadingsMetrics {
  return {
    partitionsMade: meter.counter({
      name: 'isotherm_storage_partitions_made',
      help: 'Partitions of the readings made ahead of time, or for rows that waited for theirs',
    }),
    upkeepFailures: meter.counter({
      name: 'isotherm_storage_upkeep_failures',
      help: 'Upkeep steps of the readings that failed and are tried again; label step',
      labels: ['step'],
    }),
  };
}
