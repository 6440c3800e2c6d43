import { type AuditTrail, InputError, type Origination, type Outgoing, type TimeSource } from '../../domain/index.ts';
import { Partners } from '../../partners/index.ts';
import {
  type Database,
  type InstallationKey,
  type LedgerIssuer,
  OrganisationStore,
  type SigningKey,
} from '../../storage/index.ts';
import { TraceQueries } from '../../trace/index.ts';
import { type TransactionQueryInput, transactionQuery } from '../api/index.ts';
import { parsed } from './problems.ts';
import { recordDesk } from './record-desk.ts';
import { ReportIssuer } from './report/report-ledger.ts';
import type { TransactionRecords } from './transaction-records.ts';

export interface GivenRecordSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly ledger: LedgerIssuer;
  readonly outgoing: Outgoing;
  readonly signingKey: () => Promise<SigningKey>;
  readonly time: TimeSource;
}

export const RECORD_FORMATS = ['json', 'jws', 'epcis', 'pdf'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/**
 * A transaction record as the command line gives it out; in whichever form, that stands in the audit trail with its hash.
 * @param asked as `GET /transactions` takes it, by name
 * @throws {InputError} FORMAT_BAD, QUERY_INVALID, EPC_BAD, TRANSACTIONS_TOO_MANY, EPCIS_TOO_MANY
 */
export async function givenRecord(
  sources: GivenRecordSources,
  {
    asked,
    format,
    by,
  }: { readonly asked: Readonly<Record<string, string | undefined>>; format: string; by: Origination },
): Promise<Uint8Array> {
  if (!isFormat(format))
    throw new InputError('FORMAT_BAD', `--format: given "${format}", allowed: ${RECORD_FORMATS.join(', ')}`);
  const query = parsed(transactionQuery, asked, 'QUERY_INVALID');
  const { transactionRecords } = recordDesk({
    ...sources,
    issuer: new ReportIssuer({ mark: null, ledger: sources.ledger }),
    organisation: new OrganisationStore(sources),
    partners: new Partners(sources),
    trace: new TraceQueries(sources),
  });
  // It notes by itself that it was given.
  if (format === 'jws') return Buffer.from(await transactionRecords.signed(query, by));
  const content = await contentOf(transactionRecords, query, format);
  await transactionRecords.given(query, content, format, by);
  return content;
}

async function contentOf(
  records: TransactionRecords,
  query: TransactionQueryInput,
  format: Exclude<RecordFormat, 'jws'>,
): Promise<Uint8Array> {
  const lines = (document: object) => Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
  switch (format) {
    case 'json':
      return lines(await records.record(query));
    case 'epcis':
      return lines(await records.epcis(query));
    case 'pdf':
      return records.pdf(query);
  }
}

function isFormat(given: string): given is RecordFormat {
  return RECORD_FORMATS.some((format) => format === given);
}
