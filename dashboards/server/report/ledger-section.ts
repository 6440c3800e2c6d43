import { setHead, setLine } from '../../../storage/index.ts';
import type { ReportBlock, ReportFile } from './report.ts';
import { isProven } from './report-ledger.ts';
import { grave, MOST_PRINTED, quiet, type ReportFrame } from './sections.ts';

export const LEDGER_FILE = 'ledger.jsonl';

/** The facts of a report as the ledger has them, each with its proof: what `isotherm ledger verify` reads. */
export function ledgerFiles({ formats, ledger }: ReportFrame): ReportFile[] {
  if (!isProven(ledger) || ledger.facts === null) return [];
  const { leaves, signed } = ledger.facts;
  return [
    {
      ...{ name: LEDGER_FILE, mediaType: 'application/jsonl', relationship: 'Supplement' },
      about: formats.say('report.file.ledger'),
      content: [setHead(signed.note), ...leaves.map(setLine)].join(''),
    },
  ];
}

/** Which tree proves which facts, to be compared with what somebody else has kept of it. */
export function ledgerSection({ formats, ledger }: ReportFrame): ReportBlock[] {
  const heading = { kind: 'heading', text: formats.say('report.section.ledger') } as const;
  if (!isProven(ledger)) return [heading, grave(formats.say('report.ledger.trouble', { why: ledger.trouble }))];
  const how = quiet(formats.say('report.ledger.how'));
  const { facts } = ledger;
  if (facts === null) return [heading, { kind: 'text', text: formats.say('report.ledger.nothing') }, how];
  const { leaves, at, signed } = facts;
  const { origin, size, root } = signed.checkpoint;
  const printed = leaves.slice(-MOST_PRINTED);
  return [
    heading,
    {
      kind: 'facts',
      facts: [
        [formats.say('report.ledger.log'), origin],
        [formats.say('report.ledger.signed'), formats.time(at)],
        [formats.say('report.ledger.size'), String(size)],
        [formats.say('report.ledger.root'), root.toString('hex')],
      ],
    },
    how,
    ...(printed.length < leaves.length ? [quiet(formats.say('report.ledger.more', { count: printed.length }))] : []),
    {
      kind: 'table',
      columns: [
        { title: formats.say('report.column.leaf'), share: 0.8, isFigure: true },
        { title: formats.say('report.column.what'), share: 3 },
        { title: formats.say('report.column.sha256'), share: 5 },
      ],
      rows: printed.map(({ index, kind, subject, entry }) => [String(index), `${kind} ${subject}`, hashIn(entry)]),
    },
  ];
}

function hashIn(entry: string): string {
  return (JSON.parse(entry) as { sha256: string }).sha256;
}
