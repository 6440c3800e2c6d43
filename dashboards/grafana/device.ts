import { dashboard } from './dashboard.ts';
import { list, mirrored, trend } from './panels.ts';

const DEVICE = `device = \${device:sqlstring}`;
const READINGS = `grafana.readings(ARRAY[\${device:sqlstring}], \${metric:sqlstring}, $__timeFrom(), $__timeTo(), interval '$__interval')`;

/** One logger and one metric of it. */
export const device = dashboard({
  uid: 'isotherm-device',
  title: 'Logger',
  description: 'What one logger measured, how regularly, and what came of it.',
  from: 'now-24h',
  path: `/devices/\${device:percentencode}`,
  alerts: DEVICE,
  variables: [
    { name: 'device', label: 'Logger', query: 'SELECT device FROM grafana.devices ORDER BY device LIMIT 10000' },
    {
      name: 'metric',
      label: 'Measures',
      query: `SELECT metric FROM grafana.latest(ARRAY[\${device:sqlstring}]) ORDER BY metric <> 'temperature', metric`,
    },
  ],
  rows: [
    {
      title: 'Measured',
      panels: [
        list(
          { title: 'Last readings', span: 6 },
          `SELECT metric, value, unit, time FROM grafana.latest(ARRAY[\${device:sqlstring}]) ORDER BY metric`,
        ),
        trend(
          {
            title: `\${metric}`,
            description: 'Lowest, mean and highest of each interval.',
            span: 18,
          },
          `SELECT time, min AS lowest, mean, max AS highest FROM ${READINGS} ORDER BY time`,
        ),
        trend(
          {
            title: 'Readings per interval',
            description: 'A gap is a gap in what was received.',
            span: 12,
            style: 'bars',
          },
          `SELECT time, n AS readings FROM ${READINGS} ORDER BY time`,
        ),
        mirrored(
          { title: `\${metric} (InfluxDB)`, span: 12 },
          `from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "readings" and r.device == "\${device}" and r.metric == "\${metric}")
  |> aggregateWindow(every: v.windowPeriod, fn: max, createEmpty: false)`,
        ),
      ],
    },
    {
      title: 'What came of it',
      panels: [
        list(
          { title: 'Alerts', span: 12, links: { alert: `\${isotherm:raw}/alerts/$value` } },
          `SELECT severity, summary, serials, "from", "to", state, alert FROM grafana.alerts
WHERE ${DEVICE} ORDER BY detected_at DESC LIMIT 100`,
        ),
        list(
          { title: 'Shipments', span: 6, links: { shipment: '/d/isotherm-shipment?var-shipment=$value' } },
          `SELECT shipment, unit, "from", "to" FROM grafana.shipment_devices WHERE ${DEVICE} ORDER BY "from" DESC LIMIT 100`,
        ),
        list(
          { title: 'Refused', description: 'Messages that could not be taken.', span: 6 },
          `SELECT at, reason, detail FROM grafana.refusals WHERE source = \${device:sqlstring} AND $__timeFilter(at)
ORDER BY at DESC LIMIT 100`,
        ),
      ],
    },
  ],
});
