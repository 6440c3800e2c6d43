import { type AuditEntry, type MetricDefinition, serverText } from '../../../domain/index.ts';
import type { DeviceRecord } from '../../../trace/index.ts';
import { type ExposureView, formatTime, type SerialView } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { figure, NOTHING } from './formats.ts';
import type { Report, ReportBlock } from './report.ts';
import {
  alertSection,
  auditSection,
  fileSection,
  instant,
  quiet,
  type ReportFrame,
  recordSection,
} from './sections.ts';

/** All that a report on a serial is made of. */
export interface SerialEvidence {
  readonly view: SerialView;
  readonly metric: MetricDefinition;
  readonly records: readonly DeviceRecord[];
  readonly audit: readonly AuditEntry[] | null;
}

/** One serial's whole life as far as it is known: where it was, in what air, what of its budget is used. Pure. */
export function serialReport(
  { view, metric, records, audit }: SerialEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  const recorded = [{ metric, records }];
  const readings = readingsFile(recorded);
  const data = dataFile({
    format: 'isotherm-serial-report-1',
    range: { from: formatTime(from), to: formatTime(to) },
    serial: view,
    records: records.map(({ device, from, to, figures }) => ({
      ...{ device, metric: metric.name, unit: metric.unit, from: formatTime(from), to: formatTime(to), ...figures },
    })),
    ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
  });
  const files = [data, ...readings.files];
  const limits = view.exposures.findLast(({ profile }) => profile !== null)?.profile ?? { min: null, max: null };
  return {
    ...cover,
    title: serverText('report.serial.title', { serial: view.serial ?? view.sscc ?? view.epc }),
    // Two products may number alike.
    subtitle: `${view.epc}. ${serverText('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone })}`,
    files,
    blocks: [
      ...serialSection(view, frame),
      ...recordSection(metric, records, { ...frame, limits, alerts: view.alerts }),
      ...exposureSection(view.exposures, frame),
      quiet(serverText('report.range.rule')),
      ...alertSection(view.alerts, true, formats),
      ...auditSection(audit, formats),
      ...fileSection(files, readings.note),
    ],
  };
}

function serialSection(view: SerialView, { formats }: ReportFrame): ReportBlock[] {
  const { journey } = view;
  const facts: (readonly [string, string])[] = [
    ['EPC', view.epc],
    [serverText('report.label.product'), view.product ?? NOTHING],
    [serverText('report.label.gtin'), view.gtin ?? NOTHING],
    [serverText('report.label.lot'), view.lot ?? NOTHING],
    [serverText('report.label.expiry'), view.expiry ?? view.unreadableExpiry ?? NOTHING],
    [serverText('report.label.status'), view.status ?? NOTHING],
    [serverText('report.label.mayMoveOn'), serverText(view.mayMoveOn ? 'report.yes' : 'report.no')],
    ...view.findings.map(({ reason }) => [serverText('report.label.findings'), reason] as const),
    [serverText('report.label.unit'), view.unit ?? NOTHING],
  ];
  if (journey?.highestMkt) {
    const { mkt, window, at } = journey.highestMkt;
    const said = { mkt: formats.value(mkt, '°C', true), window, at: formats.minute(instant(at)) };
    facts.push([serverText('report.label.highestMkt'), serverText('report.highestMkt', said)]);
  }
  if (journey?.budget) {
    const { budget, used, left, carriedIn, usedAtWorst } = journey.budget;
    const minutes = (value: number) => formats.minutes(value);
    facts.push(
      [
        serverText('report.label.budget'),
        serverText('report.budget', {
          ...{ budget: minutes(budget), used: minutes(used), left: minutes(left), carriedIn: minutes(carriedIn) },
        }),
      ],
      [serverText('report.label.worst'), serverText('report.worst', { used: minutes(usedAtWorst) })],
    );
  }
  return [
    { kind: 'heading', text: serverText('report.section.serial') },
    { kind: 'facts', facts },
  ];
}

/** Stretch by stretch, as `GET /serials` gives them. */
function exposureSection(exposures: readonly ExposureView[], { formats, to }: ReportFrame): ReportBlock[] {
  const right = (title: string) => ({ title, share: 1.1, isFigure: true });
  return [
    { kind: 'heading', text: serverText('report.section.exposure') },
    {
      kind: 'table',
      columns: [
        { title: serverText('report.column.from'), share: 1.5 },
        { title: serverText('report.column.to'), share: 1.5 },
        { title: serverText('report.column.place'), share: 3.2 },
        { title: serverText('report.column.device'), share: 2 },
        ...[right(serverText('report.column.min')), right(serverText('report.column.max'))],
        ...[right(serverText('report.column.mkt')), right(serverText('report.column.above'))],
        ...[right(serverText('report.column.below')), { ...right(serverText('report.column.unknown')), share: 1.45 }],
      ],
      rows: exposures.map((leg) => [
        ...[formats.minute(instant(leg.from)), formats.minute(leg.to === null ? to : instant(leg.to))],
        leg.unit ?? leg.place?.name ?? NOTHING,
        leg.devices.length === 0 ? NOTHING : leg.devices.join(', '),
        ...[leg.min, leg.max, leg.mkt].map((value) => formats.value(value, '°C')),
        ...[leg.minutesAbove, leg.minutesBelow, leg.minutesUnknown].map((minutes) => figure(minutes, 1)),
      ]),
    },
  ];
}
