import { InputError } from '../../domain/index.ts';
import { MarketAssignments, Markets, Partners } from '../../partners/index.ts';
import { OrganisationStore } from '../../storage/index.ts';
import { TraceQueries } from '../../trace/index.ts';
import { marketReadinessQuery } from '../api/index.ts';
import type { GivenRecordSources } from './given-records.ts';
import { parsed } from './problems.ts';
import { type ReadinessRecords, readinessRecords } from './readiness-records.ts';
import { recordDesk } from './record-desk.ts';
import { ReportIssuer } from './report/report-ledger.ts';

const FORMATS = ['json', 'csv', 'pdf'] as const;

/**
 * Whether goods are ready for a market, as the command line gives it out.
 * @param asked as `GET /markets/{id}/readiness` takes it, by name
 * @throws {InputError} FORMAT_BAD, QUERY_INVALID, MARKET_UNKNOWN, SHIPMENT_UNKNOWN, PLACE_UNKNOWN, READINESS_TOO_MANY
 */
export async function givenReadiness(
  sources: GivenRecordSources,
  {
    market,
    asked,
    format,
  }: {
    readonly market: string;
    readonly asked: Readonly<Record<string, string | undefined>>;
    readonly format: string;
  },
): Promise<Uint8Array> {
  const as = FORMATS.find((one) => one === format);
  if (as === undefined)
    throw new InputError('FORMAT_BAD', `--format: given "${format}", allowed: ${FORMATS.join(', ')}`);
  const query = parsed(marketReadinessQuery, { ...asked, as }, 'QUERY_INVALID');
  const records = recordsOf(sources);
  const view = await records.view(market, query);
  if (as === 'pdf') return records.pdf(view);
  return Buffer.from(as === 'csv' ? records.csv(view) : `${JSON.stringify(view, null, 1)}\n`);
}

function recordsOf(sources: GivenRecordSources): ReadinessRecords {
  const issuer = new ReportIssuer({ mark: null, ledger: sources.ledger });
  const organisation = new OrganisationStore(sources);
  const trace = new TraceQueries(sources);
  const { transactions } = recordDesk({ ...sources, issuer, organisation, partners: new Partners(sources), trace });
  const markets = new Markets();
  const assignments = new MarketAssignments({ ...sources, markets });
  return readinessRecords({ ...sources, assignments, issuer, markets, organisation, transactions });
}
