import { type AuditEntry, type MetricDefinition, serverText } from '../../../domain/index.ts';
import type { DeviceRecord } from '../../../trace/index.ts';
import { type AlertView, type DeviceView, formatTime } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { NOTHING } from './formats.ts';
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
  readonly audit: readonly AuditEntry[] | null;
}

/** What one logger recorded, metric by metric. Pure. */
export function deviceReport(
  { view, recorded, alerts, isEveryAlert, audit }: DeviceEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  const byMetric = recorded.map(({ metric, record }) => ({ metric, records: [record] }));
  const readings = readingsFile(byMetric);
  const { id, kind, name, interval, sensor, correction, profile, product, lane, site, labels, attachment } = view;
  const data = dataFile({
    format: 'isotherm-device-report-1',
    range: { from: formatTime(from), to: formatTime(to) },
    device: { id, kind, name, interval, sensor, correction, profile, product, lane, site, labels, attachment },
    records: recorded.map(({ metric, record: { figures } }) => ({
      ...{ device: id, metric: metric.name, unit: metric.unit, from: formatTime(from), to: formatTime(to), ...figures },
    })),
    alerts,
    ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
  });
  const files = [data, ...readings.files];
  return {
    ...cover,
    title: serverText('report.device.title', { device: id }),
    subtitle: serverText('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone }),
    files,
    blocks: [
      ...deviceSection(view, frame),
      ...byMetric.flatMap(({ metric, records }) =>
        recordSection(metric, records, {
          ...{ ...frame, alerts },
          limits: metric.name === 'temperature' && profile !== null ? profile : { min: null, max: null },
        }),
      ),
      quiet(serverText('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      ...auditSection(audit, formats),
      ...fileSection(files, readings.note),
    ],
  };
}

function deviceSection(view: DeviceView, frame: ReportFrame): ReportBlock[] {
  const { formats } = frame;
  const corrections = Object.entries(view.correction).map(([metric, value]) =>
    serverText('report.correction', { metric, value: String(value) }),
  );
  return [
    { kind: 'heading', text: serverText('report.section.device') },
    {
      kind: 'facts',
      facts: [
        [serverText('report.label.name'), view.name ?? NOTHING],
        [serverText('report.label.kind'), view.kind ?? NOTHING],
        [serverText('report.label.sensor'), view.sensor ?? NOTHING],
        [serverText('report.label.correction'), corrections.length === 0 ? NOTHING : corrections.join(', ')],
        [serverText('report.label.interval'), view.interval ?? view.learnedInterval ?? NOTHING],
        [serverText('report.label.attachment'), view.attachment?.subject ?? NOTHING],
        [serverText('report.label.limits'), view.profile === null ? NOTHING : limitsText(view.profile, formats)],
        [serverText('report.label.range'), rangeText(frame)],
      ],
    },
  ];
}
