import type { MarketReadinessView } from '../../api/index.ts';
import { dataFile } from './data-files.ts';
import { Formats } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock } from './report.ts';
import type { ReportLedger } from './report-ledger.ts';
import { fileSection, grave, instant, quiet } from './sections.ts';

/** Printed packs; all of them are in the data. */
const MOST_PACKS = 2_000;
const UNKNOWN = 'not told';

/** What an inspector is shown: pack by pack what a market asks for and nobody has told, with the clause. In English, as records are. Pure. */
export function readinessReport(view: MarketReadinessView, ledger: ReportLedger): Report {
  const at = instant(view.issuedAt) ?? 0;
  const formats = new Formats({ language: 'en', zone: 'UTC', unit: 'C' });
  const frame = { formats, from: at, to: at, ledger };
  const files = [dataFile(view, formats), ...ledgerFiles(frame)];
  return {
    ...{ title: `What the market asks and what is known: ${view.marketName}`, subtitle: view.subject },
    ...{ organisation: view.issuer, at, language: 'en', zone: 'UTC', files },
    blocks: [
      ...summarySection(view),
      ...askedSection(view),
      ...packsSection(view),
      ...otherSection(view),
      { kind: 'heading', text: 'What is not covered' },
      ...view.notCovered.map((text) => quiet(text)),
      ...ledgerSection(frame),
      ...fileSection(files, null, frame),
    ],
  };
}

function summarySection({ day, version, asOf, packs, lacking, isLacking, asked }: MarketReadinessView): ReportBlock[] {
  const verdict =
    packs === 0
      ? 'Of no pack is anything known.'
      : lacking > 0
        ? `${lacking} of ${packs} packs lack something that is asked for.`
        : 'No pack lacks anything; what is lacking beside them is told below.';
  return [
    {
      kind: 'facts',
      facts: [
        ['Law of the day', day],
        ['Rules', `version ${version}, as of ${asOf}`],
        ['Packs', String(packs)],
        ['Of those lacking something', String(lacking)],
      ],
    },
    ...(asked.length === 0
      ? [grave('On that day the market asks for nothing that data tells.')]
      : isLacking || packs === 0
        ? [grave(verdict)]
        : [quiet('Nothing is lacking of what data tells. It says nothing of whether the packs are genuine.')]),
  ];
}

function askedSection({ asked, toLookAt, sources }: MarketReadinessView): ReportBlock[] {
  const row = ({ ai, name, source, clause }: MarketReadinessView['asked'][number], by: string) => [
    ...[ai === null ? '' : `(${ai})`, name, clause === '' ? UNKNOWN : clause, sources[source]?.title ?? source, by],
  ];
  return [
    { kind: 'heading', text: 'What is asked for' },
    {
      kind: 'table',
      columns: [
        { title: 'AI', share: 1 },
        { title: 'What', share: 3 },
        { title: 'Clause', share: 2 },
        { title: 'Source', share: 4 },
        { title: 'Told by', share: 2 },
      ],
      rows: [...asked.map((one) => row(one, 'data')), ...toLookAt.map((one) => row(one, 'a look at the pack'))],
    },
  ];
}

function packsSection({ items, packs }: MarketReadinessView): ReportBlock[] {
  if (packs === 0) return [grave('No pack with a serial number is listed.')];
  return [
    { kind: 'heading', text: 'Packs' },
    {
      kind: 'table',
      columns: [
        { title: 'Product', share: 3 },
        { title: 'Serial', share: 3 },
        { title: 'Lot', share: 2 },
        { title: 'Expiry', share: 2 },
        { title: 'Lacks, by clause', share: 4 },
      ],
      rows: items
        .slice(0, MOST_PACKS)
        .map(({ gtin, serial, lot, expiry, lacks }) => [
          ...[gtin ?? UNKNOWN, serial ?? UNKNOWN, lot ?? UNKNOWN, expiry ?? UNKNOWN],
          lacks.map(({ name, clause }) => (clause === '' ? name : `${name} (${clause})`)).join('; '),
        ]),
    },
    ...(packs > MOST_PACKS
      ? [quiet(`The first ${MOST_PACKS} of ${packs}; all of them are in report.json inside this document.`)]
      : []),
  ];
}

function otherSection({ transaction, unlisted, elsewhere }: MarketReadinessView): ReportBlock[] {
  const missing = transaction?.missing ?? [];
  return [
    ...(transaction === null
      ? []
      : [
          { kind: 'heading', text: `Transaction information (${transaction.clause})` } as const,
          missing.length === 0
            ? quiet('Nothing of it is lacking.')
            : grave(`Missing, because nobody has told it: ${missing.join(', ')}.`),
        ]),
    ...unlisted.map(({ gtin, name }) =>
      grave(`${name ?? gtin} (${gtin}) is announced, and no serial number of it is listed.`),
    ),
    ...elsewhere.map(({ gtin, packs }) => grave(`${packs} packs of ${gtin} are meant for other markets alone.`)),
  ];
}
