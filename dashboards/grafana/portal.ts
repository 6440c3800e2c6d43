import { dashboard } from './dashboard.ts';
import { figure, list, trend } from './panels.ts';

const PASSES = `grafana.passes WHERE portal = \${portal:sqlstring} AND since BETWEEN \${__from} AND \${__to}`;

/** One dock door: what went through it, and whether it was what was expected. */
export const portal = dashboard({
  uid: 'isotherm-portal',
  title: 'Portal',
  description: 'What went through one door, and whether it was what the notices said.',
  from: 'now-7d',
  path: `/portals/\${portal:percentencode}`,
  alerts: `portal = \${portal:sqlstring}`,
  variables: [
    {
      name: 'portal',
      label: 'Portal',
      query: 'SELECT name AS __text, portal AS __value FROM grafana.portals ORDER BY name',
    },
  ],
  rows: [
    {
      title: 'Passes',
      panels: [
        figure({ title: 'Passes', span: 6 }, `SELECT count(*) AS passes FROM ${PASSES}`),
        figure(
          { title: 'To be checked', span: 6, warnFrom: 1 },
          `SELECT count(*) AS passes FROM ${PASSES} AND verdict = 'check'`,
        ),
        figure(
          { title: 'Read of what was expected', span: 6, unit: 'percentunit' },
          `SELECT sum(seen)::float8 / nullif(sum(seen + missing), 0) AS share FROM ${PASSES} AND NOT is_provisional`,
        ),
        figure(
          { title: 'Unexpected', description: 'Serials and units no notice expects here.', span: 6, badFrom: 1 },
          `SELECT coalesce(sum(unexpected), 0) AS unexpected FROM ${PASSES}`,
        ),
        trend(
          { title: 'Passes by verdict', span: 12, style: 'bars' },
          `SELECT $__timeGroup("from", '1h') AS time, verdict AS metric, count(*) AS passes FROM ${PASSES}
GROUP BY 1, 2 ORDER BY 1`,
        ),
        trend(
          { title: 'Missing and unexpected', span: 12, style: 'bars' },
          `SELECT $__timeGroup("from", '1h') AS time, sum(missing) AS missing, sum(unexpected) AS unexpected,
  sum(stray) AS stray
FROM ${PASSES} GROUP BY 1 ORDER BY 1`,
        ),
        list(
          { title: 'Passes', description: 'Newest first.', span: 24 },
          `SELECT "from", "to", direction, verdict, expected, seen, missing, unexpected, stray, reason, pass FROM ${PASSES}
ORDER BY since DESC LIMIT 500`,
        ),
      ],
    },
    {
      title: 'What came of it',
      panels: [
        list(
          { title: 'Alerts', span: 24, links: { alert: `\${isotherm:raw}/alerts/$value` } },
          `SELECT severity, summary, serials, "from", "to", state, alert FROM grafana.alerts
WHERE portal = \${portal:sqlstring} ORDER BY detected_at DESC LIMIT 100`,
        ),
      ],
    },
  ],
});
