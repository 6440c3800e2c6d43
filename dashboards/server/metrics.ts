import type { Counter, Gauge, Histogram, Meter, MeterDefinition } from '../../domain/index.ts';

/** Everything the dashboards count, with unit and meaning. */
export const DASHBOARDS_METRICS = {
  requests: {
    name: 'isotherm_dashboards_request_seconds',
    help: 'Time to answer API requests, by method and class of status',
    labels: ['method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  defects: { name: 'isotherm_dashboards_defects', help: 'Requests that failed by our fault' },
  sockets: { name: 'isotherm_dashboards_sockets', help: 'Live sockets open' },
  alertsPushed: { name: 'isotherm_dashboards_alerts_pushed', help: 'Alerts pushed to sockets' },
  socketsDropped: { name: 'isotherm_dashboards_sockets_dropped', help: 'Sockets closed for being too slow' },
  pushFailures: { name: 'isotherm_dashboards_push_failures', help: 'Live events that could not be made' },
} as const satisfies Record<string, MeterDefinition & { readonly buckets?: readonly number[] }>;

export interface DashboardsMetrics {
  readonly requests: Histogram;
  readonly defects: Counter;
  readonly sockets: Gauge;
  readonly alertsPushed: Counter;
  readonly socketsDropped: Counter;
  readonly pushFailures: Counter;
}

export function dashboardsMetrics(meter: Meter): DashboardsMetrics {
  return {
    requests: meter.histogram(DASHBOARDS_METRICS.requests),
    defects: meter.counter(DASHBOARDS_METRICS.defects),
    sockets: meter.gauge(DASHBOARDS_METRICS.sockets),
    alertsPushed: meter.counter(DASHBOARDS_METRICS.alertsPushed),
    socketsDropped: meter.counter(DASHBOARDS_METRICS.socketsDropped),
    pushFailures: meter.counter(DASHBOARDS_METRICS.pushFailures),
  };
}
