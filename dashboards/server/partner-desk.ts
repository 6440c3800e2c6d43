import type { AuditTrail, Logger, Meter, Outgoing, TimeSource } from '../../domain/index.ts';
import {
  ConnectionTests,
  ExceptionLinks,
  Exceptions,
  type ExceptionTeller,
  HeldGoods,
  MarketAssignments,
  Markets,
  MarketWatch,
  PartnerClaims,
  PartnerFiles,
  PartnerQuotas,
  Partners,
  type ProductLabels,
  type Tellings,
  type Transactions,
} from '../../partners/index.ts';
import type { Database, InstallationKey, OrganisationStore, SigningKey } from '../../storage/index.ts';
import { EpcisQueries, eventContent, statedStatuses, type TraceQueries } from '../../trace/index.ts';
import { ExceptionDrafts } from './exception-drafts.ts';
import { exceptionTelling } from './exception-telling.ts';
import type { FactCommands } from './fact-commands.ts';
import { PartnerIntake, type PartnerIntakeOptions } from './partner-intake.ts';
import { type ReadinessRecords, readinessRecords } from './readiness-records.ts';
import { recordDesk } from './record-desk.ts';
import type { ReportIssuer } from './report/report-ledger.ts';
import { Lane } from './shipment-commands.ts';
import type { TransactionRecords } from './transaction-records.ts';

export interface PartnerDeskSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly factCommands: FactCommands;
  readonly issuer: ReportIssuer;
  /** Seals secrets of partners. */
  readonly key: InstallationKey;
  /** Decisions on one shipment, one after another. */
  readonly lane: Lane;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly organisation: OrganisationStore;
  readonly openCases: PartnerIntakeOptions['openCases'];
  /** Judges addresses of partners before anything is sent there. */
  readonly outgoing: Outgoing;
  readonly signingKey: () => Promise<SigningKey>;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** The companies beside us: what is agreed with each, what goes to and fro, and what is wrong between us. */
export interface PartnerDesk {
  readonly connectionTests: ConnectionTests;
  readonly exceptionDrafts: ExceptionDrafts;
  readonly exceptionLinks: ExceptionLinks;
  readonly exceptions: Exceptions;
  readonly marketAssignments: MarketAssignments;
  readonly markets: Markets;
  readonly marketWatch: MarketWatch;
  readonly exceptionTeller: ExceptionTeller;
  readonly tellings: Tellings;
  readonly partnerFiles: PartnerFiles;
  readonly partnerIntake: PartnerIntake;
  readonly partnerQuotas: PartnerQuotas;
  readonly partners: Partners;
  readonly productLabels: ProductLabels;
  readonly readinessRecords: ReadinessRecords;
  readonly transactionRecords: TransactionRecords;
  readonly transactions: Transactions;
}

export function partnerDesk(sources: PartnerDeskSources): PartnerDesk {
  const { database, factCommands, lane, time, trace } = sources;
  const partners = new Partners(sources);
  const partnerQuotas = new PartnerQuotas(sources);
  const partnerFiles = new PartnerFiles({ ...sources, quotas: partnerQuotas });
  const exceptions = new Exceptions({ ...sources, partners });
  const { productLabels, transactionRecords, transactions } = recordDesk({ ...sources, partners });
  const markets = new Markets();
  const marketAssignments = new MarketAssignments({ ...sources, markets });
  const marketWatch = new MarketWatch({ database, time, transactions, markets, assignments: marketAssignments });
  return {
    ...{ marketAssignments, markets },
    marketWatch,
    readinessRecords: readinessRecords({ ...sources, assignments: marketAssignments, markets, transactions }),
    exceptionDrafts: new ExceptionDrafts({ files: partnerFiles, marketWatch, trace, transactions }),
    ...{ partnerFiles, partnerQuotas, partners, productLabels, transactions },
    connectionTests: new ConnectionTests({ ...sources, partners }),
    exceptionLinks: new ExceptionLinks(sources),
    ...exceptionTelling({ ...sources, exceptions, partners }),
    partnerIntake: new PartnerIntake({
      claims: new PartnerClaims({
        database,
        gln: async () => (await sources.organisation.get())?.gln ?? null,
        contentOf: eventContent,
        held: new HeldGoods({
          database,
          settled: () => factCommands.settled(),
          statusesIn: statedStatuses,
          placesOf: (epcs) => trace.whereabouts(epcs),
        }),
      }),
      openCases: sources.openCases,
      ...{ factCommands, files: partnerFiles, lane, fileLane: new Lane(database), time, trace },
      epcisQueries: new EpcisQueries({ database }),
    }),
    transactionRecords,
  };
}
