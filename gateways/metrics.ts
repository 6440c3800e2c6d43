import type { Counter, Gauge, Meter } from '../domain/index.ts';

/** What a gateway counts. */
export interface GatewayMetrics {
  readonly tags: Counter;
  readonly malformed: Counter;
  readonly overflows: Counter;
  readonly reconnects: Counter;
  readonly refused: Counter;
  readonly batches: Counter;
  readonly acknowledged: Counter;
  readonly skew: Gauge;
  readonly pending: Gauge;
  readonly spoolBytes: Gauge;
  readonly manifestVersion: Gauge;
  readonly manifestAge: Gauge;
  readonly manifestsRefused: Counter;
}

export function gatewayMetrics(meter: Meter): GatewayMetrics {
  const labels = ['reader'];
  const counter = (what: string, help: string, by?: readonly string[]) =>
    meter.counter({ name: `isotherm_gateway_${what}`, help, ...(by === undefined ? {} : { labels: by }) });
  const gauge = (what: string, help: string, by?: readonly string[]) =>
    meter.gauge({ name: `isotherm_gateway_${what}`, help, ...(by === undefined ? {} : { labels: by }) });
  return {
    tags: counter('tag_reports', 'Tag reports received from readers.', labels),
    malformed: counter('frames_malformed', 'LLRP frames left out because they were malformed.', labels),
    overflows: counter('reader_overflows', 'Times a reader said that its report buffer overflowed.', labels),
    reconnects: counter('reader_reconnects', 'Connections to a reader that failed or ended.', labels),
    refused: counter('reads_refused', 'Reads not taken because the spool was full.', labels),
    batches: counter('batches_spooled', 'Batches written to the spool.'),
    acknowledged: counter('batches_acknowledged', 'Batches the platform has acknowledged.'),
    skew: gauge('reader_clock_skew_seconds', 'Reader clock minus gateway clock.', labels),
    pending: gauge('spool_batches', 'Batches on disk that are not acknowledged.'),
    manifestVersion: gauge('manifest_version', 'Version of the door manifest that the gateway judges by.'),
    manifestAge: gauge(
      'manifest_age_seconds',
      'Since the platform last stood by the door manifest; +Inf: the clock was set back.',
    ),
    manifestsRefused: counter('manifests_refused', 'Door manifests refused, by the code of the error.', ['code']),
    spoolBytes: gauge('spool_bytes', 'Bytes of batches and reads on disk.'),
  };
}
