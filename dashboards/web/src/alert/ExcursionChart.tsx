import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AlertDetail } from '../../../api/index.ts';
import { LazyChart } from '../chart/LazyChart.tsx';
import { type Span, silencesOf } from '../chart/silence.ts';
import { useLive } from '../live/Live.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { readingsOptions, type Series, type Stretch } from '../queries.ts';
import { SuspectReadings } from '../suspect/SuspectReadings.tsx';
import { useSuspects } from '../suspect/suspect-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { unitOf } from '../words/alert.ts';
import { valueText } from '../words/figures.ts';
import { local, span } from '../words/when.ts';
import css from './Alert.module.css';

const AROUND_LEAST_MS = 3_600_000;

/** The readings before, during and after, so that one sees what led to it and whether it is over. */
export function ExcursionChart({ alert, now }: { alert: AlertDetail; now: number }) {
  const device = alert.subject.device ?? '';
  const metric = alert.subject.metric ?? 'temperature';
  const unit = unitOf(metric);
  useLive(`device:${device}`);
  const zone = useZone();
  const isOpen = isGoingOn(alert);
  const { from, to } = stretchAround(alert, now);
  const { data, isPending } = useQuery(
    readingsOptions(device, metric, isOpen ? `last-${alert.id}` : `${alert.id}-${alert.revision}`, () => ({
      from,
      to,
    })),
  );
  const suspects = useSuspects(device, metric, `${alert.id}-${alert.revision}`, () => ({ from, to }));
  if (isPending) return <Skeleton height={316} radius="sm" />;
  const series = data === undefined || data.time.length === 0 ? evidenceSeries(alert) : data;
  const isSilence = alert.kind === 'silence';
  const last = series.time.at(-1);
  const end = isSilence && isOpen ? now : Math.max(to ?? 0, isOpen && last !== undefined ? last * 1000 : 0) || now;
  return (
    <>
      <LazyChart
        lines={[{ label: alert.about.device ?? device, series }]}
        unit={unit}
        limits={alert.limits}
        excursions={isSilence ? [] : shadedOf(alert, now)}
        silences={silencesOf(series.time, end)}
        suspects={suspects}
        stretch={{ from, to: end }}
        label={describe(alert, series, unit, zone)}
        height={300}
      />
      <SuspectReadings device={device} metric={metric} unit={unit} suspects={suspects} />
      {isSilence ? <LastHeard alert={alert} series={series} unit={unit} now={now} /> : null}
    </>
  );
}

/** When it was last heard before it fell silent, and what it said then. */
function LastHeard({ alert, series, unit, now }: { alert: AlertDetail; series: Series; unit: string; now: number }) {
  const before = lastBefore(series, Date.parse(alert.from));
  if (before === null) return <p className="muted">{say('alert.hatchedNothingWasHeardWhen')}</p>;
  const { at, value } = before;
  const silentFor = (alert.to === null ? now : Date.parse(alert.to)) - at;
  return (
    <p className={css.lastHeard}>
      <Say
        text="alert.lastHeard"
        values={{
          whenExact: <WhenExact at={new Date(at).toISOString()} />,
          b: <b>{valueText(value, unit)}</b>,
          detail:
            alert.to === null
              ? say('alert.nothingSinceThenForHatched', { silentFor: span(silentFor) })
              : say('alert.thenNothingForHatched', { silentFor: span(silentFor) }),
        }}
      />
    </p>
  );
}

function lastBefore({ time, value }: Series, before: number): { at: number; value: number } | null {
  const row = time.findLastIndex((at) => at * 1000 <= before);
  const at = time[row];
  const known = value[row];
  return at === undefined || known === undefined ? null : { at: at * 1000, value: known };
}

function isGoingOn(alert: AlertDetail): boolean {
  return alert.to === null || (alert.kind !== 'silence' && alert.evidence.endedBy === null);
}

function shadedOf(alert: AlertDetail, now: number): readonly Span[] {
  const runs = alert.evidence.runs.map((run) => ({ from: Date.parse(run.from), to: Date.parse(run.to) }));
  if (runs.length > 0) return runs;
  return [{ from: Date.parse(alert.from), to: alert.to === null ? now : Date.parse(alert.to) }];
}

/** A silence alert begins when it was overdue: what was heard before that has to be on the chart too. */
function stretchAround(alert: AlertDetail, now: number): Stretch {
  const heard = alert.evidence.changes.find(({ what }) => what === 'lastHeard');
  const from = Math.min(Date.parse(alert.from), heard === undefined ? Number.POSITIVE_INFINITY : Date.parse(heard.at));
  const end = alert.to === null ? now : Date.parse(alert.to);
  const around = Math.max(AROUND_LEAST_MS, (end - from) * 0.75);
  return {
    from: Math.floor(from - around),
    to: isGoingOn(alert) ? null : Math.min(Math.ceil(end + around), Math.max(now, end)),
  };
}

function evidenceSeries(alert: AlertDetail): Series {
  return {
    time: alert.evidence.readings.map(({ time }) => Date.parse(time) / 1000),
    value: alert.evidence.readings.map(({ value }) => value),
    min: null,
    max: null,
  };
}

function describe(alert: AlertDetail, series: Series, unit: string, zone: string): string {
  if (series.value.length === 0) return say('alert.noReadings');
  const least = series.value.reduce((a, b) => Math.min(a, b));
  const most = series.value.reduce((a, b) => Math.max(a, b));
  const who = alert.about.device ?? alert.subject.device ?? 'the logger';
  return say('alert.readingsOfAroundLowestHighest', {
    who,
    local: local(Date.parse(alert.from), zone),
    least: valueText(least, unit),
    most: valueText(most, unit),
  });
}
