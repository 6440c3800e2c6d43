import type { Meter } from '../domain/index.ts';

/** Every metric of the mirror. How many records it is behind is `isotherm_log_consumer_lag_records` of `influx`. */
export function mirrorMetrics(meter: Meter) {
  return {
    points: meter.counter({
      name: 'isotherm_mirror_points',
      help: 'Points InfluxDB has confirmed, those sent again included',
    }),
    refused: meter.counter({
      name: 'isotherm_mirror_refused_points',
      help: 'Points InfluxDB refuses for what they are; table influx_refused has them with its reason',
    }),
    failures: meter.counter({
      name: 'isotherm_mirror_failures',
      help: 'Writes InfluxDB did not answer or let in; they are made again',
    }),
    up: meter.gauge({
      name: 'isotherm_mirror_up',
      help: '1 while InfluxDB answers writes, 0 while it does not',
    }),
    lagSeconds: meter.gauge({
      name: 'isotherm_mirror_lag_seconds',
      help: 'Time since what is being mirrored arrived, seconds',
    }),
    requestSeconds: meter.histogram({
      name: 'isotherm_mirror_request_seconds',
      help: 'Time to write one batch of up to 5,000 points, seconds',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    }),
  };
}

export type MirrorMetrics = ReturnType<typeof mirrorMetrics>;
