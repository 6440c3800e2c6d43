import { type AuditEntry, type MetricDefinition, serverText } from '../../../domain/index.ts';
import type { DeviceRecord, ShipmentDetailRecord, ShipmentSerialRecord } from '../../../trace/index.ts';
import { type AlertView, formatTime, type ShipmentDetail } from '../../api/index.ts';
import { dataFile, readingsFile, serialsFile } from './data-files.ts';
import { NOTHING } from './formats.ts';
import type { Report, ReportBlock } from './report.ts';
import {
  alertSection,
  auditSection,
  fileSection,
  grave,
  limitsText,
  quiet,
  type ReportFrame,
  rangeText,
  recordSection,
} from './sections.ts';

/** All that a report on a shipment is made of. */
export interface ShipmentEvidence {
  readonly view: ShipmentDetail;
  readonly record: ShipmentDetailRecord;
  /** By metric, temperature first. */
  readonly recorded: readonly { readonly metric: MetricDefinition; readonly records: readonly DeviceRecord[] }[];
  readonly alerts: readonly AlertView[];
  readonly isEveryAlert: boolean;
  readonly serials: readonly ShipmentSerialRecord[];
  /** null: who asks may not read it. */
  readonly audit: readonly AuditEntry[] | null;
  /** It is under way: the range ends where it was asked, not where the shipment did. */
  readonly isOpen: boolean;
}

/** What was measured around a shipment, what was raised about it, what it carried, and who decided. Pure. */
export function shipmentReport(
  evidence: ShipmentEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { view, recorded, alerts, isEveryAlert, serials, audit } = evidence;
  const { formats, from, to } = frame;
  const { profile } = view;
  const readings = readingsFile(recorded);
  const data = dataFile({
    format: 'isotherm-shipment-report-1',
    range: { from: formatTime(from), to: formatTime(to), isOpen: evidence.isOpen },
    ...shipmentData(view),
    records: recorded.flatMap(({ metric, records }) =>
      records.map(({ device, from, to, figures }) => ({
        ...{ device, metric: metric.name, unit: metric.unit, from: formatTime(from), to: formatTime(to), ...figures },
      })),
    ),
    alerts,
    serials: serials.length,
    ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
  });
  const files = [data, ...readings.files, ...(serials.length === 0 ? [] : [serialsFile(serials)])];
  return {
    ...cover,
    title: serverText('report.shipment.title', { shipment: view.id }),
    subtitle: serverText('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone }),
    files,
    blocks: [
      ...(evidence.isOpen ? [grave(serverText('report.range.open', { to: formats.time(to) }))] : []),
      ...shipmentSection(evidence, frame),
      ...recorded.flatMap(({ metric, records }) =>
        recordSection(metric, records, {
          ...{ ...frame, alerts },
          limits: metric.name === 'temperature' ? profile : { min: null, max: null },
        }),
      ),
      quiet(serverText('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      ...goodsSection(serials, view),
      ...auditSection(audit, formats),
      ...fileSection(files, readings.note),
    ],
  };
}

function shipmentSection({ view, record }: ShipmentEvidence, frame: ReportFrame): ReportBlock[] {
  const { formats } = frame;
  const { cancelled } = view;
  const facts: (readonly [string, string])[] = [
    [serverText('report.label.state'), view.state],
    [serverText('report.label.limits'), limitsText(view.profile, formats)],
    [serverText('report.label.origin'), view.origin.name],
    [serverText('report.label.destination'), view.destination.name],
    [serverText('report.label.departs'), formats.time(record.departs)],
    [serverText('report.label.left'), formats.time(record.leftAt)],
    [serverText('report.label.arrives'), formats.time(record.arrives)],
    [serverText('report.label.received'), formats.time(record.receivedAt)],
    [serverText('report.label.closed'), formats.time(record.closedAt)],
    ...(view.lane === null ? [] : [[serverText('report.label.lane'), view.lane] as const]),
    [serverText('report.label.units'), String(view.unitCount)],
    [serverText('report.label.serials'), String(view.serialCount)],
    [serverText('report.label.range'), rangeText(frame)],
  ];
  if (cancelled !== null) {
    const { at, by, reason } = cancelled;
    const text = serverText('report.cancelled', { at: formats.time(Date.parse(at)), by, reason });
    facts.splice(1, 0, [serverText('report.label.cancelled'), text]);
  }
  return [
    { kind: 'heading', text: serverText('report.section.shipment') },
    { kind: 'facts', facts },
  ];
}

/** Serials of one product, lot, expiry and unit together, in that order. */
function goodsSection(serials: readonly ShipmentSerialRecord[], { products }: ShipmentDetail): ReportBlock[] {
  const heading = { kind: 'heading', text: serverText('report.section.goods') } as const;
  if (serials.length === 0) return [heading, { kind: 'text', text: serverText('report.goods.none') }];
  const names = new Map(products.map(({ gtin, name }) => [gtin, name]));
  const groups = Map.groupBy(serials, ({ gtin, lot, expiry, unit }) => JSON.stringify([gtin, lot, expiry, unit]));
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    heading,
    ...sorted.map(([, group]): ReportBlock => {
      const { gtin = '', lot = null, expiry = null, unit = null } = group[0] ?? {};
      const named = names.get(gtin) ?? serverText('report.goods.unnamed');
      return {
        kind: 'items',
        title: serverText('report.goods.group', {
          ...{ product: `${named} (${gtin})`, lot: lot ?? NOTHING, expiry: expiry ?? NOTHING },
          ...{ unit: unit ?? NOTHING, count: group.length },
        }),
        items: group.map(({ serial }) => serial).sort(),
      };
    }),
  ];
}

/** What a shipment is, without how it is at the moment somebody looks. */
function shipmentData({ condition: _, openAlerts: __, undecidedAlerts: ___, units, ...shipment }: ShipmentDetail) {
  return { shipment: { ...shipment, units: units.map(({ condition: _, ...unit }) => unit) } };
}
