import { csvLine, type TimeSource } from '../../domain/index.ts';
import {
  type GoodsOf,
  type MarketAssignments,
  type MarketElement,
  MarketReadiness,
  type Markets,
  type Transactions,
} from '../../partners/index.ts';
import type { Database, OrganisationStore } from '../../storage/index.ts';
import { packsAt } from '../../trace/index.ts';
import { formatTime, type MarketReadinessQuery, type MarketReadinessView } from '../api/index.ts';
import { readinessReport } from './report/readiness-report.ts';
import type { ReportIssuer } from './report/report-ledger.ts';

export interface ReadinessSources {
  readonly assignments: MarketAssignments;
  readonly database: Database;
  readonly issuer: ReportIssuer;
  readonly markets: Markets;
  readonly organisation: OrganisationStore;
  readonly time: TimeSource;
  readonly transactions: Transactions;
}

/** As the server and the command line give them. */
export function readinessRecords(sources: ReadinessSources): ReadinessRecords {
  const { database } = sources;
  const readiness = new MarketReadiness({ ...sources, packsAt: (site, most) => packsAt(database, site, most) });
  return new ReadinessRecords({ ...sources, readiness });
}

export interface ReadinessRecordsOptions {
  readonly issuer: ReportIssuer;
  readonly organisation: OrganisationStore;
  readonly readiness: MarketReadiness;
  readonly time: TimeSource;
}

const COLUMNS = ['market', 'version', 'day', 'epc', 'gtin', 'serial', 'lot', 'expiry', 'lacks', 'clauses'];

/** Whether goods are ready for a market, as it is given: JSON, CSV and PDF say the same. */
export class ReadinessRecords {
  readonly #options: ReadinessRecordsOptions;

  constructor(options: ReadinessRecordsOptions) {
    this.#options = options;
  }

  /** @throws {InputError} MARKET_UNKNOWN, SHIPMENT_UNKNOWN, PLACE_UNKNOWN, READINESS_TOO_MANY */
  async view(market: string, asked: MarketReadinessQuery): Promise<MarketReadinessView> {
    const { organisation, readiness, time } = this.#options;
    const found = await readiness.of(market, goodsOf(asked), asked.day);
    const { id, name, version, asOf, sources, notCovered, transaction } = found.market;
    const lacking = found.packs.filter(({ lacks }) => lacks.length > 0).length;
    const gaps = found.unlisted.length + found.elsewhere.length + (found.transaction ?? []).length;
    return {
      format: 'isotherm-market-readiness-1',
      ...{ issuedAt: formatTime(time.now()), issuer: (await organisation.get())?.name ?? null },
      ...{ market: id, marketName: name, version, asOf, day: found.day, subject: subjectOf(found.of) },
      asked: [...found.asked],
      toLookAt: [...found.toLookAt],
      sources: { ...sources },
      ...{ packs: found.packs.length, lacking },
      isLacking: lacking + gaps > 0,
      transaction:
        found.transaction === null || transaction === null
          ? null
          : { source: transaction.source, clause: transaction.clause, missing: [...found.transaction] },
      unlisted: found.unlisted.map((one) => ({ ...one })),
      elsewhere: found.elsewhere.map((one) => ({ ...one })),
      items: found.packs
        .filter(({ lacks }) => asked.items === 'all' || lacks.length > 0)
        .map(({ lacks, ...pack }) => ({ ...pack, lacks: lacks.flatMap((index) => lackOf(found.asked[index])) })),
      notCovered: [...notCovered],
    };
  }

  csv({ market, version, day, items }: MarketReadinessView): string {
    const rows = items.map(({ epc, gtin, serial, lot, expiry, lacks }) =>
      csvLine([
        ...[market, version, day, epc, gtin, serial, lot, expiry],
        ...[lacks.map(({ name }) => name).join('; '), lacks.map(({ clause }) => clause).join('; ')],
      ]),
    );
    return [csvLine(COLUMNS), ...rows].join('');
  }

  pdf(view: MarketReadinessView): Promise<Buffer> {
    return this.#options.issuer.issue({
      about: `readiness:${view.market} ${view.subject}`,
      facts: { causes: [], subjects: [] },
      write: (ledger) => readinessReport(view, ledger),
    });
  }
}

function goodsOf({ shipment, site }: MarketReadinessQuery): GoodsOf {
  // The query has one of both.
  return shipment === undefined ? { site: site ?? '' } : { shipment };
}

function subjectOf(of: GoodsOf): string {
  return 'shipment' in of ? `shipment:${of.shipment}` : of.site;
}

function lackOf(element: MarketElement | undefined) {
  if (element === undefined) return [];
  const { ai, name, source, clause } = element;
  return [{ ai: ai ?? '', name, source, clause }];
}
