import { createHash } from 'node:crypto';
import { gtin14 } from '../../codecs/epc/index.ts';
import { InputError, type Origination, type TimeSource } from '../../domain/index.ts';
import {
  OWN_PARTY,
  TRANSACTION_STATEMENT,
  type Transaction,
  type TransactionQuery,
  type Transactions,
} from '../../partners/index.ts';
import type { OrganisationStore, SigningKey } from '../../storage/index.ts';
import {
  formatTime,
  type TransactionQueryInput,
  type TransactionRecordView,
  type TransactionView,
} from '../api/index.ts';
import type { ReportIssuer } from './report/report-ledger.ts';
import { transactionReport } from './report/transaction-report.ts';

/** The `typ` of signed records. */
const TYPE = 'isotherm-transaction-record+jws';

export interface TransactionRecordsOptions {
  readonly issuer: ReportIssuer;
  readonly organisation: OrganisationStore;
  readonly signingKey: () => Promise<SigningKey>;
  readonly time: TimeSource;
  readonly transactions: Transactions;
}

/** Transaction records as they are given: JSON, signed JSON and PDF say the same. */
export class TransactionRecords {
  readonly #options: TransactionRecordsOptions;

  constructor(options: TransactionRecordsOptions) {
    this.#options = options;
  }

  /** @param of only what went to or came from these GLNs; null: all @throws {InputError} EPC_BAD, TRANSACTIONS_TOO_MANY */
  async record(asked: TransactionQueryInput, of: readonly string[] | null = null): Promise<TransactionRecordView> {
    const { organisation, time, transactions } = this.#options;
    const found = await transactions.find(queryOf(asked), { withSerials: asked.serials === 'true', of });
    const own = await organisation.get();
    const items = found.map(viewOf);
    return {
      format: 'isotherm-transaction-record-1',
      issuedAt: formatTime(time.now()),
      issuer: { partner: OWN_PARTY, gln: own?.gln ?? null, name: own?.name ?? null, address: own?.address ?? null },
      serials: items.flatMap(({ lines }) => lines).reduce((sum, { count }) => sum + count, 0),
      items,
    };
  }

  /** A compact JWS; that it was given stands in the audit trail with its hash. */
  async signed(asked: TransactionQueryInput, by: Origination, of: readonly string[] | null = null): Promise<string> {
    const record = await this.record(asked, of);
    const key = (await this.#options.signingKey()).forDocuments();
    const jws = key.jws(JSON.stringify(record), TYPE);
    await this.#options.transactions.recordGiven(aboutOf(asked), { sha256: sha256(jws), format: 'jws' }, by);
    return jws;
  }

  async pdf(asked: TransactionQueryInput): Promise<Buffer> {
    const record = await this.record(asked);
    return this.#options.issuer.issue({
      about: `transactions:${aboutOf(asked)}`,
      facts: { causes: [], subjects: [] },
      write: (ledger) => transactionReport(record, { ledger, asked: aboutOf(asked) }),
    });
  }

  async keys() {
    const key = (await this.#options.signingKey()).forDocuments().jwk();
    return { keys: [{ ...key, use: 'sig' as const, alg: 'EdDSA' as const }] };
  }
}

function queryOf({ gtin, serial, lot, shipment, from, to }: TransactionQueryInput): TransactionQuery {
  if (shipment !== undefined) return { shipment };
  if (from !== undefined && to !== undefined) {
    if (to > from) return { period: { from, to } };
    const message = 'to: expected a time after from';
    throw new InputError('QUERY_INVALID', message, { errors: [{ path: 'to', message }] });
  }
  const product = gtin14(gtin ?? '');
  return serial === undefined ? { lot: { gtin: product, lot: lot ?? '' } } : { serial: { gtin: product, serial } };
}

/** What was asked for, in a line. */
function aboutOf({ gtin, serial, lot, shipment, from, to }: TransactionQueryInput): string {
  if (shipment !== undefined) return `shipment ${shipment}`;
  if (serial !== undefined) return `serial ${serial} of ${gtin}`;
  if (lot !== undefined) return `lot ${lot} of ${gtin}`;
  return `${formatTime(from ?? 0)} to ${formatTime(to ?? 0)}`;
}

function viewOf({ lines, from, to, missing, ...transaction }: Transaction): TransactionView {
  return {
    ...transaction,
    ...{ from: { ...from }, to: { ...to }, missing: [...missing] },
    lines: lines.map(({ serials, ...line }) => ({ ...line, serials: [...serials] })),
    statement: from.partner === OWN_PARTY ? [...TRANSACTION_STATEMENT] : null,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
