import type { AuditTrail, TimeSource } from '../../domain/index.ts';
import { type Partners, ProductLabels, Transactions } from '../../partners/index.ts';
import type { Database, OrganisationStore, SigningKey } from '../../storage/index.ts';
import { EpcisQueries, type TraceQueries } from '../../trace/index.ts';
import type { ReportIssuer } from './report/report-ledger.ts';
import { TransactionRecords } from './transaction-records.ts';

export interface RecordDeskSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly issuer: ReportIssuer;
  readonly organisation: OrganisationStore;
  readonly partners: Partners;
  readonly signingKey: () => Promise<SigningKey>;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** Transaction records as they are given, by the server and by the command line. */
export interface RecordDesk {
  readonly productLabels: ProductLabels;
  readonly transactionRecords: TransactionRecords;
  readonly transactions: Transactions;
}

export function recordDesk(sources: RecordDeskSources): RecordDesk {
  const { database, trace } = sources;
  const productLabels = new ProductLabels(sources);
  const transactions = new Transactions({
    ...{ ...sources, labels: productLabels },
    productNames: async (gtins) => new Map((await trace.productsOf(gtins)).map(({ gtin, name }) => [gtin, name])),
  });
  const events = new EpcisQueries({ database });
  return {
    productLabels,
    transactions,
    transactionRecords: new TransactionRecords({ ...sources, events, transactions }),
  };
}
