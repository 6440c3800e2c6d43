import type { AuditEntry, MetricDefinition } from '../../../domain/index.ts';
import type { DeviceRecord } from '../../../trace/index.ts';
import { type AlertView, type DeviceView, formatTime } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { type Judging, judgingData, judgingSection } from './finding-section.ts';
import { NOTHING } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock } from './report.ts';
import {
  alertSection,
  auditSection,
  fileSection,
  limitsText,
  quiet,
  type ReportFrame,
  rangeText,
  recordSection,
} from './sections.ts';

/** All that a report on a device is made of. */
export interface DeviceEvidence {
  readonly view: DeviceView;
  readonly recorded: readonly { readonly metric: MetricDefinition; readonly record: DeviceRecord }[];
  readonly alerts: readonly AlertView[];
  readonly isEveryAlert: boolean;
  readonly judging: Judging;
  readonly audit: readonly AuditEntry[] | null;
}

/** What one logger recorded, metric by metric. Pure. */
export function deviceReport(
  { view, recorded, alerts, isEveryAlert, judging, audit }: DeviceEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  const byMetric = recorded.map(({ metric, record }) => ({ metric, records: [record] }));
  const readings = readingsFile(byMetric, formats);
  const { id, kind, name, interval, sensor, correction, profile, product, lane, site, labels, attachment } = view;
  const data = dataFile(
    {
      format: 'isotherm-device-report-1',
      range: { from: formatTime(from), to: formatTime(to) },
      device: { id, kind, name, interval, sensor, correction, profile, product, lane, site, labels, attachment },
      records: recorded.map(({ metric, record: { figures } }) => ({
        ...{
          device: id,
          metric: metric.name,
          unit: metric.unit,
          from: formatTime(from),
          to: formatTime(to),
          ...figures,
        },
      })),
      ...{ alerts, ...judgingData(judging) },
      ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
    },
    formats,
  );
  const files = [data, ...readings.files, ...ledgerFiles(frame)];
  return {
    ...cover,
    title: formats.say('report.device.title', { device: id }),
    subtitle: formats.say('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone }),
    files,
    blocks: [
      ...deviceSection(view, frame),
      ...byMetric.flatMap(({ metric, records }) =>
        recordSection(metric, records, {
          ...{ ...frame, alerts },
          limits: metric.name === 'temperature' && profile !== null ? profile : { min: null, max: null },
        }),
      ),
      quiet(formats.say('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      ...judgingSection(judging, frame),
      ...auditSection(audit, formats),
      ...ledgerSection(frame),
      ...fileSection(files, readings.note, frame),
    ],
  };
}

function deviceSection(view: DeviceView, frame: ReportFrame): ReportBlock[] {
  const { formats } = frame;
  const corrections = Object.entries(view.correction).map(([metric, value]) =>
    formats.say('report.correction', { metric, value: String(value) }),
  );
  return [
    { kind: 'heading', text: formats.say('report.section.device') },
    {
      kind: 'facts',
      facts: [
        [formats.say('report.label.name'), view.name ?? NOTHING],
        [formats.say('report.label.kind'), view.kind ?? NOTHING],
        [formats.say('report.label.sensor'), view.sensor ?? NOTHING],
        [formats.say('report.label.correction'), corrections.length === 0 ? NOTHING : corrections.join(', ')],
        [formats.say('report.label.interval'), view.interval ?? view.learnedInterval ?? NOTHING],
        [formats.say('report.label.attachment'), view.attachment?.subject ?? NOTHING],
        [formats.say('report.label.limits'), view.profile === null ? NOTHING : limitsText(view.profile, formats)],
        [formats.say('report.label.range'), rangeText(frame)],
      ],
    },
  ];
}
