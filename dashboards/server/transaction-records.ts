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
import { type EpcisQueries, queryDocument, type TraceQueries } from '../../trace/index.ts';
import {
  formatTime,
  type TransactionQueryInput,
  type TransactionRecordView,
  type TransactionView,
} from '../api/index.ts';
import type { ReportIssuer } from './report/report-ledger.ts';
import { serialsOf } from './report/shipment-serials.ts';
import { transactionReport } from './report/transaction-report.ts';

/** The `typ` of signed records. */
const TYPE = 'isotherm-transaction-record+jws';

/** Of one record. */
const MOST_EVENTS = 50_000;

export interface TransactionRecordsOptions {
  readonly events: Pick<EpcisQueries, 'about'>;
  readonly issuer: ReportIssuer;
  readonly organisation: OrganisationStore;
  readonly signingKey: () => Promise<SigningKey>;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
  readonly transactions: Transactions;
}

/** Transaction records as they are given: JSON, signed JSON and PDF say the same, EPCIS what they follow from. */
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

  /**
   * The events of the goods and of what they stand in, dated by the newest: the same events are the same document.
   * @throws {InputError} EPC_BAD, TRANSACTIONS_TOO_MANY, EPCIS_TOO_MANY
   */
  async epcis(asked: TransactionQueryInput): Promise<object> {
    const { events, trace } = this.#options;
    const { items } = await this.record({ ...asked, serials: 'true' });
    const things = new Set<string>();
    for (const { shipment, lines } of items) {
      const listed = new Set(lines.flatMap(({ gtin, serials }) => serials.map((serial) => `${gtin} ${serial}`)));
      const goods = (await serialsOf(trace, shipment)).filter(({ gtin, serial }) => listed.has(`${gtin} ${serial}`));
      for (const { epc, unit } of goods) things.add(epc).add(unit ?? epc);
    }
    const found = await events.about([...things], MOST_EVENTS);
    return queryDocument(found, { now: found.reduce((last, { recordTime }) => Math.max(last, recordTime), 0) });
  }

  async pdf(asked: TransactionQueryInput): Promise<Buffer> {
    const record = await this.record(asked);
    return this.#options.issuer.issue({
      about: `transactions:${aboutOf(asked)}`,
      facts: { causes: [], subjects: [] },
      write: (ledger) => transactionReport(record, { ledger, asked: aboutOf(asked) }),
    });
  }

  /** That a record went out in another form than `signed`, in the audit trail with its hash. */
  async given(asked: TransactionQueryInput, content: Uint8Array, format: string, by: Origination): Promise<void> {
    await this.#options.transactions.recordGiven(aboutOf(asked), { sha256: sha256(content), format }, by);
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

function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
