import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { plotOptions, standOut } from '../chart/chart-frame.ts';
import { type ChartLine, tableOf } from '../chart/chart-table.ts';
import type { Span } from '../chart/silence.ts';
import { useZone } from '../parts/Zone.tsx';
import { dark, light } from '../theme/theme.ts';
import { axisTime } from '../words/when.ts';
import css from './Journey.module.css';
import type { ViewStore } from './view-store.ts';

/** One metric of all loggers. */
export interface BandContent {
  readonly metric: string;
  readonly title: string;
  readonly note: string | null;
  readonly unit: string;
  readonly height: number;
  readonly lines: readonly ChartLine[];
  readonly limits: { readonly min: number | null; readonly max: number | null };
  readonly excursions: readonly Span[];
  readonly suspects: readonly Span[];
  readonly excused: readonly Span[];
  readonly silences: readonly Span[];
}

/** What was measured, a band a metric, above one time axis. */
export default function Bands({ bands, store }: { bands: readonly BandContent[]; store: ViewStore }) {
  return (
    <>
      {bands.map((band) => (
        <div key={band.metric} className={css.band}>
          <h3 className={css.bandTitle}>
            {band.title} {band.note === null ? null : <span className="muted">{band.note}</span>}
          </h3>
          <Band band={band} store={store} />
        </div>
      ))}
      <Axis store={store} />
    </>
  );
}

function usePalette() {
  return useComputedColorScheme('light') === 'dark' ? dark : light;
}

function Band({ band, store }: { band: BandContent; store: ViewStore }) {
  const { lines, unit, height, limits, excursions, excused, silences, suspects } = band;
  const palette = usePalette();
  const zone = useZone();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useMemo(() => tableOf(lines), [lines]);
  const latest = useRef(data);
  latest.current = data;
  const frame = JSON.stringify([
    lines.map(({ label, colour, series }) => [label, colour, series.min === null]),
    limits,
  ]);
  // What is shaded is drawn from here: a plot is made anew only where its lines are others.
  const shaded = useRef({ excursions, excused, silences, suspects });
  shaded.current = { excursions, excused, silences, suspects };
  const shadedText = JSON.stringify(shaded.current);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `frame` stands for the arrays behind it
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const { shown } = store.state();
    const made = new uPlot(
      plotOptions({
        ...{
          lines,
          unit,
          limits,
          palette,
          zone,
          height,
          overdue: [],
          width: element.clientWidth,
          isBand: true,
          isSticks: band.metric === 'shock',
        },
        get excursions() {
          return shaded.current.excursions;
        },
        get excused() {
          return shaded.current.excused;
        },
        get silences() {
          return shaded.current.silences;
        },
        get suspects() {
          return shaded.current.suspects;
        },
        stretch: shown,
        onPoint: () => {},
        emphasis: () => store.state().emphasis,
      }),
      latest.current,
      element,
    );
    plot.current = made;
    const off = follow(made, store, lines);
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      off();
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [frame, palette, zone, unit, height, store]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    const { shown } = store.state();
    made.batch(() => {
      made.setData(data, false);
      made.setScale('x', { min: shown.from / 1000, max: shown.to / 1000 });
    });
  }, [data, store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shaded is read when it is drawn
  useEffect(() => plot.current?.redraw(false, false), [shadedText]);

  return <div ref={host} className={css.plot} style={{ height }} />;
}

/** Moves a plot with what is shown and pointed at. */
function follow(plot: uPlot, store: ViewStore, lines: readonly ChartLine[]): () => void {
  let { shown, cursor, emphasis } = store.state();
  return store.subscribe(() => {
    const state = store.state();
    const isMoved = state.shown !== shown;
    if (isMoved) plot.setScale('x', { min: state.shown.from / 1000, max: state.shown.to / 1000 });
    if (state.emphasis !== emphasis) standOut(plot, lines, state.emphasis);
    if (isMoved || state.cursor !== cursor) {
      const left = state.cursor === null ? -10 : plot.valToPos(state.cursor.at / 1000, 'x');
      plot.setCursor({ left, top: state.cursor === null ? -10 : 0 }, false);
    }
    ({ shown, cursor, emphasis } = state);
  });
}

const AXIS_HEIGHT = 30;

/** The one time axis: a plot without lines. */
function Axis({ store }: { store: ViewStore }) {
  const palette = usePalette();
  const zone = useZone();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const { shown } = store.state();
    const plot = new uPlot(
      {
        ...{ width: element.clientWidth, height: AXIS_HEIGHT, padding: [0, 8, 0, 48], legend: { show: false } },
        cursor: { show: false },
        series: [{}],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
        scales: { x: { min: shown.from / 1000, max: shown.to / 1000 } },
        axes: [
          {
            stroke: palette.muted,
            font: '12px system-ui, sans-serif',
            grid: { show: false },
            ticks: { stroke: palette.muted, width: 1, size: 5 },
            space: 76,
            size: AXIS_HEIGHT - 2,
            values: (_self, splits, _axis, _space, step) => splits.map((split) => axisTime(split * 1000, zone, step)),
          },
        ],
      },
      [[shown.from / 1000, shown.to / 1000]],
      element,
    );
    const off = follow(plot, store, []);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: AXIS_HEIGHT }));
    observer.observe(element);
    return () => {
      off();
      observer.disconnect();
      plot.destroy();
    };
  }, [palette, zone, store]);
  return <div ref={host} className={css.plot} style={{ height: AXIS_HEIGHT }} />;
}
