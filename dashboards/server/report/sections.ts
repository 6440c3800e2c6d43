import { type AuditEntry, formatDuration, METRICS, type MetricDefinition } from '../../../domain/index.ts';
import type { DeviceRecord, Limits } from '../../../trace/index.ts';
import type { AlertView, ProfileView } from '../../api/index.ts';
import { parseTime } from '../../api/time.ts';
import { type Formats, NOTHING } from './formats.ts';
import { ISSUED_FILE, NOT_ISSUED } from './issued.ts';
import type { ReportBlock, ReportFile } from './report.ts';
import { isProven, type ReportLedger } from './report-ledger.ts';

/** Lines that can still be told apart. */
const MOST_LINES = 6;
const MOST_SUSPECTS = 500;
const MINUTE_MS = 60_000;
/** Rows that are printed; all of them are in the data. */
export const MOST_PRINTED = 200;

/** What a report is asked with. */
export interface ReportFrame {
  readonly formats: Formats;
  readonly from: number;
  readonly to: number;
  /** What the ledger says of the facts in it. */
  readonly ledger: ReportLedger;
}

/** What one metric was: its chart with limits, and the figures of each device with the calculation range. */
export function recordSection(
  metric: MetricDefinition,
  records: readonly DeviceRecord[],
  {
    formats,
    from,
    to,
    limits,
    alerts,
  }: ReportFrame & { readonly limits: Limits; readonly alerts: readonly AlertView[] },
): ReportBlock[] {
  const heading = { kind: 'heading', text: titleOf(metric, formats) } as const;
  if (records.length === 0) {
    return [heading, grave(formats.say('report.statistics.none', { metric: titleOf(metric, formats) }))];
  }
  const shown = (value: number) => formats.shown(value, metric.unit);
  const drawn = [...Map.groupBy(records, ({ device }) => device)].slice(0, MOST_LINES);
  const devices = new Set(records.map(({ device }) => device)).size;
  return [
    heading,
    {
      kind: 'chart',
      chart: {
        alternative: formats.say('report.chart.alternative', {
          ...{ metric: titleOf(metric, formats), from: formats.time(from), to: formats.time(to), devices },
        }),
        ...{ from, to, unit: formats.unit(metric.unit) },
        limits: [limits.min, limits.max].flatMap((value) =>
          value === null ? [] : [{ value: shown(value), label: formats.value(value, metric.unit, true) }],
        ),
        lines: drawn.map(([name, parts]) => ({
          name,
          points: parts.flatMap(({ drawn: points }) =>
            points.map((point, i) => ({
              at: point.at,
              ...ordered(shown(point.min), shown(point.max)),
              isLast: point.isLast || i === points.length - 1,
            })),
          ),
          suspects: parts
            .flatMap(({ suspects }) => suspects)
            .slice(0, MOST_SUSPECTS)
            .map(({ at, value }) => ({ at, value: shown(value) })),
        })),
        marked: alerts
          .filter(({ subject }) => subject.metric === metric.name)
          .map((alert) => ({ from: instant(alert.from) ?? from, to: instant(alert.to) ?? to }))
          .filter((span) => span.to >= from && span.from <= to),
        says: {
          limit: formats.say('report.chart.limit'),
          suspect: formats.say('report.chart.suspect'),
          alert: formats.say('report.chart.alert'),
        },
      },
    },
    ...(devices > MOST_LINES ? [quiet(formats.say('report.chart.more', { drawn: MOST_LINES, devices }))] : []),
    ...(limits.min === null && limits.max === null && metric.name === 'temperature'
      ? [grave(formats.say('report.limits.none'))]
      : []),
    statistics(metric, records, formats),
  ];
}

function statistics(metric: MetricDefinition, records: readonly DeviceRecord[], formats: Formats): ReportBlock {
  const unit = formats.unit(metric.unit);
  const inUnit = (title: string) => (unit === '' ? title : `${title}, ${unit}`);
  const right = (title: string, share = 1) => ({ title, share, isFigure: true });
  const value = (of: number | null) => formats.value(of, metric.unit);
  return {
    kind: 'table',
    columns: [
      { title: formats.say('report.column.device'), share: 1.8 },
      { title: formats.say('report.column.from'), share: 1.35 },
      { title: formats.say('report.column.to'), share: 1.35 },
      right(formats.say('report.column.readings'), 1.2),
      right(inUnit(formats.say('report.column.min')), 0.9),
      right(inUnit(formats.say('report.column.max')), 0.9),
      right(inUnit(formats.say('report.column.mean')), 0.95),
      right(inUnit(formats.say('report.column.mkt')), 0.95),
      right(formats.say('report.column.above')),
      right(formats.say('report.column.below')),
      right(formats.say('report.column.unknown'), 1.25),
      right(formats.say('report.column.suspectTime'), 1.15),
    ],
    rows: records.map(({ device, from, to, figures }) => [
      ...[device, formats.minute(from), formats.minute(to), String(figures.readings)],
      ...[value(figures.min), value(figures.max), value(figures.mean), value(figures.mkt)],
      ...[figures.minutesAbove, figures.minutesBelow, figures.minutesUnknown, figures.minutesSuspect].map((minutes) =>
        formats.figure(minutes, 1),
      ),
    ]),
  };
}

/** Limits in words, in the unit of the report. */
export function limitsText({ name, min, max }: ProfileView, formats: Formats): string {
  const limit = (value: number) => formats.value(value, '°C', true);
  if (min !== null && max !== null) {
    const between = formats.say('report.limit.both', { least: limit(min), most: limit(max) });
    return formats.say('report.limits', { profile: name, limits: between });
  }
  if (max !== null)
    return formats.say('report.limits', {
      profile: name,
      limits: formats.say('report.limit.most', { limit: limit(max) }),
    });
  if (min !== null)
    return formats.say('report.limits', {
      profile: name,
      limits: formats.say('report.limit.least', { limit: limit(min) }),
    });
  return name;
}

export function alertSection(alerts: readonly AlertView[], isAll: boolean, formats: Formats): ReportBlock[] {
  const heading = { kind: 'heading', text: formats.say('report.section.alerts') } as const;
  if (alerts.length === 0) return [heading, { kind: 'text', text: formats.say('report.alerts.none') }];
  return [
    heading,
    ...(isAll ? [] : [grave(formats.say('report.alerts.more', { count: alerts.length }))]),
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.what'), share: 4.4 },
        { title: formats.say('report.column.from'), share: 1.5 },
        { title: formats.say('report.column.to'), share: 1.5 },
        { title: formats.say('report.column.serials'), share: 0.9, isFigure: true },
        { title: formats.say('report.column.state'), share: 2 },
        { title: formats.say('report.column.rule'), share: 2 },
      ],
      rows: alerts.map((alert) => [
        formats.words(alert.words) ?? alert.summary,
        formats.minute(instant(alert.from)),
        // The end of an excursion is its last reading outside for as long as it runs.
        alert.to === null || (alert.evidence.endedBy === null && alert.subject.portal === undefined)
          ? formats.say('report.alert.running')
          : formats.minute(instant(alert.to)),
        String(alert.affected.count),
        stateText(alert, formats),
        formats.say('report.rule', { rule: alert.rule.id, version: alert.rule.version }),
      ]),
    },
  ];
}

function stateText(alert: AlertView, formats: Formats): string {
  const [by, at] =
    alert.resolvedBy === null ? [alert.acknowledgedBy, alert.acknowledgedAt] : [alert.resolvedBy, alert.resolvedAt];
  const state = formats.say(`report.alertState.${alert.state}`);
  if (by === null) return state;
  return formats.say('report.alert.decided', { state, by, at: formats.minute(instant(at)) });
}

/** @param entries oldest first; null: who asks may not read them */
export function auditSection(entries: readonly AuditEntry[] | null, formats: Formats): ReportBlock[] {
  const heading = { kind: 'heading', text: formats.say('report.section.audit') } as const;
  if (entries === null) return [heading, quiet(formats.say('report.audit.unread'))];
  if (entries.length === 0) return [heading, { kind: 'text', text: formats.say('report.audit.none') }];
  const printed = entries.slice(-MOST_PRINTED);
  return [
    heading,
    ...(printed.length < entries.length ? [quiet(formats.say('report.audit.more', { count: printed.length }))] : []),
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.at'), share: 2.4 },
        { title: formats.say('report.column.who'), share: 1.5 },
        { title: formats.say('report.column.did'), share: 1.9 },
        { title: formats.say('report.column.subject'), share: 2.2 },
        { title: formats.say('report.column.reason'), share: 3 },
      ],
      rows: printed.map(({ at, actor, action, subject, reason }) => [
        ...[formats.time(at), actor.name, action, subject, reason ?? NOTHING],
      ]),
    },
  ];
}

export function fileSection(
  files: readonly ReportFile[],
  note: string | null,
  { formats, ledger }: ReportFrame,
): ReportBlock[] {
  const issued = [ISSUED_FILE, formats.say('report.file.issued'), String(NOT_ISSUED.length)];
  return [
    { kind: 'heading', text: formats.say('report.section.files') },
    quiet(formats.say('report.file.how')),
    ...(note === null ? [] : [{ kind: 'text', text: note } as const]),
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.file'), share: 2 },
        { title: formats.say('report.column.about'), share: 5 },
        { title: formats.say('report.column.bytes'), share: 1, isFigure: true },
      ],
      rows: [
        ...files.map(({ name, about, content }) => [name, about, String(Buffer.byteLength(content))]),
        ...(isProven(ledger) ? [issued] : []),
      ],
    },
  ];
}

/** The calculation range, with its length. */
export function rangeText({ formats, from, to }: ReportFrame): string {
  // A range ends a millisecond after its last reading.
  const length = Math.max(MINUTE_MS, Math.round((to - from) / MINUTE_MS) * MINUTE_MS);
  const span = { from: formats.time(from), to: formats.time(to), length: formatDuration(length) };
  return formats.say('report.range', span);
}

export function quiet(text: string): ReportBlock {
  return { kind: 'text', text, tone: 'quiet' };
}

export function grave(text: string): ReportBlock {
  return { kind: 'text', text, tone: 'grave' };
}

/** As the views give it: RFC 3339 to epoch ms. */
export function instant(time: string | null): number | null {
  return time === null ? null : parseTime(time);
}

export function titleOf({ name }: MetricDefinition, formats: Formats): string {
  // Positions are drawn in no report.
  return name === 'latitude' || name === 'longitude' || name === 'accuracy'
    ? name
    : formats.say(`report.metric.${name}`);
}

/** °F grows with °C; written so that no unit need be trusted to. */
function ordered(a: number, b: number) {
  return { min: Math.min(a, b), max: Math.max(a, b) };
}

/** Metrics that a report draws, temperature first; positions are no curve. */
export const DRAWN_METRICS: readonly MetricDefinition[] = METRICS.filter(
  ({ name }) => name !== 'latitude' && name !== 'longitude' && name !== 'accuracy',
);
