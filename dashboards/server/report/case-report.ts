import { type AuditEntry, type MetricDefinition, serverText, type Words } from '../../../domain/index.ts';
import type { Case, SignedText } from '../../../quality/index.ts';
import type { DeviceRecord, Limits } from '../../../trace/index.ts';
import type { AlertView, CaseGroupView, CaseView } from '../../api/index.ts';
import { dataFile, readingsFile } from './data-files.ts';
import { type Judging, judgingData, judgingSection } from './finding-section.ts';
import { type Formats, NOTHING } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock, ReportFile } from './report.ts';
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
  /** By group: the reasons of its proposal by their keys. */
  readonly reasoning: ReadonlyMap<string, readonly Words[]>;
  readonly decisions: CaseView['decisions'];
  readonly steps: CaseView['steps'];
  /** What was signed, and the signatures. */
  readonly texts: readonly SignedText[];
  readonly metric: MetricDefinition;
  readonly records: readonly DeviceRecord[];
  readonly limits: Limits;
  readonly alerts: readonly AlertView[];
  readonly isEveryAlert: boolean;
  readonly judging: Judging;
  readonly audit: readonly AuditEntry[] | null;
}

/** What the goods went through, what is proposed and why, who decided what and signed it. Pure. */
export function caseReport(
  evidence: CaseEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const {
    one,
    groups,
    epcs,
    reasoning,
    decisions,
    steps,
    texts,
    metric,
    records,
    limits,
    alerts,
    isEveryAlert,
    judging,
    audit,
  } = evidence;
  const { formats, from, to } = frame;
  const readings = readingsFile([{ metric, records }], formats);
  const data = dataFile(
    {
      format: 'isotherm-case-report-1',
      case: one,
      groups: groups.map((group) => ({ ...group, epcs: epcs.get(group.id) ?? [] })),
      ...{ decisions, steps, alerts, ...judgingData(judging) },
      records: records.map(({ device, from, to, figures }) => ({ device, from, to, metric: metric.name, ...figures })),
      ...(audit === null ? {} : { audit }),
    },
    formats,
  );
  const files = [data, ...readings.files, ...signedFile(texts, formats), ...ledgerFiles(frame)];
  return {
    ...cover,
    title: formats.say('report.case.title', { case: one.id }),
    subtitle: `${one.subject.shipment ?? one.subject.place ?? titleOfCase(one, formats)}. ${formats.say('report.subtitle', { from: formats.time(from), to: formats.time(to), zone: formats.zone })}`,
    files,
    blocks: [
      ...caseSection(one, frame),
      ...groupSection(
        groups.map((group) => ({ ...group, reasoning: reasoning.get(group.id) })),
        frame,
      ),
      ...decisionSection(decisions, frame),
      ...stepSection(steps, frame),
      ...recordSection(metric, records, { ...frame, limits, alerts }),
      quiet(formats.say('report.range.rule')),
      ...alertSection(alerts, isEveryAlert, formats),
      ...judgingSection(judging, frame),
      { kind: 'heading', text: formats.say('report.section.goods') },
      ...groups.map(
        (group): ReportBlock => ({
          kind: 'items',
          title: formats.say('report.case.group', { name: group.name, count: group.serials }),
          items: epcs.get(group.id) ?? [],
        }),
      ),
      ...auditSection(audit, formats),
      ...ledgerSection(frame),
      ...fileSection(files, readings.note, frame),
    ],
  };
}

/** A line each, as it was signed: `{"subject", "text"}`. */
export function signedFile(texts: readonly SignedText[], formats: Formats): ReportFile[] {
  if (texts.length === 0) return [];
  const content = texts.map((one) => `${JSON.stringify(one)}\n`).join('');
  const about = formats.say('report.file.records');
  return [{ ...{ name: 'signed.jsonl', mediaType: 'application/jsonl', relationship: 'Source' }, about, content }];
}

function caseSection(one: Case, { formats }: ReportFrame): ReportBlock[] {
  const { affected, undecided, waiting } = one.serials;
  return [
    { kind: 'heading', text: titleOfCase(one, formats) },
    {
      kind: 'facts',
      facts: [
        [formats.say('report.label.state'), formats.say(`report.caseState.${one.state}`)],
        [formats.say('report.label.kind'), formats.say(`report.caseKind.${one.kind}`)],
        [formats.say('report.case.subject'), one.subject.shipment ?? one.subject.place ?? NOTHING],
        [formats.say('report.case.revision'), String(one.revision)],
        [formats.say('report.case.opened'), formats.time(one.openedAt)],
        [formats.say('report.label.closed'), formats.time(one.closedAt)],
        [formats.say('report.label.serials'), formats.say('report.case.serials', { affected, undecided, waiting })],
      ],
    },
  ];
}

/** A title that Isotherm gave in the language of the report; one that a person typed as it was typed. */
export function titleOfCase(
  { title, subject, follows }: Pick<Case, 'title' | 'subject' | 'follows'>,
  formats: Formats,
): string {
  const { shipment, place } = subject;
  const deviceIn = (key: 'case.title.device' | 'case.title.missing') => {
    const [before = '', after = ''] = serverText(key, { device: '\n' }).split('\n');
    return { key, values: { device: title.slice(before.length, title.length - after.length) } };
  };
  const own = [
    { key: 'case.title.shipment', values: { shipment: shipment ?? '' } },
    { key: 'case.title.place', values: { place: place ?? '' } },
    deviceIn('case.title.device'),
    deviceIn('case.title.missing'),
    { key: 'case.title.late', values: { id: follows ?? '' } },
  ] as const;
  const words = own.find(({ key, values }) => serverText(key, values) === title);
  return (words && formats.words(words)) ?? title;
}

/** What of a group is said. */
export type GroupSaid = Pick<CaseGroupView, 'name' | 'product' | 'lot' | 'serials' | 'proposal'> & {
  /** The reasons of the proposal by their keys. */
  readonly reasoning?: readonly Words[] | undefined;
  readonly exposure: Pick<
    CaseGroupView['exposure'],
    'min' | 'max' | 'mkt' | 'minutesAbove' | 'minutesBelow' | 'minutesUnknown'
  >;
};

export function groupSection(groups: readonly GroupSaid[], { formats }: ReportFrame): ReportBlock[] {
  const value = (of: number | null) => formats.value(of, '°C');
  return [
    { kind: 'heading', text: formats.say('report.case.proposal') },
    ...groups.flatMap(({ name, product, lot, serials, exposure, proposal, reasoning = [] }): ReportBlock[] => [
      {
        kind: 'facts',
        facts: [
          [
            formats.say('report.case.group', { name, count: serials }),
            formats.say('report.case.proposed', {
              ...{
                disposition: formats.say(`report.disposition.${proposal.disposition}`),
                product: product ?? NOTHING,
                lot: lot ?? NOTHING,
              },
            }),
          ],
          [
            formats.say('report.section.exposure'),
            formats.say('report.case.exposure', {
              ...{ min: value(exposure.min), max: value(exposure.max), mkt: value(exposure.mkt) },
              ...{ unit: formats.unit('°C'), above: formats.figure(exposure.minutesAbove, 1) },
              ...{
                below: formats.figure(exposure.minutesBelow, 1),
                unknown: formats.figure(exposure.minutesUnknown, 1),
              },
            }),
          ],
          [
            formats.say('report.column.reason'),
            proposal.reasons.map((text, i) => formats.words(reasoning[i]) ?? text).join(' '),
          ],
        ],
      },
    ]),
  ];
}

export function decisionSection(decisions: CaseView['decisions'], { formats }: ReportFrame): ReportBlock[] {
  const heading = { kind: 'heading', text: formats.say('report.case.decisions') } as const;
  if (decisions.length === 0) return [heading, { kind: 'text', text: formats.say('report.case.undecided') }];
  return [
    heading,
    ...decisions.flatMap((one): ReportBlock[] => [
      {
        kind: 'facts',
        facts: [
          [
            formats.say('report.case.decision', { number: one.number }),
            formats.say('report.case.decided', {
              ...{ disposition: formats.say(`report.disposition.${one.disposition}`), count: one.serials },
            }),
          ],
          [formats.say('report.column.reason'), one.reason],
          ...one.signatures.map(
            (signature) => [formats.say('report.case.signature'), signedText(signature, formats)] as const,
          ),
          ...[...new Set(one.signatures.map(({ recordHash }) => recordHash))].map(
            (recordHash) => [formats.say('report.case.record'), recordHash] as const,
          ),
        ],
      },
      ...standing(one, formats),
      ...one.evidenceChanged.map((text) => grave(text)),
    ]),
  ];
}

/** Where a decision does not act, or not any more. */
function standing({ inForceSince, supersededBy }: CaseView['decisions'][number], formats: Formats): ReportBlock[] {
  const isInForce = inForceSince !== null;
  if (supersededBy === null) return isInForce ? [] : [grave(formats.say('report.case.notInForce'))];
  const superseded = formats.say('report.case.superseded', { number: supersededBy });
  return [{ kind: 'text', text: isInForce ? superseded : `${superseded} ${formats.say('report.case.neverInForce')}` }];
}

export function stepSection(steps: CaseView['steps'], { formats }: ReportFrame): ReportBlock[] {
  if (steps.length === 0) return [];
  return [
    { kind: 'heading', text: formats.say('report.case.steps') },
    {
      kind: 'facts',
      facts: steps.map((one) => [
        `${one.number}: ${formats.say(`report.step.${one.step}`)}`,
        [
          [detailText(one.detail, formats), one.reason].filter((text) => text !== '').join(': '),
          ...(one.undoes === null ? [] : [formats.say('report.case.undoes', { number: one.undoes })]),
          ...(one.undoneBy === null ? [] : [formats.say('report.case.undone', { number: one.undoneBy })]),
          `${formats.say('report.case.signature')}: ${signedText(one.signature, formats)}`,
          `${formats.say('report.case.record')} ${one.signature.recordHash}`,
        ].join('\n'),
      ]),
    },
  ];
}

function signedText(
  { name, role, at, meaning }: CaseView['steps'][number]['signature'],
  formats: ReportFrame['formats'],
): string {
  return formats.say('report.case.signed', { name, role, at: formats.time(instant(at)), meaning });
}

/** What a step is about: an alert, or a device over a time. */
function detailText(detail: CaseView['steps'][number]['detail'], formats: ReportFrame['formats']): string {
  const { alert, device, from, to } = detail;
  if (typeof device !== 'string' || typeof from !== 'string' || typeof to !== 'string') {
    return typeof alert === 'string' ? formats.say('report.case.alert', { alert }) : '';
  }
  const span = { device, from: formats.time(instant(from)), to: formats.time(instant(to)) };
  return formats.say('report.case.span', span);
}
