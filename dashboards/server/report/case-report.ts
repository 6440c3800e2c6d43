import { type AuditEntry, type MetricDefinition, serverText } from '../../../domain/index.ts';
import type { Case } from '../../../quality/index.ts';
import type { DeviceRecord, Limits } from '../../../trace/index.ts';
import type { AlertView, CaseGroupView, CaseView } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { figure, NOTHING } from './formats.ts';
import type { Report, ReportBlock } from './report.ts';
import {
  alertSection,
  auditSection,
  fileSection,
  grave,
  instant,
  quiet,
  type ReportFrame,
  recordSection,
} from './sections.ts';

/** All that a report on a case is made of. */
export interface CaseEvidence {
  readonly one: Case;
  readonly groups: readonly CaseGroupView[];
  /** By group: its EPCs, ascending. */
  readonly epcs: ReadonlyMap<string, readonly string[]>;
  readonly decisions: CaseView['decisions'];
  readonly steps: CaseView['steps'];
  readonly metric: MetricDefinition;
  readonly records: readonly DeviceRecord[];
  readonly limits: Limits;
  readonly alerts: readonly AlertView[];
  readonly isEveryAlert: boolean;
  readonly audit: readonly AuditEntry[] | null;
}

/** What the goods went through, what is proposed and why, who decided what and signed it. Pure. */
export function caseReport(
  evidence: CaseEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { one, groups, epcs, decisions, steps, metric, records, limits, alerts, isEveryAlert, audit } = evidence;
  const { formats, from, to } = frame;
  const readings = readingsFile([{ metric, records }]);
  const data = dataFile({
    format: 'isotherm-case-report-1',
    case: one,
    groups: groups.map((group) => ({ ...group, epcs: epcs.get(group.id) ?? [] })),
    ...{ decisions, steps, alerts },
    records: records.map(({ device, from, to, figures }) => ({ device, from, to, metric: metric.name, ...figures })),
    ...(audit === null ? {} : { audit }),
  });
  const files = [data, ...readings.files];
  return {
    ...cover,
    title: serverText('report.case.title', { case: one.id }),
    subtitle: `${one.subject.shipment ?? one.subject.place ?? one.title}. ${serverText('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone })}`,
    files,
    blocks: [
      ...caseSection(one, frame),
      ...groupSection(groups, frame),
      ...decisionSection(decisions, frame),
      ...stepSection(steps, frame),
      ...recordSection(metric, records, { ...frame, limits, alerts }),
      quiet(serverText('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      { kind: 'heading', text: serverText('report.section.goods') },
      ...groups.map(
        (group): ReportBlock => ({
          kind: 'items',
          title: serverText('report.case.group', { name: group.name, count: group.serials }),
          items: epcs.get(group.id) ?? [],
        }),
      ),
      ...auditSection(audit, formats),
      ...fileSection(files, readings.note),
    ],
  };
}

function caseSection(one: Case, { formats }: ReportFrame): ReportBlock[] {
  const { affected, undecided, waiting } = one.serials;
  return [
    { kind: 'heading', text: one.title },
    {
      kind: 'facts',
      facts: [
        [serverText('report.label.state'), one.state],
        [serverText('report.label.kind'), one.kind],
        [serverText('report.case.subject'), one.subject.shipment ?? one.subject.place ?? NOTHING],
        [serverText('report.case.revision'), String(one.revision)],
        [serverText('report.case.opened'), formats.time(one.openedAt)],
        [serverText('report.label.closed'), formats.time(one.closedAt)],
        [serverText('report.label.serials'), serverText('report.case.serials', { affected, undecided, waiting })],
      ],
    },
  ];
}

function groupSection(groups: readonly CaseGroupView[], { formats }: ReportFrame): ReportBlock[] {
  const value = (of: number | null) => formats.value(of, '°C');
  return [
    { kind: 'heading', text: serverText('report.case.proposal') },
    ...groups.flatMap(({ name, product, lot, serials, exposure, proposal }): ReportBlock[] => [
      {
        kind: 'facts',
        facts: [
          [
            serverText('report.case.group', { name, count: serials }),
            serverText('report.case.proposed', {
              ...{ disposition: proposal.disposition, product: product ?? NOTHING, lot: lot ?? NOTHING },
            }),
          ],
          [
            serverText('report.section.exposure'),
            serverText('report.case.exposure', {
              ...{ min: value(exposure.min), max: value(exposure.max), mkt: value(exposure.mkt) },
              ...{ unit: formats.unit('°C'), above: figure(exposure.minutesAbove, 1) },
              ...{ below: figure(exposure.minutesBelow, 1), unknown: figure(exposure.minutesUnknown, 1) },
            }),
          ],
          [serverText('report.column.reason'), proposal.reasons.join(' ')],
        ],
      },
    ]),
  ];
}

function decisionSection(decisions: CaseView['decisions'], { formats }: ReportFrame): ReportBlock[] {
  const heading = { kind: 'heading', text: serverText('report.case.decisions') } as const;
  if (decisions.length === 0) return [heading, { kind: 'text', text: serverText('report.case.undecided') }];
  return [
    heading,
    ...decisions.flatMap((one): ReportBlock[] => [
      {
        kind: 'facts',
        facts: [
          [
            serverText('report.case.decision', { number: one.number }),
            serverText('report.case.decided', { disposition: one.disposition, count: one.serials }),
          ],
          [serverText('report.column.reason'), one.reason],
          ...one.signatures.map(
            (signature) => [serverText('report.case.signature'), signedText(signature, formats)] as const,
          ),
          ...[...new Set(one.signatures.map(({ recordHash }) => recordHash))].map(
            (recordHash) => [serverText('report.case.record'), recordHash] as const,
          ),
        ],
      },
      ...standing(one),
      ...one.evidenceChanged.map((text) => grave(text)),
    ]),
  ];
}

/** Where a decision does not act, or not any more. */
function standing({ inForceSince, supersededBy }: CaseView['decisions'][number]): ReportBlock[] {
  const isInForce = inForceSince !== null;
  if (supersededBy === null) return isInForce ? [] : [grave(serverText('report.case.notInForce'))];
  const superseded = serverText('report.case.superseded', { number: supersededBy });
  return [{ kind: 'text', text: isInForce ? superseded : `${superseded} ${serverText('report.case.neverInForce')}` }];
}

function stepSection(steps: CaseView['steps'], { formats }: ReportFrame): ReportBlock[] {
  if (steps.length === 0) return [];
  return [
    { kind: 'heading', text: serverText('report.case.steps') },
    {
      kind: 'facts',
      facts: steps.map((one) => [
        `${one.number}: ${one.step}`,
        [
          [detailText(one.detail, formats), one.reason].filter((text) => text !== '').join(': '),
          ...(one.undoes === null ? [] : [serverText('report.case.undoes', { number: one.undoes })]),
          ...(one.undoneBy === null ? [] : [serverText('report.case.undone', { number: one.undoneBy })]),
          `${serverText('report.case.signature')}: ${signedText(one.signature, formats)}`,
          `${serverText('report.case.record')} ${one.signature.recordHash}`,
        ].join('\n'),
      ]),
    },
  ];
}

function signedText(
  { name, role, at, meaning }: CaseView['steps'][number]['signature'],
  formats: ReportFrame['formats'],
): string {
  return serverText('report.case.signed', { name, role, at: formats.time(instant(at)), meaning });
}

/** What a step is about: an alert, or a device over a time. */
function detailText(detail: CaseView['steps'][number]['detail'], formats: ReportFrame['formats']): string {
  const { alert, device, from, to } = detail;
  if (typeof device !== 'string' || typeof from !== 'string' || typeof to !== 'string') {
    return typeof alert === 'string' ? serverText('report.case.alert', { alert }) : '';
  }
  const span = { device, from: formats.time(instant(from)), to: formats.time(instant(to)) };
  return serverText('report.case.span', span);
}
