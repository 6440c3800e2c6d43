import { Button, Skeleton, useComputedColorScheme } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { ShipmentDetail, ShipmentJourneyView } from '../../../api/index.ts';
import { lineColour } from '../chart/chart-frame.ts';
import { type Span, silencesOf } from '../chart/silence.ts';
import { part } from '../frame/part.tsx';
import { Failed } from '../parts/States.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useJourney } from '../queries.ts';
import { say } from '../text/say.ts';
import { dark, light } from '../theme/theme.ts';
import { unitOf } from '../words/alert.ts';
import { degrees } from '../words/figures.ts';
import { shownValue } from '../words/scale.ts';
import { profileText } from '../words/shipment.ts';
import { full, local, span, zoneName } from '../words/when.ts';
import type { BandContent } from './Bands.tsx';
import { CursorNote } from './CursorNote.tsx';
import { gesturesOn } from './gestures.ts';
import css from './Journey.module.css';
import { JourneyTable } from './JourneyTable.tsx';
import { type JourneyModel, type Logger, modelOf } from './journey-model.ts';
import { briefText } from './journey-words.ts';
import { marksOf } from './marks.ts';
import { Strips } from './Strips.tsx';
import { type Drawn, useDrawn } from './useDrawn.ts';
import { useViewState, useViewStore } from './useViewStore.ts';
import { panned, viewOf, WHOLE, zoomed } from './view.ts';
import type { ViewStore } from './view-store.ts';

const Bands = part(
  async () => (await import('./Bands.tsx')).default,
  () => <Skeleton height={240} radius="sm" />,
);

/** In this order, as far as any logger measured them. */
const METRICS = ['temperature', 'humidity', 'shock', 'light', 'door'] as const;
const HEIGHTS: Readonly<Record<string, number>> = { temperature: 240, humidity: 96, shock: 76, light: 76, door: 56 };
/** As many as there are colours that can be told apart. */
const LOGGERS_MOST = 8;
const BRIEF_SAID = 5;
const NO_LIMITS = { min: null, max: null };

/** The whole journey of a shipment on one time axis: what was measured, where its units were, and what people did. */
export function Journey({ shipment, now }: { shipment: ShipmentDetail; now: number }) {
  const { data: journey, error, refetch } = useJourney(shipment.id);
  return (
    <section className="panel section" aria-labelledby="journey">
      {journey === undefined ? (
        <>
          <h2 id="journey">{say('journey.title')}</h2>
          {error === null ? (
            <Skeleton height={420} radius="sm" />
          ) : (
            <Failed error={error} what={say('journey.title')} onRetry={() => void refetch()} />
          )}
        </>
      ) : (
        <Shown shipment={shipment} journey={journey} now={now} />
      )}
    </section>
  );
}

interface ShownProps {
  readonly shipment: ShipmentDetail;
  readonly journey: ShipmentJourneyView;
  readonly now: number;
}

function Shown({ shipment, journey, now }: ShownProps) {
  const model = useMemo(() => modelOf(journey, now), [journey, now]);
  const marks = useMemo(() => marksOf(journey), [journey]);
  const store = useViewStore(model.bounds);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const stage = useRef<HTMLDivElement>(null);
  const width = useWidth(stage);
  const loggers = model.loggers.filter(({ id }) => !hidden.has(id)).slice(0, LOGGERS_MOST);
  const measured = useMemo(
    () => METRICS.filter((metric) => model.loggers.some((logger) => logger.metrics.has(metric))),
    [model],
  );
  const { drawn, isPending } = useDrawn(store, model, { loggers, metrics: measured, width });
  const [selection, setSelection] = useState<{ from: number; to: number } | null>(null);
  const palette = useComputedColorScheme('light') === 'dark' ? dark : light;
  const colourOf = ({ colour }: Logger) => lineColour(palette, colour);
  const help = useId();

  useEffect(() => {
    const element = stage.current;
    return element === null ? undefined : gesturesOn(element, store, { onSelection: setSelection });
  }, [store]);

  const silences = useMemo(() => silencesIn(drawn, model), [drawn, model]);
  const bands = useMemo(
    () => measured.map((metric) => bandOf(metric, { drawn, model, silences, shipment })),
    [measured, drawn, model, silences, shipment],
  );
  const excursions = model.alerts.filter(({ what }) => what.kind === 'threshold').length;
  return (
    <>
      <Head shipment={shipment} store={store} model={model} />
      {model.loggers.length === 0 ? <p className="note">{say('journey.noLogger')}</p> : null}
      {model.loggers.length < 2 ? null : (
        <Legend loggers={model.loggers} shown={loggers} store={store} colourOf={colourOf} onHide={setHidden} />
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a chart with strips, no form */}
      <div
        ref={stage}
        className={css.stage}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it has keys of its own, said in its description
        tabIndex={0}
        aria-label={say('journey.chart', { id: shipment.id, lines: model.loggers.length, excursions })}
        aria-describedby={help}
      >
        <Bands bands={bands} store={store} />
        {!isPending && measured.length > 0 && drawn.every(({ series }) => series.time.length === 0) ? (
          <p className={`${css.empty} muted`}>{say('journey.noReadings')}</p>
        ) : null}
        <Strips model={model} marks={marks} silences={silences} loggers={loggers} store={store} width={width} />
        {selection === null ? null : (
          <div className={css.selection} style={{ left: selection.from, width: selection.to - selection.from }} />
        )}
        <CursorNote model={model} drawn={drawn} marks={marks} store={store} colourOf={colourOf} width={width} />
      </div>
      <Shadings bands={bands} />
      <p id={help} className={`${css.help} muted`}>
        {say('journey.help')}
      </p>
      <BriefRuns model={model} isWhole={journey.isCloseWhole} />
      <JourneyTable journey={journey} marks={marks} drawn={drawn} store={store} />
    </>
  );
}

const SHADINGS = ['excursions', 'excused', 'suspects', 'silences'] as const;

/** What the shadings of the charts mean, those that there are: each has a pattern of its own, not a colour alone. */
function Shadings({ bands }: { bands: readonly BandContent[] }) {
  const there = SHADINGS.filter((shading) => bands.some((band) => band[shading].length > 0));
  if (there.length === 0) return null;
  return (
    <ul className={css.shadings} aria-label={say('journey.shadings')}>
      {there.map((shading) => (
        <li key={shading}>
          <span className={`${css.shading} ${css[`shading-${shading}`] ?? ''}`} aria-hidden="true" />
          {say(`journey.shading.${shading}`)}
        </li>
      ))}
    </ul>
  );
}

const BUTTON_ZOOM = 2;
const STRETCHES = [6, 48, 14 * 24].map((hours) => hours * 3_600_000);

function Head({ shipment, store, model }: { shipment: ShipmentDetail; store: ViewStore; model: JourneyModel }) {
  const zone = useZone();
  const { view, bounds, shown } = useViewState(store);
  const zoom = (factor: number) => store.setView(zoomed(view, bounds, factor, (shown.from + shown.to) / 2));
  const pan = (share: number) => store.setView(panned(view, bounds, share * (shown.to - shown.from)));
  // Close by, minutes would say the same of both ends.
  const when = shown.to - shown.from < 20 * 60_000 ? full : local;
  const isWhole = view.from === null && view.to === null;
  const fitting = STRETCHES.filter((ms) => ms < bounds.to - bounds.from);
  const tools = [
    { text: say('journey.earlier'), Icon: IconChevronLeft, act: () => pan(-0.5), isOff: view.from === null },
    { text: say('journey.later'), Icon: IconChevronRight, act: () => pan(0.5), isOff: view.to === null },
    { text: say('journey.farther'), Icon: IconZoomOut, act: () => zoom(BUTTON_ZOOM), isOff: isWhole },
    { text: say('journey.closer'), Icon: IconZoomIn, act: () => zoom(1 / BUTTON_ZOOM), isOff: false },
  ];
  return (
    <div className="head">
      <h2 id="journey">{say('journey.title')}</h2>
      <span className={`${css.range} muted figure`} data-testid="shown">
        {say('journey.shown', { from: when(shown.from, zone), to: when(shown.to, zone), zone: zoneName(zone) })}
      </span>
      <span className="spring" />
      <Button
        component={Link}
        to={`/devices/~read-out?shipment=${encodeURIComponent(shipment.id)}`}
        variant="default"
        size="xs"
      >
        {say('readOut.open')}
      </Button>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons of one kind, no form */}
      <div className={css.tools} role="group" aria-label={say('journey.howMuch')}>
        <Button variant="default" size="xs" disabled={isWhole} onClick={() => store.setView(WHOLE)}>
          {say('journey.whole')}
        </Button>
        {model.isOver
          ? null
          : fitting.map((ms) => (
              <Button
                key={ms}
                variant="default"
                size="xs"
                onClick={() => store.setView(viewOf({ from: bounds.to - ms, to: bounds.to }, bounds))}
              >
                {say('journey.last', { span: span(ms) })}
              </Button>
            ))}
        {tools.map(({ text, Icon, act, isOff }) => (
          <Button
            key={text}
            variant="default"
            size="xs"
            px={8}
            disabled={isOff}
            aria-label={text}
            title={text}
            onClick={act}
          >
            <Icon size={16} stroke={1.8} aria-hidden="true" />
          </Button>
        ))}
      </div>
    </div>
  );
}

interface LegendProps {
  readonly loggers: readonly Logger[];
  readonly shown: readonly Logger[];
  readonly store: ViewStore;
  readonly colourOf: (logger: Logger) => string;
  readonly onHide: (change: (hidden: ReadonlySet<string>) => ReadonlySet<string>) => void;
}

/** Pointed at, or reached by keys, one stands out; pressed, it goes and comes. */
function Legend({ loggers, shown, store, colourOf, onHide }: LegendProps) {
  const stand = (label: string | null) => () => store.setEmphasis(label);
  const others = new Set(loggers.slice(LOGGERS_MOST).map(({ id }) => id));
  const isFull = shown.length >= LOGGERS_MOST;
  const toggle = (id: string, isShown: boolean) =>
    onHide((hidden) => {
      // Those beyond the first that fit are shown once there is room.
      if (isShown) return new Set([...hidden, id]);
      return new Set([...hidden].filter((one) => one !== id));
    });
  return (
    <>
      <ul className={css.legend} aria-label={say('journey.loggers')}>
        {loggers.map((logger) => {
          const isShown = shown.includes(logger);
          return (
            <li key={logger.id}>
              <button
                type="button"
                className={css.legendItem}
                aria-pressed={isShown}
                aria-label={say('journey.logger.show', { label: logger.label })}
                disabled={!isShown && isFull}
                onMouseEnter={stand(logger.label)}
                onMouseLeave={stand(null)}
                onFocus={stand(logger.label)}
                onBlur={stand(null)}
                onClick={() => toggle(logger.id, isShown)}
              >
                <span className={css.swatch} style={{ background: colourOf(logger) }} />
                {logger.label}
              </button>
            </li>
          );
        })}
      </ul>
      {others.size > 0 && isFull ? (
        <p className={`${css.help} muted`}>{say('journey.tooMany', { most: LOGGERS_MOST })}</p>
      ) : null}
    </>
  );
}

/** Red on the chart and no excursion: in words, since nobody should have to wonder. */
function BriefRuns({ model, isWhole }: { model: JourneyModel; isWhole: boolean }) {
  const zone = useZone();
  const { brief, loggers } = model;
  if (brief.length === 0) return null;
  const labelOf = (device: string) => loggers.find(({ id }) => id === device)?.label ?? device;
  return (
    <div className={css.briefList}>
      <h3>{say('journey.brief.title')}</h3>
      <ul>
        {brief.slice(-BRIEF_SAID).map(({ what, from }) => (
          <li key={`${what.device} ${what.from}`}>
            <span className="figure muted">{local(from, zone)}</span> {briefText(what)}{' '}
            <span className="muted">
              (
              {say(what.side === 'above' ? 'journey.brief.atMost' : 'journey.brief.atLeast', {
                value: degrees(what.extreme),
              })}
              , {labelOf(what.device)})
            </span>
          </li>
        ))}
      </ul>
      {brief.length > BRIEF_SAID ? <p className="muted">{say('journey.brief.all', { count: brief.length })}</p> : null}
      {isWhole ? null : <p className="muted">{say('journey.brief.more')}</p>}
    </div>
  );
}

/** Where the loggers that are shown were silent while they were with the shipment. */
function silencesIn(drawn: readonly Drawn[], model: JourneyModel): Span[] {
  return drawn
    .filter(({ metric }) => metric === 'temperature')
    .flatMap(({ logger, series }) => {
      const until = Math.min(model.bounds.to, Math.max(...logger.on.map(({ to }) => to)));
      const rows = { ...series, end: series.time.at(-1) };
      // Of a tile that ends before the journey nothing is known past its end.
      const end = rows.end === undefined || !model.isOver ? until : Math.min(until, rows.end * 1000);
      return silencesOf(series.time, end)
        .filter(({ from, to }) => logger.on.some((spell) => from < spell.to && to > spell.from))
        .map((silence) => ({ ...silence, of: logger.label }));
    });
}

interface BandParts {
  readonly drawn: readonly Drawn[];
  readonly model: JourneyModel;
  readonly silences: readonly Span[];
  readonly shipment: ShipmentDetail;
}

function bandOf(metric: (typeof METRICS)[number], { drawn, model, silences, shipment }: BandParts): BandContent {
  const ofMetric = drawn.filter((one) => one.metric === metric && one.series.time.length > 0);
  const labels = new Map(drawn.map(({ logger }) => [logger.id, logger.label]));
  const isTemperature = metric === 'temperature';
  const unit = unitOf(metric);
  const title = say(`journey.metric.${metric}`);
  const shaded = model.alerts.filter(
    ({ what }) =>
      what.kind === 'threshold' && (what.metric ?? 'temperature') === metric && labels.has(what.device ?? ''),
  );
  const spanOf = (device: string | null, { from, to }: Span): Span => {
    const of = labels.get(device ?? '');
    return { from, to, ...(of === undefined ? {} : { of }) };
  };
  const [only] = ofMetric;
  return {
    ...{ metric, unit, height: HEIGHTS[metric] ?? 80 },
    title: unit === '' ? title : say('journey.metricUnit', { metric: title, unit: shownValue(0, unit).unit }),
    note: isTemperature ? say('journey.limits', { range: profileText(shipment.profile) }) : null,
    lines: ofMetric.map(({ logger, series }) => ({ label: logger.label, series, colour: logger.colour })),
    limits: isTemperature ? shipment.profile : NO_LIMITS,
    excursions: shaded.flatMap(({ what, ...extent }) => {
      const runs = what.runs.map((run) => ({ from: Date.parse(run.from), to: Date.parse(run.to) }));
      return (runs.length === 0 ? [extent] : runs).map((run) => spanOf(what.device, run));
    }),
    suspects: isTemperature
      ? model.suspects
          .filter(({ what }) => labels.has(what.device))
          .map(({ what, ...extent }) => spanOf(what.device, extent))
      : [],
    excused: isTemperature
      ? model.excused
          .filter(({ what }) => labels.has(what.device))
          .map(({ what, ...extent }) => spanOf(what.device, extent))
      : [],
    // Of several loggers the strip below says which was silent: a hatch over all of them would say that all were.
    silences: isTemperature && only !== undefined && ofMetric.length === 1 ? silences : [],
  };
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(1_000);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
