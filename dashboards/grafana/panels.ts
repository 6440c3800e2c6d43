import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  GraphDrawStyle,
  type StackingConfig,
  StackingMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { flux, INFLUX, POSTGRES, sql } from './sources.ts';

/** Panels are numbered as they are put on a dashboard (dashboard.ts). */
export type UnplacedPanel = Builder<Panel> & { id(id: number): UnplacedPanel };

export interface PanelText {
  readonly title: string;
  /** What a person who looks at it for the first time has to know. */
  readonly description?: string;
  /** Of the 24 columns of a dashboard. */
  readonly span: number;
  readonly height?: number;
}

/** One number; from `warnFrom` on it is orange, from `badFrom` on red. */
export interface FigureOptions extends PanelText {
  readonly unit?: string;
  readonly warnFrom?: number;
  readonly badFrom?: number;
}

export function figure(options: FigureOptions, rawSql: string): UnplacedPanel {
  const { title, description = '', span, height = 4, unit, warnFrom, badFrom } = options;
  const steps = [
    { value: null, color: 'green' },
    ...(warnFrom === undefined ? [] : [{ value: warnFrom, color: 'orange' }]),
    ...(badFrom === undefined ? [] : [{ value: badFrom, color: 'red' }]),
  ];
  const isJudged = steps.length > 1;
  const panel = new stat.PanelBuilder()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(POSTGRES)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(isJudged ? steps : [{ value: null, color: 'text' }]),
    )
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/.*/').values(false))
    .noValue('0')
    .withTarget(sql('table', rawSql));
  return unit === undefined ? panel : panel.unit(unit);
}

export interface TrendOptions extends PanelText {
  readonly unit?: string;
  readonly style?: 'lines' | 'bars';
}

/** Over time. Columns are `time`, a text that names the series, and values. */
export function trend(options: TrendOptions, rawSql: string): UnplacedPanel {
  return timeline(options).datasource(POSTGRES).withTarget(sql('time_series', rawSql));
}

/** Likewise, from the mirror. */
export function mirrored(options: TrendOptions, query: string): UnplacedPanel {
  return timeline(options).datasource(INFLUX).withTarget(flux(query));
}

function timeline({ title, description = '', span, height = 9, unit, style = 'lines' }: TrendOptions) {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (unit !== undefined) panel.unit(unit);
  if (style === 'lines') return panel.drawStyle(GraphDrawStyle.Line).showPoints(VisibilityMode.Auto).spanNulls(false);
  const stacking: StackingConfig = { mode: StackingMode.Normal, group: 'A' };
  return panel
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .stacking({ build: () => stacking });
}

export interface ListOptions extends PanelText {
  /** Column to where its values lead; `$value` stands for the value. */
  readonly links?: Readonly<Record<string, string>>;
  /** Column to Grafana's unit. */
  readonly units?: Readonly<Record<string, string>>;
}

/** Rows for people. */
export function list(options: ListOptions, rawSql: string): UnplacedPanel {
  const { title, description = '', span, height = 9, links = {}, units = {} } = options;
  const panel = new table.PanelBuilder()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(POSTGRES)
    .cellHeight(common.TableCellHeight.Sm)
    .noValue('none')
    .withTarget(sql('table', rawSql));
  for (const [column, url] of Object.entries(links)) panel.overrideByName(column, [leadsTo(url)]);
  for (const [column, unit] of Object.entries(units)) panel.overrideByName(column, [{ id: 'unit', value: unit }]);
  return panel;
}

function leadsTo(url: string): DynamicConfigValue {
  const encoded = url.replace('$value', `\${__value.raw:percentencode}`);
  return { id: 'links', value: [{ title: 'Open', url: encoded, targetBlank: url.startsWith('$') }] };
}
