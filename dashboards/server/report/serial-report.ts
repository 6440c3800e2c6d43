import type { AuditEntry, MetricDefinition } from '../../../domain/index.ts';
import type { DeviceRecord } from '../../../trace/index.ts';
import { type ExposureView, formatTime, type SerialView } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { type Judging, judgingData, judgingSection } from './finding-section.ts';
import { NOTHING } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
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
  readonly judging: Judging;
  readonly audit: readonly AuditEntry[] | null;
}

/** One serial's whole life as far as it is known: where it was, in what air, what of its budget is used. Pure. */
export function serialReport(
  { view, metric, records, judging, audit }: SerialEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  const recorded = [{ metric, records }];
  const readings = readingsFile(recorded, formats);
  const data = dataFile(
    {
      format: 'isotherm-serial-report-1',
      range: { from: formatTime(from), to: formatTime(to) },
      ...{ serial: view, ...judgingData(judging) },
      records: records.map(({ device, from, to, figures }) => ({
        ...{ device, metric: metric.name, unit: metric.unit, from: formatTime(from), to: formatTime(to), ...figures },
      })),
      ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
    },
    formats,
  );
  const files = [data, ...readings.files, ...ledgerFiles(frame)];
  const limits = view.exposures.findLast(({ profile }) => profile !== null)?.profile ?? { min: null, max: null };
  return {
    ...cover,
    title: formats.say('report.serial.title', { serial: view.serial ?? view.sscc ?? view.epc }),
    // Two products may number alike.
    subtitle: `${view.epc}. ${formats.say('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone })}`,
    files,
    blocks: [
      ...serialSection(view, frame),
      ...recordSection(metric, records, { ...frame, limits, alerts: view.alerts }),
      ...exposureSection(view.exposures, frame),
      quiet(formats.say('report.range.rule')),
      ...alertSection(view.alerts, true, formats),
      ...judgingSection(judging, frame),
      ...auditSection(audit, formats),
      ...ledgerSection(frame),
      ...fileSection(files, readings.note, frame),
    ],
  };
}

function serialSection(view: SerialView, { formats }: ReportFrame): ReportBlock[] {
  const { journey } = view;
  const facts: (readonly [string, string])[] = [
    ['EPC', view.epc],
    [formats.say('report.label.product'), view.product ?? NOTHING],
    [formats.say('report.label.gtin'), view.gtin ?? NOTHING],
    [formats.say('report.label.lot'), view.lot ?? NOTHING],
    [formats.say('report.label.expiry'), view.expiry ?? view.unreadableExpiry ?? NOTHING],
    [formats.say('report.label.status'), view.status ?? NOTHING],
    [formats.say('report.label.mayMoveOn'), formats.say(view.mayMoveOn ? 'report.yes' : 'report.no')],
    ...view.findings.map(({ reason }) => [formats.say('report.label.findings'), reason] as const),
    [formats.say('report.label.unit'), view.unit ?? NOTHING],
  ];
  if (journey?.highestMkt) {
    const { mkt, window, at } = journey.highestMkt;
    const said = { mkt: formats.value(mkt, '°C', true), window, at: formats.minute(instant(at)) };
    facts.push([formats.say('report.label.highestMkt'), formats.say('report.highestMkt', said)]);
  }
  if (journey?.budget) {
    const { budget, used, left, carriedIn, usedAtWorst } = journey.budget;
    const minutes = (value: number) => formats.minutes(value);
    facts.push(
      [
        formats.say('report.label.budget'),
        formats.say('report.budget', {
          ...{ budget: minutes(budget), used: minutes(used), left: minutes(left), carriedIn: minutes(carriedIn) },
        }),
      ],
      [formats.say('report.label.worst'), formats.say('report.worst', { used: minutes(usedAtWorst) })],
    );
  }
  return [
    { kind: 'heading', text: formats.say('report.section.serial') },
    { kind: 'facts', facts },
  ];
}

/** Stretch by stretch, as `GET /serials` gives them. */
function exposureSection(exposures: readonly ExposureView[], { formats, to }: ReportFrame): ReportBlock[] {
  const right = (title: string) => ({ title, share: 1.1, isFigure: true });
  return [
    { kind: 'heading', text: formats.say('report.section.exposure') },
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.from'), share: 1.5 },
        { title: formats.say('report.column.to'), share: 1.5 },
        { title: formats.say('report.column.place'), share: 3.2 },
        { title: formats.say('report.column.device'), share: 2 },
        ...[right(formats.say('report.column.min')), right(formats.say('report.column.max'))],
        ...[right(formats.say('report.column.mkt')), right(formats.say('report.column.above'))],
        ...[right(formats.say('report.column.below')), { ...right(formats.say('report.column.unknown')), share: 1.45 }],
      ],
      rows: exposures.map((leg) => [
        ...[formats.minute(instant(leg.from)), formats.minute(leg.to === null ? to : instant(leg.to))],
        leg.unit ?? leg.place?.name ?? NOTHING,
        leg.devices.length === 0 ? NOTHING : leg.devices.join(', '),
        ...[leg.min, leg.max, leg.mkt].map((value) => formats.value(value, '°C')),
        ...[leg.minutesAbove, leg.minutesBelow, leg.minutesUnknown].map((minutes) => formats.figure(minutes, 1)),
      ]),
    },
  ];
}
