import { STATEMENT_LEAD } from '../../../partners/index.ts';
import type { TransactionRecordView, TransactionView } from '../../api/index.ts';
import { dataFile } from './data-files.ts';
import { Formats } from './formats.ts';
import { ledgerFiles, ledgerSection } from './ledger-section.ts';
import type { Report, ReportBlock } from './report.ts';
import type { ReportLedger } from './report-ledger.ts';
import { fileSection, grave, instant, quiet } from './sections.ts';

/** Printed serials of one line; all of them are in the data. */
const MOST_SERIALS = 2_000;
const UNKNOWN = 'not known';

/**
 * Transaction information and statements as the law words them, which is in English. Pure.
 * @param context.asked what was asked for, in a line
 */
export function transactionReport(
  record: TransactionRecordView,
  { ledger, asked }: { readonly ledger: ReportLedger; readonly asked: string },
): Report {
  const at = instant(record.issuedAt) ?? 0;
  const formats = new Formats({ language: 'en', zone: 'UTC', unit: 'C' });
  const frame = { formats, from: at, to: at, ledger };
  const files = [dataFile(record, formats), ...ledgerFiles(frame)];
  return {
    ...{ title: 'Transaction information and transaction statement', subtitle: asked },
    ...{ organisation: record.issuer.name, at, language: 'en', zone: 'UTC', files },
    blocks: [
      ...(record.items.length === 0 ? [grave('No transaction of this is known here.')] : []),
      ...record.items.flatMap(transactionSection),
      ...ledgerSection(frame),
      ...fileSection(files, null, frame),
    ],
  };
}

function transactionSection(transaction: TransactionView): ReportBlock[] {
  const { shipment, transactedOn, shippedOn, from, to, lines, missing, statement } = transaction;
  const party = ({ name, address, gln }: TransactionView['from']) =>
    `${name ?? UNKNOWN}; ${address ?? `address ${UNKNOWN}`}${gln === null ? '' : `; GLN ${gln}`}`;
  return [
    { kind: 'heading', text: `Shipment ${shipment}` },
    {
      kind: 'facts',
      facts: [
        ['Date of the transaction', transactedOn ?? UNKNOWN],
        ['Date of the shipment', shippedOn ?? UNKNOWN],
        ['From', party(from)],
        ['To', party(to)],
      ],
    },
    {
      kind: 'table',
      columns: [
        ...[
          { title: 'Product', share: 4 },
          { title: 'Strength, form', share: 3 },
          { title: 'NDC', share: 2 },
        ],
        ...[
          { title: 'Container', share: 2 },
          { title: 'Lot', share: 2 },
          { title: 'Expiry', share: 2 },
        ],
        { title: 'Count', share: 1, isFigure: true },
      ],
      rows: lines.map(({ name, gtin, strength, dosageForm, ndc, containerSize, lot, expiry, count }) => [
        ...[`${name ?? UNKNOWN} (${gtin})`, `${strength ?? UNKNOWN}, ${dosageForm ?? UNKNOWN}`, ndc ?? UNKNOWN],
        ...[containerSize ?? UNKNOWN, lot ?? UNKNOWN, expiry ?? UNKNOWN, String(count)],
      ]),
    },
    ...(missing.length === 0 ? [] : [grave(`Missing, because nobody has told it: ${missing.join(', ')}.`)]),
    ...lines.flatMap(({ gtin, lot, serials }): ReportBlock[] =>
      serials.length === 0
        ? []
        : [
            {
              kind: 'items',
              title: `Serial numbers of ${gtin}, lot ${lot ?? UNKNOWN}`,
              items: serials.slice(0, MOST_SERIALS),
            },
            ...(serials.length > MOST_SERIALS
              ? [
                  quiet(
                    `The first ${MOST_SERIALS} of ${serials.length}; all of them are in report.json inside this document.`,
                  ),
                ]
              : []),
          ],
    ),
    { kind: 'heading', text: 'Transaction statement' },
    ...(statement === null
      ? [quiet('Stated by whoever transferred ownership, not by the issuer of this document.')]
      : [
          { kind: 'text', text: `${STATEMENT_LEAD}, ${from.name ?? UNKNOWN},` } as const,
          ...statement.map((member, index) => ({ kind: 'text', text: `(${'ABCDEFG'[index]}) ${member}` }) as const),
        ]),
  ];
}
