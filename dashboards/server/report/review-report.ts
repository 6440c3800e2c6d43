import { AUDIT_RISKS, type AuditEntry, csvLine } from '../../../domain/index.ts';
import type { ActionCount, PlacedEntry, SignedReview } from '../../../storage/index.ts';
import { formatTime } from '../../api/index.ts';
import { dataFile } from './data-files.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock, ReportFile } from './report.ts';
import { auditSection, fileSection, grave, MOST_PRINTED, quiet, type ReportFrame } from './sections.ts';

/** What a report on a review of the audit trail is made of. */
export interface ReviewEvidence {
  readonly review: SignedReview;
  readonly actions: readonly ActionCount[];
  /** Everything that was reviewed, in the order of the trail. */
  readonly entries: readonly PlacedEntry[];
  /** The entries that say that it was signed. */
  readonly signing: readonly AuditEntry[];
}

/** Of what was reviewed, what is printed and proven: the latest of high risk. */
export function printedOf(entries: readonly PlacedEntry[]): readonly PlacedEntry[] {
  return entries.filter(({ risk }) => risk === 'high').slice(-MOST_PRINTED);
}

/** What was reviewed of the audit trail, by risk, what was found, and who signed it. Pure. */
export function reviewReport(
  { review, actions, entries, signing }: ReviewEvidence,
  frame: ReportFrame,
  cover: Pick<Report, 'organisation' | 'at' | 'language' | 'zone'>,
): Report {
  const { formats, from, to } = frame;
  const printed = printedOf(entries);
  const proven = [...printed.map(({ place: _, risk: __, ...entry }) => entry), ...signing];
  const data = dataFile(
    {
      format: 'isotherm-audit-review-report-1',
      ...{ review, actions },
      audit: proven.map(({ at, ...entry }) => ({ at: formatTime(at), ...entry })),
    },
    formats,
  );
  const files = [data, entriesFile(entries, frame), ...ledgerFiles(frame)];
  const span = { from: formats.time(from), to: formats.time(to), zone: formats.zone };
  return {
    ...cover,
    title: formats.say('report.review.title', { number: review.number }),
    subtitle: formats.say('report.review.subtitle', span),
    files,
    blocks: [
      ...(review.broken === null ? [] : [grave(formats.say('report.review.broken', { broken: review.broken }))]),
      ...signatureSection(review, frame),
      {
        kind: 'table',
        columns: [
          { title: formats.say('report.column.risk'), share: 1 },
          { title: formats.say('report.column.did'), share: 3 },
          { title: formats.say('report.column.entries'), share: 1, isFigure: true },
        ],
        rows: actions.map(({ action, risk, entries: count }) => [
          formats.say(`report.risk.${risk}`),
          action,
          String(count),
        ]),
      },
      { kind: 'heading', text: formats.say('report.review.high') },
      quiet(formats.say('report.review.printed', { count: printed.length, all: review.byRisk.high })),
      ...auditSection(printed, formats).slice(1),
      ...ledgerSection(frame),
      ...fileSection(files, null, frame),
    ],
  };
}

function signatureSection(review: SignedReview, { formats }: ReportFrame): ReportBlock[] {
  const { after, to, chain, byRisk, own, comment, signer, at, recordHash } = review;
  const { name, role, meaning, method, over, provider } = signer;
  const counts = AUDIT_RISKS.map((risk) => `${formats.say(`report.risk.${risk}`)} ${byRisk[risk]}`).join(', ');
  const said = { name, role, at: formats.time(Date.parse(at)), meaning };
  return [
    {
      kind: 'facts',
      facts: [
        [formats.say('report.review.entries'), formats.say('report.review.range', { first: after + 1, last: to })],
        [formats.say('report.column.risk'), counts],
        [formats.say('report.review.own'), String(own)],
        [formats.say('report.review.chain'), chain],
        [formats.say('report.review.found'), comment],
        [formats.say('report.case.signature'), formats.say('report.case.signed', said)],
        [formats.say('report.review.method'), formats.say(`report.method.${method}`)],
        ...(provider === undefined
          ? []
          : [
              [
                formats.say('report.review.provider'),
                `${provider.issuer}, ${provider.subject}, ${formats.time(provider.authAt)}`,
              ] as const,
            ]),
        ...(over === undefined ? [] : [[formats.say('report.review.over'), over] as const]),
        [formats.say('report.case.record'), recordHash],
      ],
    },
  ];
}

function entriesFile(entries: readonly PlacedEntry[], { formats }: ReportFrame): ReportFile {
  const head = csvLine(['place', 'risk', 'id', 'at', 'actor', 'action', 'subject', 'old', 'new', 'reason']);
  const lines = entries.map(({ place, risk, id, at, actor, action, subject, old, new: now, reason }) =>
    csvLine([
      ...[place, risk, id, formatTime(at), actor.name, action, subject],
      ...[JSON.stringify(old ?? null), JSON.stringify(now ?? null), reason],
    ]),
  );
  return {
    ...{ name: 'entries.csv', mediaType: 'text/csv', relationship: 'Source' },
    ...{ about: formats.say('report.file.entries'), content: [head, ...lines].join('') },
  };
}
