import type { Counter, Gauge, Histogram, Meter } from '../../domain/index.ts';

/** What the log counts. Labels: `family`, `partition`, `consumer`. */
export interface LogMetrics {
  readonly appendedRecords: Counter;
  readonly appendedBytes: Counter;
  readonly duplicates: Counter;
  /** Label `code`: LOG_BUSY, LOG_FULL, LOG_UNAVAILABLE. */
  readonly refused: Counter;
  readonly commitSeconds: Histogram;
  readonly commitRecords: Histogram;
  readonly queueBytes: Gauge;
  readonly consumed: Counter;
  readonly failures: Counter;
  readonly dead: Counter;
  readonly tableReads: Counter;
  readonly lagRecords: Gauge;
  readonly active: Gauge;
  readonly segments: Gauge;
  readonly segmentBytes: Gauge;
  readonly isFull: Gauge;
  readonly holes: Counter;
  readonly upkeepFailures: Counter;
}

export function logMetrics(meter: Meter): LogMetrics {
  return {
    appendedRecords: meter.counter({
      name: 'isotherm_log_appended_records',
      help: 'Records committed to the log',
      labels: ['family'],
    }),
    appendedBytes: meter.counter({
      name: 'isotherm_log_appended_bytes',
      help: 'Payload bytes committed to the log',
      labels: ['family'],
    }),
    duplicates: meter.counter({
      name: 'isotherm_log_duplicate_records',
      help: 'Resent records that were recognised and not appended again',
      labels: ['family'],
    }),
    refused: meter.counter({
      name: 'isotherm_log_refused_appends',
      help: 'Appends that failed; their senders resend',
      labels: ['code'],
    }),
    commitSeconds: meter.histogram({
      name: 'isotherm_log_commit_seconds',
      help: 'One group commit, from sending it to knowing it is durable',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    }),
    commitRecords: meter.histogram({
      name: 'isotherm_log_commit_records',
      help: 'Records that shared one commit',
      buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384],
    }),
    queueBytes: meter.gauge({
      name: 'isotherm_log_queue_bytes',
      help: 'Payload bytes waiting for or under commit',
    }),
    consumed: meter.counter({
      name: 'isotherm_log_consumed_records',
      help: 'Records whose effects have committed',
      labels: ['consumer', 'family'],
    }),
    failures: meter.counter({
      name: 'isotherm_log_consumer_failures',
      help: 'Batches rolled back; label fault is handler, unavailable or hook',
      labels: ['consumer', 'fault'],
    }),
    dead: meter.counter({
      name: 'isotherm_log_dead_records',
      help: 'Records a consumer could not take, moved to log_dead',
      labels: ['consumer'],
    }),
    tableReads: meter.counter({
      name: 'isotherm_log_table_reads',
      help: 'Batches read from the table because they were not in memory',
      labels: ['consumer'],
    }),
    lagRecords: meter.gauge({
      name: 'isotherm_log_consumer_lag_records',
      help: 'Records appended and not yet consumed',
      labels: ['consumer', 'family', 'partition'],
    }),
    active: meter.gauge({
      name: 'isotherm_log_consumer_active',
      help: '1 while this process holds the consumer, 0 while it stands by or is cut off',
      labels: ['consumer'],
    }),
    segments: meter.gauge({
      name: 'isotherm_log_segments',
      help: 'Segments not yet dropped',
      labels: ['family'],
    }),
    segmentBytes: meter.gauge({
      name: 'isotherm_log_segment_bytes',
      help: 'Payload bytes in segments not yet dropped',
      labels: ['family'],
    }),
    isFull: meter.gauge({
      name: 'isotherm_log_full',
      help: '1 while a mandatory consumer is past the cap and appends are refused',
    }),
    holes: meter.counter({
      name: 'isotherm_log_lost_messages',
      help: 'Messages of the log on NATS that were acknowledged and are gone or changed; label reason',
      labels: ['reason'],
    }),
    upkeepFailures: meter.counter({
      name: 'isotherm_log_upkeep_failures',
      help: 'Upkeep steps that failed and are tried again; label step',
      labels: ['step'],
    }),
  };
}
