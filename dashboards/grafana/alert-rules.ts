import { QueryBuilder, type Rule, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting';
import { TypeThresholdBuilder } from '@grafana/grafana-foundation-sdk/expr';
import { POSTGRES, sql } from './sources.ts';

/** A condition of the installation that somebody should hear of, asked of the database every minute. */
interface Watch {
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  /** One number. */
  readonly rawSql: string;
  /** It is wrong above this. */
  readonly above: number;
  /** And has been for this long. */
  readonly for: string;
  readonly severity: 'warning' | 'critical';
}

/**
 * What watches the watcher. Excursions and portals are Isotherm's own alerts and go out by its own channels; these are
 * about Isotherm standing still, which it cannot always say itself.
 */
const WATCHES: readonly Watch[] = [
  {
    uid: 'isotherm-behind',
    title: 'A consumer is behind',
    summary: 'Answers are late. /readyz and docs/operating.md, "lag grows".',
    rawSql: 'SELECT coalesce(max(behind), 0) AS records FROM grafana.consumers WHERE is_mandatory',
    above: 10_000,
    for: '5m',
    severity: 'critical',
  },
  {
    uid: 'isotherm-mirror-behind',
    title: 'The InfluxDB mirror is behind',
    summary: 'Charts on InfluxDB are old; nothing else is affected. docs/operating.md, "InfluxDB is behind".',
    rawSql: 'SELECT coalesce(max(behind), 0) AS records FROM grafana.consumers WHERE NOT is_mandatory',
    above: 10_000,
    for: '30m',
    severity: 'warning',
  },
  {
    uid: 'isotherm-dead-records',
    title: 'Records wait for a person',
    summary: 'A consumer could not take them, and what they held has no effect. docs/operating.md, "dead is not 0".',
    rawSql: 'SELECT count(*) AS records FROM grafana.dead_records',
    above: 0,
    for: '0s',
    severity: 'critical',
  },
  {
    uid: 'isotherm-messages-dead',
    title: 'Messages were given up',
    summary: 'A webhook was tried for three days. docs/operating.md, "a webhook gets nothing".',
    rawSql: `SELECT count(*) AS messages FROM grafana.messages WHERE dead_at > now() - interval '1 day'`,
    above: 0,
    for: '0s',
    severity: 'warning',
  },
  {
    uid: 'isotherm-nothing-heard',
    title: 'No logger is heard',
    summary: 'Loggers that were heard today have all been silent for 30 minutes: broker, network or Isotherm itself.',
    rawSql: `SELECT coalesce(extract(epoch FROM now() - max(time)), 0) AS seconds FROM grafana.latest()
WHERE time BETWEEN now() - interval '1 day' AND now()`,
    above: 1_800,
    for: '5m',
    severity: 'critical',
  },
];

const FOLDER = 'isotherm';
const GROUP = 'isotherm';

/** The file Grafana provisions alerting from (docs: "File provisioning", alert rules). */
export function alertRules() {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: GROUP, folder: 'Isotherm', interval: '1m', rules: WATCHES.map(ruleOf) }],
  };
}

function ruleOf({ uid, title, summary, rawSql, above, severity, for: held }: Watch): Rule {
  return new RuleBuilder(title)
    .uid(uid)
    .folderUID(FOLDER)
    .ruleGroup(GROUP)
    .orgID(1)
    .condition('B')
    .forDuration(held)
    .noDataState('NoData')
    .execErrState('Error')
    .labels({ severity })
    .annotations({ summary, __dashboardUid__: 'isotherm-health' })
    .queries([
      new QueryBuilder('A')
        .datasourceUid(POSTGRES.uid)
        .relativeTimeRange({ from: 600, to: 0 })
        .model(sql('table', rawSql)),
      new QueryBuilder('B')
        .datasourceUid('__expr__')
        .relativeTimeRange({ from: 0, to: 0 })
        .model(
          new TypeThresholdBuilder()
            .refId('B')
            .datasource({ type: '__expr__', uid: '__expr__' })
            .expression('A')
            .conditions([{ evaluator: { type: 'gt', params: [above] } }]),
        ),
    ])
    .build();
}
