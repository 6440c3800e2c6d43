import { dashboard } from './dashboard.ts';
import { figure, list, mirrored, trend } from './panels.ts';

const SHIPMENT = `shipment = \${shipment:sqlstring}`;

/** One journey: what its loggers measured, and what came of it. */
export const shipment = dashboard({
  uid: 'isotherm-shipment',
  title: 'Shipment',
  description: 'What the loggers of one shipment measured on the way.',
  from: 'now-2d',
  path: `/shipments/\${shipment:percentencode}`,
  alerts: `shipments @> ARRAY[\${shipment:sqlstring}]`,
  variables: [
    {
      name: 'shipment',
      label: 'Shipment',
      query: 'SELECT shipment FROM grafana.shipments ORDER BY departs DESC LIMIT 1000',
    },
    {
      name: 'logger',
      label: 'Loggers',
      query: `SELECT DISTINCT device FROM grafana.shipment_devices WHERE ${SHIPMENT}`,
      isHiddenList: true,
    },
  ],
  rows: [
    {
      title: 'The journey',
      panels: [
        list(
          { title: 'Notice', span: 12, height: 4 },
          `SELECT state, profile, origin, destination, departs, arrives, left_at AS "left", received_at AS received
FROM grafana.shipments WHERE ${SHIPMENT}`,
        ),
        figure(
          { title: 'Alerts that stand', span: 4, badFrom: 1 },
          `SELECT count(*) AS alerts FROM grafana.alerts
WHERE shipments @> ARRAY[\${shipment:sqlstring}] AND state IN ('open', 'acknowledged')`,
        ),
        figure({ title: 'Warmest', span: 4, unit: 'celsius' }, extreme('max')),
        figure({ title: 'Coldest', span: 4, unit: 'celsius' }, extreme('min')),
        trend(
          {
            title: 'Temperature',
            description: 'Lowest and highest of each interval: no extreme is averaged away.',
            span: 24,
            unit: 'celsius',
          },
          measured('temperature'),
        ),
        trend({ title: 'Humidity', span: 12, unit: 'humidity' }, measured('humidity')),
        trend({ title: 'Shock', span: 12, unit: 'accG' }, measured('shock')),
      ],
    },
    {
      title: 'What came of it',
      panels: [
        list(
          { title: 'Alerts', span: 12, links: { alert: `\${isotherm:raw}/alerts/$value` } },
          `SELECT severity, summary, serials, "from", "to", state, alert FROM grafana.alerts
WHERE shipments @> ARRAY[\${shipment:sqlstring}] ORDER BY detected_at DESC LIMIT 100`,
        ),
        list(
          { title: 'Loggers', span: 12, links: { logger: '/d/isotherm-device?var-device=$value' } },
          `SELECT device AS logger, unit, "from", "to" FROM grafana.shipment_devices WHERE ${SHIPMENT} ORDER BY "from", device`,
        ),
      ],
    },
    {
      title: 'From InfluxDB',
      panels: [
        mirrored(
          { title: 'Temperature (InfluxDB)', span: 24, unit: 'celsius' },
          `from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "readings" and r.metric == "temperature" and r.device =~ /^\${logger:regex}$/)
  |> aggregateWindow(every: v.windowPeriod, fn: max, createEmpty: false)`,
        ),
      ],
    },
  ],
});

function measured(metric: string): string {
  return `SELECT r.time, r.device AS metric, min(min) AS lowest, max(max) AS highest
FROM ${readings(metric, '$__interval')} GROUP BY 1, 2 ORDER BY 1`;
}

function extreme(which: 'min' | 'max'): string {
  return `SELECT ${which}(${which}) AS extreme FROM ${readings('temperature', '1h')}`;
}

/** Of each logger only while it was with the shipment. */
function readings(metric: string, width: string): string {
  return `grafana.shipment_devices AS at CROSS JOIN LATERAL grafana.readings(ARRAY[at.device], '${metric}',
  greatest(at."from", $__timeFrom()::timestamptz), least(at."to", $__timeTo()::timestamptz), interval '${width}') AS r
WHERE at.shipment = \${shipment:sqlstring}`;
}
