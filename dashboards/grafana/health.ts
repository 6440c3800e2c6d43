import { dashboard } from './dashboard.ts';
import { figure, list, trend } from './panels.ts';

/** Isotherm itself. */
export const health = dashboard({
  uid: 'isotherm-health',
  title: 'Platform health',
  description: 'Isotherm itself: what waits, what was refused, what takes space. What to do: docs/operating.md.',
  from: 'now-24h',
  path: '/',
  alerts: `severity = 'critical'`,
  rows: [
    {
      title: 'Now',
      panels: [
        figure(
          {
            title: 'Records behind',
            description: 'Of the mandatory consumer that is furthest behind.',
            span: 4,
            warnFrom: 1000,
            badFrom: 100_000,
          },
          'SELECT coalesce(max(behind), 0) AS records FROM grafana.consumers WHERE is_mandatory',
        ),
        figure(
          {
            title: 'Optional consumers behind',
            description: 'The InfluxDB mirror, where there is one.',
            span: 4,
            warnFrom: 1000,
          },
          'SELECT coalesce(max(behind), 0) AS records FROM grafana.consumers WHERE NOT is_mandatory',
        ),
        figure(
          {
            title: 'Dead records',
            description: 'A consumer could not take them; they wait for a person.',
            span: 4,
            badFrom: 1,
          },
          'SELECT count(*) AS records FROM grafana.dead_records',
        ),
        figure(
          {
            title: 'Messages not delivered',
            description: 'Webhooks that are still tried.',
            span: 4,
            warnFrom: 10,
            badFrom: 100,
          },
          'SELECT count(*) AS messages FROM grafana.messages WHERE delivered_at IS NULL AND dead_at IS NULL',
        ),
        figure(
          { title: 'Messages given up', span: 4, badFrom: 1 },
          'SELECT count(*) AS messages FROM grafana.messages WHERE dead_at IS NOT NULL',
        ),
        figure(
          {
            title: 'Last reading',
            description: 'How long ago the newest reading was measured.',
            span: 4,
            unit: 's',
            warnFrom: 900,
            badFrom: 3600,
          },
          'SELECT extract(epoch FROM now() - max(time)) AS age FROM grafana.latest() WHERE time <= now()',
        ),
      ],
    },
    {
      title: 'What waits',
      panels: [
        list(
          { title: 'Consumers of the log', span: 12 },
          `SELECT consumer, family, behind, is_mandatory AS mandatory, is_detached AS detached FROM grafana.consumers
ORDER BY behind DESC, consumer, family`,
        ),
        list(
          { title: 'Dead records', span: 12 },
          'SELECT at, consumer, kind, source, reason FROM grafana.dead_records ORDER BY at DESC LIMIT 100',
        ),
      ],
    },
    {
      title: 'What was refused',
      panels: [
        trend(
          { title: 'Refused readings and messages, by reason', span: 12, style: 'bars' },
          `SELECT $__timeGroup(at, '10m') AS time, reason AS metric, count(*) AS refused FROM grafana.refusals
WHERE $__timeFilter(at) GROUP BY 1, 2 ORDER BY 1`,
        ),
        list(
          { title: 'Refused most', span: 12, links: { source: '/d/isotherm-device?var-device=$value' } },
          `SELECT source, reason, count(*) AS refused, max(at) AS last FROM grafana.refusals WHERE $__timeFilter(at)
GROUP BY 1, 2 ORDER BY refused DESC LIMIT 50`,
        ),
      ],
    },
    {
      title: 'Space',
      panels: [
        list(
          { title: 'Tables', span: 12, units: { bytes: 'bytes' } },
          'SELECT "table", bytes FROM grafana.tables ORDER BY bytes DESC LIMIT 30',
        ),
        list(
          { title: 'Messages', span: 12 },
          `SELECT channel, type, created_at, attempts, last_error FROM grafana.messages
WHERE delivered_at IS NULL ORDER BY created_at DESC LIMIT 100`,
        ),
      ],
    },
  ],
});
