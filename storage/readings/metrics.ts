import type { Counter, Histogram, Meter } from '../../domain/index.ts';

/** What the keeping of readings counts. */
export interface ReadingsMetrics {
  readonly partitionsMade: Counter;
  readonly repairedMarks: Counter;
  readonly repairSeconds: Histogram;
  /** Label `step`. */
  readonly upkeepFailures: Counter;
}

export function readingsMetrics(meter: Meter): ReadingsMetrics {
  return {
    partitionsMade: meter.counter({
      name: 'isotherm_storage_partitions_made',
      help: 'Partitions of the readings made ahead of time, or for rows that waited for theirs',
    }),
    repairedMarks: meter.counter({
      name: 'isotherm_storage_repaired_marks',
      help: 'Days of keys whose rollups were made again after late readings',
    }),
    repairSeconds: meter.histogram({
      name: 'isotherm_storage_repair_seconds',
      help: 'Time to make the rollups of up to 500 days of keys again, seconds',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    }),
    upkeepFailures: meter.counter({
      name: 'isotherm_storage_upkeep_failures',
      help: 'Upkeep steps of the readings that failed and are tried again; label step',
      labels: ['step'],
    }),
  };
}
