import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AlertDetail } from '../../../api/index.ts';
import { LazyChart } from '../chart/LazyChart.tsx';
import { useLive } from '../live/Live.tsx';
import { readingsOptions, type Series, type Stretch } from '../queries.ts';
import { unitOf } from '../words/alert.ts';
import { valueText } from '../words/figures.ts';
import { local } from '../words/when.ts';

const AROUND_LEAST_MS = 3_600_000;

/** The readings before, during and after, so that one sees what led to it and whether it is over. */
export function ExcursionChart({ alert, now }: { alert: AlertDetail; now: number }) {
  const device = alert.subject.device ?? '';
  const metric = alert.subject.metric ?? 'temperature';
  const unit = unitOf(metric);
  useLive(`device:${device}`);
  const isOpen = alert.to === null || alert.evidence.endedBy === null;
  const { from, to } = stretchAround(alert, now);
  const { data, isPending } = useQuery(
    readingsOptions(device, metric, isOpen ? `last-${alert.id}` : `${alert.id}-${alert.revision}`, () => ({
      from,
      to,
    })),
  );
  if (isPending) return <Skeleton height={316} radius="sm" />;
  const series = data === undefined || data.time.length === 0 ? evidenceSeries(alert) : data;
  const zone = alert.about.zone;
  const runs = alert.evidence.runs.map((run) => ({ from: Date.parse(run.from), to: Date.parse(run.to) }));
  const shaded =
    runs.length > 0 ? runs : [{ from: Date.parse(alert.from), to: alert.to === null ? now : Date.parse(alert.to) }];
  const last = series.time.at(-1);
  return (
    <LazyChart
      lines={[{ label: alert.about.device ?? device, series }]}
      unit={unit}
      limits={alert.limits}
      excursions={shaded}
      zone={zone}
      stretch={{ from, to: Math.max(to ?? 0, isOpen && last !== undefined ? last * 1000 : 0) || now }}
      label={describe(alert, series, unit, zone)}
      height={300}
    />
  );
}

function stretchAround(alert: AlertDetail, now: number): Stretch {
  const from = Date.parse(alert.from);
  const isOpen = alert.to === null || alert.evidence.endedBy === null;
  const end = alert.to === null ? now : Date.parse(alert.to);
  const around = Math.max(AROUND_LEAST_MS, (end - from) * 0.75);
  return { from: Math.floor(from - around), to: isOpen ? null : Math.min(Math.ceil(end + around), Math.max(now, end)) };
}

function evidenceSeries(alert: AlertDetail): Series {
  return {
    time: alert.evidence.readings.map(({ time }) => Date.parse(time) / 1000),
    value: alert.evidence.readings.map(({ value }) => value),
    min: null,
    max: null,
  };
}

function describe(alert: AlertDetail, series: Series, unit: string, zone: string | null): string {
  if (series.value.length === 0) return 'No readings';
  const least = series.value.reduce((a, b) => Math.min(a, b));
  const most = series.value.reduce((a, b) => Math.max(a, b));
  const who = alert.about.device ?? alert.subject.device ?? 'the logger';
  return `Readings of ${who} around ${local(Date.parse(alert.from), zone)}: lowest ${valueText(least, unit)}, highest ${valueText(most, unit)}`;
}
