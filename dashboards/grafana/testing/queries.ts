import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertRules } from '../alert-rules.ts';
import { DASHBOARDS } from '../files.ts';

/** A query of a dashboard or an alert rule, and where it stands. */
export interface Query {
  /** `Shipment / Temperature` */
  readonly where: string;
  readonly kind: 'panel' | 'variable' | 'annotation' | 'rule';
  readonly rawSql: string;
}

/** Every query to PostgreSQL that Grafana would make. */
export function sqlQueries(): Query[] {
  const queries: Query[] = [];
  const take = (kind: Query['kind'], where: string, target: object | undefined) => {
    const rawSql = target !== undefined && 'rawSql' in target ? target.rawSql : undefined;
    if (typeof rawSql === 'string') queries.push({ where, kind, rawSql });
  };
  for (const dashboard of DASHBOARDS) {
    for (const panel of panelsOf(dashboard)) {
      for (const target of panel.targets ?? []) take('panel', `${dashboard.title} / ${panel.title}`, target);
    }
    for (const { name, query } of dashboard.templating.list ?? []) {
      if (name !== 'isotherm') take('variable', `${dashboard.title} / $${name}`, { rawSql: query });
    }
    for (const { name, target } of dashboard.annotations.list ?? []) {
      take('annotation', `${dashboard.title} / ${name}`, target);
    }
  }
  for (const rule of alertRules().groups.flatMap(({ rules }) => rules)) {
    for (const { model } of rule.data) take('rule', rule.title, model);
  }
  return queries;
}

/** Without the headings. */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel: Panel | RowPanel): panel is Panel => panel.type !== 'row');
}
