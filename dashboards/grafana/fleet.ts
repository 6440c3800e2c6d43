import { dashboard } from './dashboard.ts';
import { figure, list, mirrored, trend } from './panels.ts';

/** All shipments, loggers and alerts at a glance. */
export const fleet = dashboard({
  uid: 'isotherm-fleet',
  title: 'Fleet overview',
  description: 'Every shipment under way, every logger, and what is wrong now.',
  from: 'now-24h',
  path: '/shipments',
  alerts: `severity = 'critical'`,
  rows: [
    {
      title: 'Now',
      panels: [
        figure(
          { title: 'Shipments under way', span: 4 },
          `SELECT count(*) AS shipments FROM grafana.shipments WHERE left_at IS NOT NULL AND received_at IS NULL`,
        ),
        figure(
          { title: 'Critical alerts', description: 'Open or acknowledged.', span: 4, badFrom: 1 },
          standing('critical'),
        ),
        figure({ title: 'Warnings', description: 'Open or acknowledged.', span: 4, warnFrom: 1 }, standing('warning')),
        figure(
          {
            title: 'Serials affected',
            description: 'By alerts that stand; a serial counts once an alert.',
            span: 4,
            warnFrom: 1,
          },
          `SELECT coalesce(sum(serials), 0) AS serials FROM grafana.alerts WHERE state IN ('open', 'acknowledged')`,
        ),
        figure(
          { title: 'Loggers heard', description: 'In the last hour.', span: 4 },
          `SELECT count(DISTINCT device) AS loggers FROM grafana.latest() WHERE time > now() - interval '1 hour'`,
        ),
        figure(
          {
            title: 'Loggers silent',
            description: 'Heard in the last week, but not in the last hour.',
            span: 4,
            warnFrom: 1,
          },
          `SELECT count(*) AS loggers FROM (SELECT max(time) AS heard FROM grafana.latest() GROUP BY device) AS last
WHERE heard BETWEEN now() - interval '7 days' AND now() - interval '1 hour'`,
        ),
      ],
    },
    {
      title: 'What needs somebody',
      panels: [
        list(
          { title: 'Alerts that stand', span: 24, links: { alert: `\${isotherm:raw}/alerts/$value` } },
          `SELECT severity, summary, array_to_string(shipments, ', ') AS shipments, serials, "from", "to", state, alert
FROM grafana.alerts WHERE state IN ('open', 'acknowledged') ORDER BY detected_at DESC, number DESC LIMIT 100`,
        ),
        list(
          { title: 'Shipments', span: 12, links: { shipment: '/d/isotherm-shipment?var-shipment=$value' } },
          `SELECT shipment, state, profile, origin, destination, departs, arrives FROM grafana.shipments
ORDER BY (received_at IS NULL) DESC, departs DESC LIMIT 100`,
        ),
        list(
          {
            title: 'Loggers, longest silent first',
            span: 12,
            links: { logger: '/d/isotherm-device?var-device=$value' },
          },
          `SELECT device AS logger, max(time) AS heard, max(value) FILTER (WHERE metric = 'temperature') AS "°C",
  max(value) FILTER (WHERE metric = 'humidity') AS "%RH", max(value) FILTER (WHERE metric = 'battery') AS "battery %"
FROM grafana.latest() GROUP BY device ORDER BY heard LIMIT 200`,
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        trend(
          { title: 'Alerts by when they were detected', span: 12, style: 'bars' },
          `SELECT $__timeGroup(detected_at, '1h') AS time, severity AS metric, count(*) AS alerts FROM grafana.alerts
WHERE $__timeFilter(detected_at) GROUP BY 1, 2 ORDER BY 1`,
        ),
        mirrored(
          { title: 'Temperature, all loggers (InfluxDB)', span: 12, unit: 'celsius' },
          `from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "readings" and r.metric == "temperature")
  |> aggregateWindow(every: v.windowPeriod, fn: max, createEmpty: false)`,
        ),
      ],
    },
  ],
});

function standing(severity: string): string {
  return `SELECT count(*) AS alerts FROM grafana.alerts
WHERE severity = '${severity}' AND state IN ('open', 'acknowledged')`;
}
