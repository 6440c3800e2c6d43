import type { AuditEntry, MetricDefinition } from '../../../domain/index.ts';
import type { DeviceRecord, ShipmentDetailRecord, ShipmentSerialRecord } from '../../../trace/index.ts';
import { type AlertView, formatTime, type ShipmentDetail } from '../../api/index.ts';
import { dataFile, readingsFile, serialsFile } from './data-files.ts';
import { type Judging, judgingData, judgingSection } from './finding-section.ts';
import { NOTHING } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
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
  readonly judging: Judging;
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
  const { view, recorded, alerts, isEveryAlert, judging, serials, audit } = evidence;
  const { formats, from, to } = frame;
  const { profile } = view;
  const readings = readingsFile(recorded, formats);
  const data = dataFile(
    {
      format: 'isotherm-shipment-report-1',
      range: { from: formatTime(from), to: formatTime(to), isOpen: evidence.isOpen },
      ...shipmentData(view),
      records: recorded.flatMap(({ metric, records }) =>
        records.map(({ device, from, to, figures }) => ({
          ...{ device, metric: metric.name, unit: metric.unit, from: formatTime(from), to: formatTime(to), ...figures },
        })),
      ),
      ...{ alerts, ...judgingData(judging) },
      serials: serials.length,
      ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
    },
    formats,
  );
  const files = [
    data,
    ...readings.files,
    ...(serials.length === 0 ? [] : [serialsFile(serials, formats)]),
    ...ledgerFiles(frame),
  ];
  return {
    ...cover,
    title: formats.say('report.shipment.title', { shipment: view.id }),
    subtitle: formats.say('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone }),
    files,
    blocks: [
      ...(evidence.isOpen ? [grave(formats.say('report.range.open', { to: formats.time(to) }))] : []),
      ...shipmentSection(evidence, frame),
      ...recorded.flatMap(({ metric, records }) =>
        recordSection(metric, records, {
          ...{ ...frame, alerts },
          limits: metric.name === 'temperature' ? profile : { min: null, max: null },
        }),
      ),
      quiet(formats.say('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      ...judgingSection(judging, frame),
      ...goodsSection(serials, view, frame),
      ...auditSection(audit, formats),
      ...ledgerSection(frame),
      ...fileSection(files, readings.note, frame),
    ],
  };
}

function shipmentSection({ view, record }: ShipmentEvidence, frame: ReportFrame): ReportBlock[] {
  const { formats } = frame;
  const { cancelled } = view;
  const facts: (readonly [string, string])[] = [
    [formats.say('report.label.state'), formats.say(`report.shipmentState.${view.state}`)],
    [formats.say('report.label.limits'), limitsText(view.profile, formats)],
    [formats.say('report.label.origin'), view.origin.name],
    [formats.say('report.label.destination'), view.destination.name],
    [formats.say('report.label.departs'), formats.time(record.departs)],
    [formats.say('report.label.left'), formats.time(record.leftAt)],
    [formats.say('report.label.arrives'), formats.time(record.arrives)],
    [formats.say('report.label.received'), formats.time(record.receivedAt)],
    [formats.say('report.label.closed'), formats.time(record.closedAt)],
    ...(view.lane === null ? [] : [[formats.say('report.label.lane'), view.lane] as const]),
    [formats.say('report.label.units'), String(view.unitCount)],
    [formats.say('report.label.serials'), String(view.serialCount)],
    [formats.say('report.label.range'), rangeText(frame)],
  ];
  if (cancelled !== null) {
    const { at, by, reason } = cancelled;
    const text = formats.say('report.cancelled', { at: formats.time(Date.parse(at)), by, reason });
    facts.splice(1, 0, [formats.say('report.label.cancelled'), text]);
  }
  return [
    { kind: 'heading', text: formats.say('report.section.shipment') },
    { kind: 'facts', facts },
  ];
}

/** Serials of one product, lot, expiry and unit together, in that order. */
function goodsSection(
  serials: readonly ShipmentSerialRecord[],
  { products }: ShipmentDetail,
  { formats }: ReportFrame,
): ReportBlock[] {
  const heading = { kind: 'heading', text: formats.say('report.section.goods') } as const;
  if (serials.length === 0) return [heading, { kind: 'text', text: formats.say('report.goods.none') }];
  const names = new Map(products.map(({ gtin, name }) => [gtin, name]));
  const groups = Map.groupBy(serials, ({ gtin, lot, expiry, unit }) => JSON.stringify([gtin, lot, expiry, unit]));
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    heading,
    ...sorted.map(([, group]): ReportBlock => {
      const { gtin = '', lot = null, expiry = null, unit = null } = group[0] ?? {};
      const named = names.get(gtin) ?? formats.say('report.goods.unnamed');
      return {
        kind: 'items',
        title: formats.say('report.goods.group', {
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
