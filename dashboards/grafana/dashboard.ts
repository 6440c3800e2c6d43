import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { UnplacedPanel } from './panels.ts';
import { POSTGRES, sql } from './sources.ts';

/** What every dashboard of Isotherm shares, and what one of them is made of. */
export interface Plan {
  /** `isotherm-fleet`; also the name of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far back it looks: `now-24h`. */
  readonly from: string;
  readonly variables?: readonly Choice[];
  /** Where in Isotherm the same is shown, after its address: `/devices/${device}`. */
  readonly path: string;
  /** Which alerts are marked on its charts: a condition on `grafana.alerts`. */
  readonly alerts: string;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly UnplacedPanel[];
}

/** A variable whose values come from the database: one column, or `__text` and `__value`. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  /** Several values at once, all to begin with; not shown: other variables decide it. */
  readonly isHiddenList?: boolean;
}

/** Where the browser finds Isotherm; people may change it at the top of each dashboard. */
const ISOTHERM_URL = 'http://localhost:8080';

export function dashboard({ uid, title, description, from, variables = [], path, alerts, rows }: Plan): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['isotherm'])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('1m')
    .link(
      new DashboardLinkBuilder('Isotherm')
        .type(DashboardLinkType.Dashboards)
        .tags(['isotherm'])
        .asDropdown(true)
        .keepTime(true),
    )
    .link(
      new DashboardLinkBuilder('Open in Isotherm')
        .type(DashboardLinkType.Link)
        .icon('external link')
        .url(`\${isotherm:raw}${path}`)
        .targetBlank(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Alerts')
        .datasource(POSTGRES)
        .enable(true)
        .iconColor('red')
        .target(sql('table', ALERTS_IN_VIEW.replace('$which', alerts))),
    );
  for (const choice of variables) builder.withVariable(variableOf(choice));
  builder.withVariable(
    new TextBoxVariableBuilder('isotherm')
      .label('Isotherm')
      .defaultValue(ISOTHERM_URL)
      .description('Address of Isotherm'),
  );
  let id = 0;
  for (const { title: heading, panels } of rows) {
    builder.withRow(new RowBuilder(heading).id(++id));
    for (const panel of panels) builder.withPanel(panel.id(++id));
  }
  return builder.build();
}

const ALERTS_IN_VIEW = `SELECT "from" AS time, coalesce("to", now()) AS timeend, summary AS text, severity AS tags
FROM grafana.alerts
WHERE state <> 'retracted' AND ($which) AND "from" < $__timeTo() AND coalesce("to", now()) > $__timeFrom()
ORDER BY "from" DESC LIMIT 500`;

function variableOf({ name, label, query, isHiddenList = false }: Choice): QueryVariableBuilder {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(POSTGRES)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled);
  return isHiddenList ? variable.hide(VariableHide.HideVariable).multi(true).includeAll(true) : variable;
}
