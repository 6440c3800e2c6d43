import type { AuditEntry } from '../../../domain/index.ts';
import type { Case, DecisionRecord, SignedText } from '../../../quality/index.ts';
import { type CaseView, formatTime } from '../../api/index.ts';
import { decisionSection, groupSection, signedFile, titleOfCase } from './case-report.ts';
import { dataFile } from './data-files.ts';
import { type Judging, judgingData, judgingSection } from './finding-section.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock } from './report.ts';
import { auditSection, fileSection, grave, type ReportFrame } from './sections.ts';

/** What was signed at one revision of a case. */
export interface SignedRevision {
  readonly one: Case;
  readonly revision: number;
  /** Decisions of that revision, each with what was signed. */
  readonly decided: readonly { readonly decision: CaseView['decisions'][number]; readonly record: DecisionRecord }[];
  readonly texts: readonly SignedText[];
  /** The rules that the alerts were judged by. */
  readonly judging: Judging;
  /** Up to the last of its signatures; null: who asks may not read it. */
  readonly audit: readonly AuditEntry[] | null;
}

/** A case as it was signed at an earlier revision, out of the signed records alone. Pure. */
export function signedRevisionReport(
  { one, revision, decided, texts, judging, audit }: SignedRevision,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  // What has changed since is said by the report of today.
  const decisions = decided.map(({ decision }) => ({ ...decision, evidenceChanged: [] }));
  const data = dataFile(
    {
      format: 'isotherm-case-report-1',
      ...{ case: { id: one.id, title: one.title, subject: one.subject, revision }, decisions },
      records: decided.map(({ record }) => record),
      ...judgingData(judging),
      ...(audit === null ? {} : { audit: audit.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })) }),
    },
    formats,
  );
  const files = [data, ...signedFile(texts, formats), ...ledgerFiles(frame)];
  const span = { from: formats.time(from), to: formats.time(to), zone: formats.zone };
  return {
    ...cover,
    title: formats.say('report.case.title', { case: one.id }),
    subtitle: `${one.subject.shipment ?? one.subject.place ?? titleOfCase(one, formats)}. ${formats.say('report.subtitle', span)}`,
    files,
    blocks: [
      grave(formats.say('report.case.asSigned', { revision })),
      ...decided.flatMap(({ record }, i) => recordBlocks(record, i, frame)),
      ...decisionSection(decisions, frame),
      { kind: 'heading', text: formats.say('report.section.goods') },
      ...decided.map(
        ({ record: { serials, number } }): ReportBlock => ({
          kind: 'items',
          title: formats.say('report.case.decision', { number }),
          items: serials.epcs,
        }),
      ),
      ...judgingSection(judging, frame),
      ...auditSection(audit, formats),
      ...ledgerSection(frame),
      ...fileSection(files, null, frame),
    ],
  };
}

/** The groups that a decision was made on, and the alerts as they then stood. */
function recordBlocks({ groups, alerts }: DecisionRecord, index: number, frame: ReportFrame): ReportBlock[] {
  const { formats } = frame;
  const said = groups.map((group, i) => ({
    ...{ name: `${index + 1}.${i + 1}`, product: group.product, lot: group.lot, serials: group.serials },
    ...{ exposure: group.exposure, proposal: { ...group.proposal, reasons: [...group.proposal.reasons] } },
    reasoning: group.proposal.reasoning,
  }));
  return [
    ...groupSection(said, frame),
    { kind: 'heading', text: formats.say('report.section.alerts') },
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.what'), share: 4 },
        { title: formats.say('report.column.from'), share: 1.6 },
        { title: formats.say('report.column.to'), share: 1.6 },
        { title: formats.say('report.column.state'), share: 1.6 },
        { title: formats.say('report.column.rule'), share: 2.4 },
      ],
      rows: alerts.map(({ id, from, to, state, rule, ruleVersion }) => [
        ...[id, formats.minute(from), to === null ? formats.say('report.alert.running') : formats.minute(to), state],
        formats.say('report.rule', { rule, version: ruleVersion }),
      ]),
    },
  ];
}
