import type { Counter, Gauge, Histogram, Meter, MeterDefinition } from '../domain/index.ts';

const APPEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Everything ingest counts, with unit and meaning. */
export const INGEST_METRICS = {
  messages: { name: 'isotherm_ingest_messages', help: 'Messages made durable' },
  readings: { name: 'isotherm_ingest_readings', help: 'Readings made durable, repeats included' },
  refused: {
    name: 'isotherm_ingest_refused',
    help: 'Readings, or whole messages, put into quarantine, by reason',
    labels: ['reason'],
  },
  slowMessages: {
    name: 'isotherm_ingest_slow_messages',
    help: 'Messages in the native form that the byte scanner left to the JSON parser',
  },
  unappended: {
    name: 'isotherm_ingest_unappended_messages',
    help: 'Messages answered with an error, to be sent again, by cause: full, stalled, failed, stopped, clock',
    labels: ['cause'],
  },
  resentRecords: {
    name: 'isotherm_ingest_resent_records',
    help: 'Records of gateway batches that were in the log already',
  },
  pendingMessages: { name: 'isotherm_ingest_pending_messages', help: 'Messages waiting for their commit' },
  pendingBytes: { name: 'isotherm_ingest_pending_bytes', help: 'Payload bytes waiting for their commit' },
  appendSeconds: {
    name: 'isotherm_ingest_append_seconds',
    help: 'From handing a group to the log to its commit',
    buckets: APPEND_SECONDS,
  },
  ticks: { name: 'isotherm_ingest_ticks', help: 'Clock ticks appended' },
  failedTicks: { name: 'isotherm_ingest_failed_ticks', help: 'Clock ticks that could not be appended' },
  written: { name: 'isotherm_ingest_written_readings', help: 'Readings written to the readings table' },
  repeated: { name: 'isotherm_ingest_repeated_readings', help: 'Readings that were in the table already' },
  conflicts: {
    name: 'isotherm_ingest_conflicting_readings',
    help: 'Readings whose identity had another value already',
  },
} as const satisfies Record<string, MeterDefinition & { readonly buckets?: readonly number[] }>;

export interface IngestMetrics {
  readonly messages: Counter;
  readonly readings: Counter;
  readonly refused: Counter;
  readonly slowMessages: Counter;
  readonly unappended: Counter;
  readonly resentRecords: Counter;
  readonly pendingMessages: Gauge;
  readonly pendingBytes: Gauge;
  readonly appendSeconds: Histogram;
}

export function ingestMetrics(meter: Meter): IngestMetrics {
  return {
    messages: meter.counter(INGEST_METRICS.messages),
    readings: meter.counter(INGEST_METRICS.readings),
    refused: meter.counter(INGEST_METRICS.refused),
    slowMessages: meter.counter(INGEST_METRICS.slowMessages),
    unappended: meter.counter(INGEST_METRICS.unappended),
    resentRecords: meter.counter(INGEST_METRICS.resentRecords),
    pendingMessages: meter.gauge(INGEST_METRICS.pendingMessages),
    pendingBytes: meter.gauge(INGEST_METRICS.pendingBytes),
    appendSeconds: meter.histogram(INGEST_METRICS.appendSeconds),
  };
}
