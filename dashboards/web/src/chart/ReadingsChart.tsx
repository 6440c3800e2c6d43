import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { usePageSettings } from '../parts/PageSettings.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { dark, light } from '../theme/theme.ts';
import { valueText } from '../words/figures.ts';
import { full, utc, zoneName } from '../words/when.ts';
import { lineColour, type Pointed, plotOptions } from './chart-frame.ts';
import { type ChartLine, tableOf } from './chart-table.ts';
import css from './ReadingsChart.module.css';
import type { Span } from './silence.ts';

export interface ReadingsChartProps {
  readonly lines: readonly ChartLine[];
  readonly unit: string;
  readonly limits: { readonly min: number | null; readonly max: number | null };
  /** Stretches to shade, epoch ms. */
  readonly excursions: readonly Span[];
  /** Stretches to hatch because nothing was heard; absent = none. */
  readonly silences?: readonly Span[];
  /** Stretches of readings that are not judged as fact; absent = none. */
  readonly suspects?: readonly Span[];
  /** Stretches measured with a calibration that was overdue: a line below; absent = none. */
  readonly overdue?: readonly Span[];
  /** What is shown, epoch ms; null = as far as the readings go. */
  readonly stretch: Span | null;
  /** In a sentence, for those who cannot see it. */
  readonly label: string;
  readonly height?: number;
}

const NONE: readonly Span[] = [];

/** Readings over time: the allowed band, the limits, the excursions shaded, the line red where it is beyond a limit. */
export default function ReadingsChart(props: ReadingsChartProps) {
  const {
    lines,
    unit,
    limits,
    excursions,
    stretch,
    label,
    height = 280,
    silences = NONE,
    suspects = NONE,
    overdue = NONE,
  } = props;
  const scheme = useComputedColorScheme('light');
  const palette = scheme === 'dark' ? dark : light;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const zone = useZone();
  const scale = usePageSettings().temperature;
  const data = useMemo(() => tableOf(lines), [lines]);
  const latest = useRef(data);
  latest.current = data;
  const names = lines.map((line) => line.label).join('\n');
  const shading = JSON.stringify([limits, excursions, silences, suspects, overdue, stretch]);

  // A plot is made anew only where its frame changes; new readings go into the one that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `names` and `shading` stand for the arrays behind them, `scale` for what figures become
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      plotOptions({
        lines,
        unit,
        limits,
        excursions,
        silences,
        suspects,
        overdue,
        stretch,
        height,
        palette,
        zone,
        width: element.clientWidth,
        onPoint: setPointed,
      }),
      latest.current,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, shading, palette, zone, unit, scale, height]);

  const shown = useRef(stretch);
  shown.current = stretch;
  // New data would be zoomed to: what is shown stays shown, the silence after the last reading too.
  useEffect(() => {
    plot.current?.setData(data);
    if (shown.current !== null)
      plot.current?.setScale('x', { min: shown.current.from / 1000, max: shown.current.to / 1000 });
  }, [data]);

  const isNarrow = (host.current?.clientWidth ?? 999) < 500;
  return (
    <figure className={css.chart}>
      <div className={css.chartHead}>
        <ul className={css.chartLegend} aria-hidden="true">
          {lines.length < 2
            ? null
            : lines.map((line, index) => (
                <li key={line.label}>
                  <span className={css.chartSwatch} style={{ background: lineColour(palette, line.colour ?? index) }} />
                  {line.label}
                </li>
              ))}
        </ul>
        <span className={`${css.chartZone} muted`}>{zoneName(zone)}</span>
      </div>
      <div ref={host} role="img" aria-label={label} className={css.chartPlot}>
        {pointed === null ? null : (
          <div
            className={css.chartTip}
            style={
              isNarrow
                ? { left: 8 }
                : {
                    left: pointed.left,
                    transform: pointed.left > 360 ? 'translateX(calc(-100% - 12px))' : 'translateX(12px)',
                  }
            }
          >
            {pointed.values.map(({ label: name, value, span, colour }) => (
              <div key={name} className={css.chartTipRow}>
                <span className={css.chartSwatch} style={{ background: colour }} />
                {lines.length > 1 ? <span>{name}</span> : null}
                <b className="figure">{valueText(value, unit)}</b>
                {span === null ? null : (
                  <span className="figure muted">
                    {say('chart.to', { min: valueText(span.min, unit), max: valueText(span.max, unit) })}
                  </span>
                )}
              </div>
            ))}
            <div className="muted">{full(pointed.at, zone)}</div>
            <div className="muted">{utc(pointed.at, zone)}</div>
          </div>
        )}
      </div>
    </figure>
  );
}
